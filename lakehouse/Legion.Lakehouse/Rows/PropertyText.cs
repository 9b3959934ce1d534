using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Legion.Format;

namespace Legion.Lakehouse;

/// <summary>Properties and arguments as JSON text with sorted keys. Where a key occurs twice, the later value counts.</summary>
public static class PropertyText
{
    /// <summary>An object without members.</summary>
    public const string Empty = "{}";

    static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static string Of(IEnumerable<Property> properties)
    {
        SortedDictionary<string, Value>? sorted = null;
        foreach (var (key, value) in properties) (sorted ??= new(StringComparer.Ordinal))[key] = value;
        if (sorted is null) return Empty;
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            foreach (var (key, value) in sorted)
            {
                json.WritePropertyName(key);
                Write(json, value);
            }
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Values as a JSON array.</summary>
    public static string Array(IReadOnlyList<Value> values)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartArray();
            foreach (var value in values) Write(json, value);
            json.WriteEndArray();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Numbers that JSON lacks become the strings NaN, Infinity and -Infinity; bytes become base64.</summary>
    static void Write(Utf8JsonWriter json, Value value)
    {
        switch (value.Tag)
        {
            case ValueTag.Bool: json.WriteBooleanValue(value.AsBool); break;
            case ValueTag.I64: json.WriteNumberValue(value.AsI64); break;
            case ValueTag.U64: json.WriteNumberValue(value.AsU64); break;
            case ValueTag.F64 when double.IsFinite(value.AsF64): json.WriteNumberValue(value.AsF64); break;
            case ValueTag.F64: json.WriteStringValue(value.ToString()); break;
            case ValueTag.String: json.WriteStringValue(value.AsString); break;
            case ValueTag.Bytes: json.WriteBase64StringValue(value.AsBytes); break;
            default: json.WriteNullValue(); break;
        }
    }
}

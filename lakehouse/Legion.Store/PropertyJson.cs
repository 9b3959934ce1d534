using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Legion.Format;

namespace Legion.Store;

/// <summary>
/// Properties as JSON text with sorted keys, as the catalog and every view store them.
/// Of a key that occurs twice the later value counts. Bytes become base64; numbers that JSON lacks become strings (<c>"NaN"</c>, <c>"Infinity"</c>, <c>"-Infinity"</c>).
/// </summary>
public static class PropertyJson
{
    /// <summary>Text stays readable in SQL; whoever writes it into a page escapes it there.</summary>
    static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The text of no properties.</summary>
    public const string Empty = "{}";

    public static string Of(IEnumerable<Property> properties)
    {
        SortedDictionary<string, Value>? sorted = null;
        foreach (var (key, value) in properties) (sorted ??= new(StringComparer.Ordinal))[key] = value;
        return sorted is null ? Empty : Write(json =>
        {
            json.WriteStartObject();
            foreach (var (key, value) in sorted)
            {
                json.WritePropertyName(key);
                WriteValue(json, value);
            }
            json.WriteEndObject();
        });
    }

    /// <summary>A JSON array of strings.</summary>
    public static string Of(IReadOnlyList<string> texts) => texts.Count == 0 ? "[]" : Write(json =>
    {
        json.WriteStartArray();
        foreach (var text in texts) json.WriteStringValue(text);
        json.WriteEndArray();
    });

    /// <summary>A JSON array of values.</summary>
    public static string Of(IReadOnlyList<Value> values) => Write(json =>
    {
        json.WriteStartArray();
        foreach (var value in values) WriteValue(json, value);
        json.WriteEndArray();
    });

    public static void WriteValue(Utf8JsonWriter json, Value value)
    {
        switch (value.Tag)
        {
            case ValueTag.Bool: json.WriteBooleanValue(value.AsBool); break;
            case ValueTag.I64: json.WriteNumberValue(value.AsI64); break;
            case ValueTag.U64: json.WriteNumberValue(value.AsU64); break;
            case ValueTag.F64 when double.IsFinite(value.AsF64): json.WriteNumberValue(value.AsF64); break;
            case ValueTag.F64: json.WriteStringValue(double.IsNaN(value.AsF64) ? "NaN" : value.AsF64 > 0 ? "Infinity" : "-Infinity"); break;
            case ValueTag.String: json.WriteStringValue(value.AsString); break;
            case ValueTag.Bytes: json.WriteBase64StringValue(value.AsBytes); break;
            default: json.WriteNullValue(); break;
        }
    }

    static string Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options)) write(json);
        return System.Text.Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}

using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Legion.Format;
using Legion.Store;

namespace Legion.Lakehouse.OpenTelemetry;

/// <summary>
/// Attributes as the properties of a row: JSON text with sorted keys, as <see cref="PropertyJson"/> writes it, with arrays and objects where attributes have them.
/// Of a key that occurs twice the later value counts. Not for several threads at once.
/// </summary>
sealed class AttributeJson
{
    static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    readonly ArrayBufferWriter<byte> bytes = new();
    readonly SortedDictionary<string, object?> sorted = new(StringComparer.Ordinal);

    /// <param name="more">Set beside the attributes, and before one of the same name.</param>
    public string Of(IEnumerable<KeyValue> attributes, params ReadOnlySpan<Property> more)
    {
        sorted.Clear();
        foreach (var attribute in attributes) sorted[attribute.Key] = attribute.Value;
        foreach (var (key, value) in more)
            if (value.Tag != ValueTag.Null) sorted[key] = value;
        return sorted.Count == 0 ? PropertyJson.Empty : Write(json =>
        {
            json.WriteStartObject();
            foreach (var (key, value) in sorted)
            {
                json.WritePropertyName(key);
                if (value is Value own) PropertyJson.WriteValue(json, own);
                else WriteValue(json, (AnyValue?)value);
            }
            json.WriteEndObject();
        });
    }

    /// <summary>JSON text that <paramref name="write"/> writes.</summary>
    public string Write(Action<Utf8JsonWriter> write)
    {
        bytes.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(bytes, Options)) write(json);
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    /// <summary>A scalar as it is, anything else as JSON text.</summary>
    public static Value ValueOf(AnyValue? value) => value?.ValueCase switch
    {
        AnyValue.ValueOneofCase.StringValue => value.StringValue,
        AnyValue.ValueOneofCase.BoolValue => value.BoolValue,
        AnyValue.ValueOneofCase.IntValue => value.IntValue,
        AnyValue.ValueOneofCase.DoubleValue => value.DoubleValue,
        AnyValue.ValueOneofCase.BytesValue => Value.Of(value.BytesValue.ToByteArray()),
        AnyValue.ValueOneofCase.ArrayValue or AnyValue.ValueOneofCase.KvlistValue => new AttributeJson().Write(json => WriteValue(json, value)),
        _ => Value.Null,
    };

    /// <summary>The text of an attribute; null where there is none of this name that is text.</summary>
    public static string? Text(IEnumerable<KeyValue> attributes, string key) =>
        attributes.LastOrDefault(attribute => attribute.Key == key)?.Value is { ValueCase: AnyValue.ValueOneofCase.StringValue } value ? value.StringValue : null;

    public static void WriteObject(Utf8JsonWriter json, IEnumerable<KeyValue> attributes)
    {
        json.WriteStartObject();
        foreach (var group in attributes.GroupBy(attribute => attribute.Key, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            json.WritePropertyName(group.Key);
            WriteValue(json, group.Last().Value);
        }
        json.WriteEndObject();
    }

    static void WriteValue(Utf8JsonWriter json, AnyValue? value)
    {
        switch (value?.ValueCase)
        {
            case AnyValue.ValueOneofCase.ArrayValue:
                json.WriteStartArray();
                foreach (var element in value.ArrayValue.Values) WriteValue(json, element);
                json.WriteEndArray();
                break;
            case AnyValue.ValueOneofCase.KvlistValue: WriteObject(json, value.KvlistValue.Values); break;
            default: PropertyJson.WriteValue(json, ValueOf(value)); break;
        }
    }
}

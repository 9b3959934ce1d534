using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Legion.Format;
using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>
/// Any event as a JSON object, without knowing its type: the fields of its schema by name, sorted. Ticks are nanoseconds UTC, their differences nanoseconds,
/// references what they refer to (null where there is none), bytes base64, enums the names of their values.
/// </summary>
sealed class EventJson
{
    /// <summary>Text stays readable in SQL; whoever writes it into a page escapes it there.</summary>
    static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    readonly ArrayBufferWriter<byte> buffer = new();
    readonly Dictionary<EventType, Field[]> sorted = [];

    /// <exception cref="InvalidDataException">A field points out of the event or its block.</exception>
    public string Of(Block block, in EventRecord record)
    {
        if (!sorted.TryGetValue(record.Type, out var fields)) sorted.Add(record.Type, fields = [.. record.Type.Fields.OrderBy(field => field.Name, StringComparer.Ordinal)]);
        var tick = record.Type.FindRole(FieldRole.Time)?.ReadU64(record.Body) ?? block.Header.FirstTick;
        buffer.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            foreach (var field in fields)
            {
                json.WritePropertyName(field.Name);
                Write(json, block, field, record.Body, tick);
            }
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    static void Write(Utf8JsonWriter json, Block block, Field field, ReadOnlySpan<byte> body, ulong tick)
    {
        var dependencies = block.Dependencies;
        switch (field.Type)
        {
            case FieldType.U8 or FieldType.U16 or FieldType.U32 or FieldType.U64: json.WriteNumberValue(field.ReadU64(body)); break;
            case FieldType.I8 or FieldType.I16 or FieldType.I32 or FieldType.I64: json.WriteNumberValue(field.ReadI64(body)); break;
            case FieldType.F32 or FieldType.F64: PropertyJson.WriteValue(json, Value.Of(field.ReadF64(body))); break;
            case FieldType.Bool: json.WriteBooleanValue(field.ReadU64(body) != 0); break;
            case FieldType.Tick: json.WriteNumberValue(block.Header.Clock.Ns(field.ReadU64(body))); break;
            case FieldType.TickDelta: json.WriteNumberValue(block.Header.Clock.DurationNs(field.ReadI64(body), tick)); break;
            case FieldType.Enum: json.WriteStringValue(EnumText(field, field.ReadU64(body))); break;
            case FieldType.String: json.WriteStringValue(field.ReadString(body)); break;
            case FieldType.Bytes or FieldType.FixedBytes: json.WriteBase64StringValue(field.ReadBytes(body)); break;
            case FieldType.Array: json.WriteRawValue(FieldColumns.ArrayText(field, body)); break;
            case FieldType.Values: json.WriteRawValue(PropertyJson.Of(field.ReadValues(body))); break;
            case FieldType.Properties: json.WriteRawValue(PropertyJson.Of(field.ReadProperties(body))); break;
            case FieldType.PropertySetReference: WriteRaw(json, dependencies.PropertySet(field.ReadReference(body)) is { } set ? PropertyJson.Of(set) : null); break;
            case FieldType.StringReference: json.WriteStringValue(dependencies.String(field.ReadReference(body))); break;
            case FieldType.TemplateReference: json.WriteStringValue(dependencies.Template(field.ReadReference(body))?.Text); break;
            case FieldType.SiteReference: WriteSite(json, dependencies.Site(field.ReadReference(body))); break;
            default: throw new InvalidDataException($"field {field.Name}: expected a type up to {(int)FieldType.PropertySetReference}, saw {(int)field.Type}");
        }
    }

    static void WriteRaw(Utf8JsonWriter json, string? text)
    {
        if (text is null) json.WriteNullValue();
        else json.WriteRawValue(text);
    }

    static void WriteSite(Utf8JsonWriter json, Site? site)
    {
        if (site is null)
        {
            json.WriteNullValue();
            return;
        }
        json.WriteStartObject();
        json.WriteString("file", site.File);
        json.WriteNumber("line", site.Line);
        json.WriteString("name", site.Name);
        json.WriteString("target", site.Target);
        json.WriteEndObject();
    }

    static string EnumText(Field field, ulong number) => FieldColumns.EnumNames(field).GetValueOrDefault(number) ?? number.ToString(CultureInfo.InvariantCulture);
}

using System.Collections;
using System.Globalization;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Legion.Lakehouse.OpenTelemetry;

/// <summary>
/// OTLP in JSON (OTLP, "JSON Protobuf Encoding"): keys in lowerCamelCase, ids of traces and spans in hexadecimal digits, other bytes in base64,
/// enums as numbers, integers of 64 bits as numbers or strings. Keys that the messages do not list are passed over.
/// </summary>
static class OtlpJson
{
    static readonly JsonReaderOptions Options = new() { MaxDepth = 2 * MessageCount.MostDepth };

    /// <summary>Fills a request.</summary>
    /// <exception cref="InvalidDataException">The text is no such request.</exception>
    public static IMessage Read(IMessage request, ReadOnlySpan<byte> utf8)
    {
        var json = new Utf8JsonReader(utf8, Options);
        var left = MessageCount.Most;
        try
        {
            if (!json.Read()) throw new InvalidDataException("expected a JSON object, saw nothing");
            ReadMessage(ref json, request, ref left);
            if (json.Read()) throw new InvalidDataException($"expected the end behind the request, saw {json.TokenType}");
            return request;
        }
        catch (Exception cause) when (cause is JsonException or FormatException or OverflowException or InvalidOperationException)
        {
            // A text with half a surrogate pair is an invalid operation to the reader.
            throw new InvalidDataException($"expected {request.Descriptor.Name} of OpenTelemetry in JSON: {cause.Message}", cause);
        }
    }

    static void ReadMessage(ref Utf8JsonReader json, IMessage message, ref int left)
    {
        if (--left < 0) throw new InvalidDataException($"expected at most {MessageCount.Most} messages in a request, saw more");
        Expect(in json, JsonTokenType.StartObject, message.Descriptor.Name);
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var field = FieldsByName.Of(message.Descriptor).GetValueOrDefault(json.GetString()!);
            json.Read();
            if (field is null)
            {
                json.Skip();
                continue;
            }
            if (json.TokenType == JsonTokenType.Null) continue;
            if (field.IsRepeated) ReadList(ref json, field, (IList)field.Accessor.GetValue(message), ref left);
            else field.Accessor.SetValue(message, ReadValue(ref json, field, ref left));
        }
    }

    static void ReadList(ref Utf8JsonReader json, FieldDescriptor field, IList values, ref int left)
    {
        Expect(in json, JsonTokenType.StartArray, field.JsonName);
        while (json.Read() && json.TokenType != JsonTokenType.EndArray) values.Add(ReadValue(ref json, field, ref left));
    }

    static object ReadValue(ref Utf8JsonReader json, FieldDescriptor field, ref int left)
    {
        switch (field.FieldType)
        {
            case FieldType.Message:
                var message = (IMessage)Activator.CreateInstance(field.MessageType.ClrType)!;
                ReadMessage(ref json, message, ref left);
                return message;
            case FieldType.String:
                Expect(in json, JsonTokenType.String, field.JsonName);
                return json.GetString()!;
            case FieldType.Bytes:
                Expect(in json, JsonTokenType.String, field.JsonName);
                return ByteString.CopyFrom(field.Name.EndsWith("_id", StringComparison.Ordinal) ? Convert.FromHexString(json.GetString()!) : json.GetBytesFromBase64());
            case FieldType.Bool: return json.GetBoolean();
            case FieldType.Double: return json.TokenType == JsonTokenType.String ? double.Parse(json.GetString()!, NumberStyles.Float, CultureInfo.InvariantCulture) : json.GetDouble();
            case FieldType.Fixed64 or FieldType.UInt64: return json.TokenType == JsonTokenType.String ? ulong.Parse(json.GetString()!, CultureInfo.InvariantCulture) : json.GetUInt64();
            case FieldType.SFixed64 or FieldType.Int64: return json.TokenType == JsonTokenType.String ? long.Parse(json.GetString()!, CultureInfo.InvariantCulture) : json.GetInt64();
            case FieldType.UInt32: return json.TokenType == JsonTokenType.String ? uint.Parse(json.GetString()!, CultureInfo.InvariantCulture) : json.GetUInt32();
            default: return json.TokenType == JsonTokenType.String ? int.Parse(json.GetString()!, CultureInfo.InvariantCulture) : json.GetInt32();
        }
    }

    static void Expect(in Utf8JsonReader json, JsonTokenType expected, string what)
    {
        if (json.TokenType != expected) throw new InvalidDataException($"{what}: expected {expected}, saw {json.TokenType} at byte {json.TokenStartIndex}");
    }

    /// <summary>The fields of each kind of message by their names in JSON.</summary>
    static class FieldsByName
    {
        static readonly Dictionary<MessageDescriptor, Dictionary<string, FieldDescriptor>> known =
            OtlpReflection.Descriptor.MessageTypes.ToDictionary(type => type, type => type.Fields.InDeclarationOrder().ToDictionary(field => field.JsonName, StringComparer.Ordinal));

        public static Dictionary<string, FieldDescriptor> Of(MessageDescriptor type) => known[type];
    }
}

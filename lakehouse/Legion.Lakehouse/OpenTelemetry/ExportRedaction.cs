using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Legion.Format;

namespace Legion.Lakehouse.OpenTelemetry;

/// <summary>
/// Drops or hashes attributes by their names wherever a request has some: of resources, scopes, spans, their events and links, logs, points and exemplars,
/// and in the bodies of logs. What the messages do not list must not be in them then, as nobody could look into it.
/// </summary>
static class ExportRedaction
{
    public static void Apply(Redaction redaction, IMessage message)
    {
        foreach (var field in message.Descriptor.Fields.InFieldNumberOrder())
        {
            if (field.FieldType != Google.Protobuf.Reflection.FieldType.Message) continue;
            switch (field.Accessor.GetValue(message))
            {
                case RepeatedField<KeyValue> attributes: Apply(redaction, attributes); break;
                case IList many:
                    foreach (IMessage one in many) Apply(redaction, one);
                    break;
                case IMessage one: Apply(redaction, one); break;
            }
        }
    }

    static void Apply(Redaction redaction, RepeatedField<KeyValue> attributes)
    {
        for (var i = attributes.Count - 1; i >= 0; i--)
        {
            switch (redaction.RuleOf(attributes[i].Key))
            {
                case RedactionRule.Drop: attributes.RemoveAt(i); break;
                case RedactionRule.Hash:
                    var hash = redaction.HashOf(AttributeJson.ValueOf(attributes[i].Value));
                    attributes[i].Value = hash.Tag == ValueTag.Null ? null : new AnyValue { StringValue = hash.AsString };
                    break;
                default: Apply(redaction, attributes[i]); break;
            }
        }
    }
}

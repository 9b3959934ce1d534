using System.Text;
using Google.Protobuf;
using Legion.Store;

namespace Legion.Lakehouse.OpenTelemetry;

/// <summary>
/// Looks for an attribute that is a subject's, wherever in bytes of protobuf it stands. It goes by the bytes and not by the messages they are known to be,
/// so that fields which these do not list are searched as well: whatever has a name and a value in the places where an attribute has them counts as one.
/// </summary>
sealed class AttributeSearch(IReadOnlyList<Subject> subjects)
{
    const int Name = 1, AttributeValue = 2;

    readonly (Subject Subject, byte[] Name)[] subjects = [.. subjects.Select(subject => (subject, Encoding.UTF8.GetBytes(subject.Property)))];

    public bool Finds(ReadOnlySpan<byte> message)
    {
        foreach (var (subject, name) in subjects)
            if (Finds(subject, name, message, MessageCount.MostDepth)) return true;
        return false;
    }

    static bool Finds(Subject subject, ReadOnlySpan<byte> name, ReadOnlySpan<byte> message, int depth)
    {
        // Names stand in protobuf as they are: most of what is searched is done with here.
        if (depth == 0 || message.IndexOf(name) < 0) return false;
        var (isNamed, hasValue) = (false, false);
        var fields = new FieldReader(message);
        while (fields.Next())
        {
            if (fields.Number == Name && fields.Value.SequenceEqual(name)) isNamed = true;
            else if (Finds(subject, name, fields.Value, depth - 1)) return true;
            hasValue |= fields.Number == AttributeValue;
        }
        return isNamed && hasValue && fields.Fault is null && HasValue(subject, message);
    }

    static bool HasValue(Subject subject, ReadOnlySpan<byte> attribute)
    {
        var fields = new FieldReader(attribute);
        while (fields.Next())
        {
            if (fields.Number != AttributeValue || fields.WireType != FieldReader.Sized) continue;
            try
            {
                if (Has(subject, AnyValue.Parser.ParseFrom(fields.Value))) return true;
            }
            catch (InvalidProtocolBufferException)
            {
                // No value, and so no attribute.
            }
        }
        return false;
    }

    /// <summary>By the text that a row's property would have, and of an array also by those of its elements.</summary>
    static bool Has(Subject subject, AnyValue value) =>
        subject.Matches(subject.Property, AttributeJson.ValueOf(value)) || value.ValueCase == AnyValue.ValueOneofCase.ArrayValue && value.ArrayValue.Values.Any(element => Has(subject, element));
}

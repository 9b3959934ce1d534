using System.Globalization;
using System.Text;
using Legion.Format;

namespace Legion.Lakehouse;

/// <summary>
/// A log's template, taken apart: text and holes <c>{name,alignment:format}</c>. Numbers are formatted with the
/// invariant culture; a format that does not fit its value is left out rather than failing the log.
/// </summary>
sealed class MessageTemplate
{
    readonly record struct Hole(string Name, int Alignment, string? Format);

    readonly List<(string Text, Hole? Hole)> parts = [];

    public MessageTemplate(string template)
    {
        var text = new StringBuilder();
        for (var i = 0; i < template.Length; i++)
        {
            var current = template[i];
            var doubled = i + 1 < template.Length && template[i + 1] == current;
            if (current is '{' or '}' && doubled)
            {
                text.Append(current);
                i++;
            }
            else if (current == '{' && template.IndexOf('}', i) is var end and > 0)
            {
                if (text.Length > 0) parts.Add((text.ToString(), null));
                text.Clear();
                parts.Add(("", Parse(template.AsSpan(i + 1, end - i - 1))));
                i = end;
            }
            else
            {
                text.Append(current);
            }
        }
        if (text.Length > 0) parts.Add((text.ToString(), null));
    }

    /// <summary>The text with the arguments filled in; a hole without one shows as it stands.</summary>
    public string Render(ReadOnlySpan<Value> arguments)
    {
        if (parts.Count == 1 && parts[0].Hole is null) return parts[0].Text;
        var message = new StringBuilder();
        var next = 0;
        foreach (var (text, hole) in parts)
        {
            if (hole is not { } known) message.Append(text);
            else if (next < arguments.Length) Append(message, known, arguments[next++]);
            else message.Append('{').Append(known.Name).Append('}');
        }
        return message.ToString();
    }

    /// <summary>Arguments by the names of their holes; those beyond the holes by their number.</summary>
    public IEnumerable<Property> Name(Value[] arguments)
    {
        var next = 0;
        foreach (var (_, hole) in parts)
            if (hole is { } known && next < arguments.Length) yield return new Property(known.Name, arguments[next++]);
        for (; next < arguments.Length; next++) yield return new Property(next.ToString(CultureInfo.InvariantCulture), arguments[next]);
    }

    static Hole Parse(ReadOnlySpan<char> inner)
    {
        string? format = null;
        if (inner.IndexOf(':') is var colon and >= 0)
        {
            format = inner[(colon + 1)..].ToString();
            inner = inner[..colon];
        }
        var alignment = 0;
        if (inner.LastIndexOf(',') is var comma and >= 0 && int.TryParse(inner[(comma + 1)..], NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out var parsed))
        {
            alignment = Math.Clamp(parsed, -1000, 1000);
            inner = inner[..comma];
        }
        return new Hole(inner.ToString(), alignment, format);
    }

    static void Append(StringBuilder message, Hole hole, Value value)
    {
        var text = Text(value, hole.Format);
        message.Append(hole.Alignment < 0 ? text.PadRight(-hole.Alignment) : text.PadLeft(hole.Alignment));
    }

    static string Text(Value value, string? format)
    {
        var invariant = CultureInfo.InvariantCulture;
        try
        {
            return value.Tag switch
            {
                ValueTag.I64 => value.AsI64.ToString(format, invariant),
                ValueTag.U64 => value.AsU64.ToString(format, invariant),
                ValueTag.F64 => value.AsF64.ToString(format, invariant),
                ValueTag.Bool => value.AsBool ? "True" : "False",
                ValueTag.String => value.AsString,
                ValueTag.Bytes => Convert.ToHexStringLower(value.AsBytes),
                _ => "",
            };
        }
        catch (FormatException)
        {
            return value.ToString();
        }
    }
}

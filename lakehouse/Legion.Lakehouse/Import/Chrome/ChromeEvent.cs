using System.Globalization;
using System.Text.Json;
using Legion.Format;

namespace Legion.Lakehouse.Import.Chrome;

/// <summary>What is read of an event, whatever its phase.</summary>
/// <param name="Ns">Nanoseconds on the trace's own clock.</param>
/// <param name="DurationNs">Of a complete event.</param>
/// <param name="Id">By which events of an async span, or of a flow, belong together; empty for none.</param>
readonly record struct ChromeEvent(char Phase, string Process, string Thread, long Ns, long DurationNs, string Name, string Category, string Id, JsonElement Arguments)
{
    /// <summary>146 years, so that sums of two fit.</summary>
    const long MostNs = long.MaxValue / 2;

    /// <exception cref="InvalidDataException">It is no event.</exception>
    public static ChromeEvent Read(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object) throw new InvalidDataException($"expected an event, saw {json.ValueKind}");
        var phase = TextOf(json, "ph") is [var only] ? only : throw new InvalidDataException($"expected an event with a phase of one letter, saw '{TextOf(json, "ph")}'");
        return new ChromeEvent(phase, TextOf(json, "pid"), TextOf(json, "tid"), phase == 'M' ? 0 : NsOf(json, "ts") ?? throw new InvalidDataException($"expected an event of phase {phase} with a time, saw none"),
            NsOf(json, "dur") ?? 0, TextOf(json, "name"), TextOf(json, "cat"), IdOf(json), json.TryGetProperty("args", out var arguments) ? arguments : default);
    }

    /// <summary>The arguments but for some.</summary>
    /// <param name="without">Names that are kept otherwise.</param>
    public IEnumerable<Property> Properties(Redaction redaction, params ReadOnlySpan<string> without)
    {
        if (Arguments.ValueKind != JsonValueKind.Object) return [];
        var properties = new List<Property>();
        foreach (var argument in Arguments.EnumerateObject())
        {
            if (without.Contains(argument.Name)) continue;
            // Where this command's own export puts them.
            if (argument is { Name: "properties", Value.ValueKind: JsonValueKind.Object })
                foreach (var one in argument.Value.EnumerateObject()) Add(one);
            else Add(argument);
        }
        return properties;

        void Add(JsonProperty one)
        {
            var value = ValueOf(one.Value);
            var rule = redaction.RuleOf(one.Name);
            if (rule != RedactionRule.Drop) properties.Add(new Property(one.Name, rule == RedactionRule.Hash ? redaction.HashOf(value) : value));
        }
    }

    /// <summary>A text argument; empty where there is none.</summary>
    public string Argument(string name) => Arguments.ValueKind == JsonValueKind.Object ? TextOf(Arguments, name) : "";

    public static string TextOf(JsonElement json, string name) => !json.TryGetProperty(name, out var value) ? "" : value.ValueKind == JsonValueKind.String ? value.GetString()! : value.ValueKind == JsonValueKind.Null ? "" : value.GetRawText();

    static string IdOf(JsonElement json)
    {
        if (TextOf(json, "id") is { Length: > 0 } id) return id;
        if (!json.TryGetProperty("id2", out var second) || second.ValueKind != JsonValueKind.Object) return "";
        return TextOf(second, "global") is { Length: > 0 } global ? global : TextOf(second, "local");
    }

    /// <summary>Microseconds, of which the format has fractions.</summary>
    static long? NsOf(JsonElement json, string name)
    {
        var text = TextOf(json, name);
        if (text.Length == 0) return null;
        if (!decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var microseconds) || Math.Abs(microseconds) > MostNs / 1000m)
            throw new InvalidDataException($"expected microseconds as {name}, saw '{text}'");
        return (long)Math.Round(microseconds * 1000, MidpointRounding.AwayFromZero);
    }

    static Value ValueOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.TryGetInt64(out var whole) ? Value.Of(whole) : Value.Of(value.GetDouble()),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Null => Value.Null,
        _ => value.GetRawText(),
    };
}

using System.Text.Json;

namespace Legion.Cli.Control;

/// <summary>Which processes are meant: one by its id, or all living ones of which a field or a property has a value.</summary>
sealed record ProcessFilter(Guid? ProcessId, string Property, string Value)
{
    /// <summary>A process that was not heard of for so long has died without anybody's notice.</summary>
    static readonly TimeSpan LongestSilence = TimeSpan.FromHours(1);

    /// <exception cref="CommandFailure">The text is neither.</exception>
    public static ProcessFilter Parse(string text)
    {
        if (Guid.TryParse(text, out var id)) return new ProcessFilter(id, "", "");
        var equals = text.IndexOf('=');
        if (equals <= 0 || text.AsSpan(0, equals).IsWhiteSpace())
            throw CommandFailure.Usage($"cannot find processes by '{text}': expected a process id, or \"property = value\" such as \"build = 1234\"");
        var value = text[(equals + 1)..].Trim();
        if (value.Length >= 2 && value[0] is '\'' or '"' && value[^1] == value[0]) value = value[1..^1];
        return new ProcessFilter(null, text[..equals].Trim(), value);
    }

    /// <summary>What the service is asked to look for; it may find more. JSON writes other characters in ways of its own.</summary>
    public string Search => Value.All(character => char.IsAsciiLetterOrDigit(character) || character is ' ' or '.' or '-' or '_' or '/') ? Value : "";

    /// <param name="process">A process as the service lists it.</param>
    public bool Matches(JsonElement process, DateTimeOffset now)
    {
        if (Text(process, "end_ns") is not null) return false;
        if (!long.TryParse(Text(process, "last_seen_ns"), out var lastSeenNs) || DateTimeOffset.UnixEpoch.AddTicks(lastSeenNs / 100) < now - LongestSilence) return false;
        return Text(process, Property) == Value || process.TryGetProperty("properties", out var properties) && Text(properties, Property) == Value;
    }

    static string? Text(JsonElement of, string name) => of.TryGetProperty(name, out var member)
        ? member.ValueKind switch
        {
            JsonValueKind.String => member.GetString(),
            JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => member.GetRawText(),
            _ => null,
        }
        : null;
}

using System.Globalization;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace Legion.Cli.Serving.Metrics;

/// <summary>Labels as Prometheus writes them, in a buffer of the caller's: a series that is known is found without allocating. What does not fit is left out.</summary>
ref struct LabelText(Span<char> buffer)
{
    public const int MostCharacters = 512;

    readonly Span<char> buffer = buffer;
    int length;

    public readonly ReadOnlySpan<char> Text => buffer[..length];

    public void Add(ReadOnlySpan<Tag> tags)
    {
        foreach (var (name, value) in tags)
        {
            var before = length;
            if (!(length == 0 || TryAdd(",")) || !TryAddName(name) || !TryAdd("=\"") || !TryAddValue(value) || !TryAdd("\"")) length = before;
        }
    }

    bool TryAddName(string name)
    {
        if (!TryAdd(name)) return false;
        foreach (ref var letter in buffer[(length - name.Length)..length])
            if (!char.IsAsciiLetterOrDigit(letter)) letter = '_';
        return true;
    }

    bool TryAddValue(object? value)
    {
        if (value is not string and ISpanFormattable number)
        {
            if (!number.TryFormat(buffer[length..], out var written, default, CultureInfo.InvariantCulture)) return false;
            length += written;
            return true;
        }
        foreach (var letter in value?.ToString() ?? "")
            if (!(letter switch { '\\' => TryAdd(@"\\"), '"' => TryAdd("\\\""), '\n' => TryAdd(@"\n"), _ => TryAdd([letter]) })) return false;
        return true;
    }

    bool TryAdd(scoped ReadOnlySpan<char> text)
    {
        if (!text.TryCopyTo(buffer[length..])) return false;
        length += text.Length;
        return true;
    }
}

using System.Globalization;

namespace Legion.Lakehouse;

/// <summary>Points in time as people write them: RFC 3339 (<c>2026-01-31T12:00:00Z</c>), relative (<c>now-15m</c>), or nanoseconds UTC.</summary>
public static class TimeText
{
    /// <summary>Nanoseconds UTC of the text.</summary>
    /// <param name="nowNs">What <c>now</c> means, nanoseconds UTC.</param>
    /// <exception cref="FormatException">The text is no time.</exception>
    public static long ParseNs(string text, long nowNs)
    {
        if (text == "now") return nowNs;
        if (text.StartsWith("now", StringComparison.Ordinal) && text.Length > 4 && text[3] is '-' or '+' && TryParseDurationNs(text.AsSpan(4), out var durationNs))
            return text[3] == '-' ? nowNs - durationNs : nowNs + durationNs;
        if (text.Length >= 16 && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var ns)) return ns;
        if (TryParseRfc3339(text, out ns)) return ns;
        throw new FormatException($"cannot read '{text}' as a time: expected RFC 3339 such as 2026-01-31T12:00:00Z, or relative such as now-15m (s, m, h, d)");
    }

    /// <summary>Reads <c>500ms</c>, <c>10s</c>, <c>15m</c>, <c>2h</c> or <c>7d</c>.</summary>
    public static bool TryParseDurationNs(ReadOnlySpan<char> text, out long ns)
    {
        var digits = text.IndexOfAnyExcept("0123456789.");
        ns = 0;
        if (digits <= 0 || !double.TryParse(text[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count)) return false;
        double? unitNs = text[digits..] switch { "ns" => 1, "us" => 1e3, "ms" => 1e6, "s" => 1e9, "m" => 60e9, "h" => 3600e9, "d" => 86400e9, _ => null };
        if (unitNs is null || count * unitNs.Value > long.MaxValue / 2) return false;
        ns = (long)(count * unitNs.Value);
        return true;
    }

    /// <summary>RFC 3339 in UTC with as many digits of the second as are not zero.</summary>
    public static string Format(long ns)
    {
        var (seconds, rest) = (Math.DivRem(ns, 1_000_000_000).Quotient, ns % 1_000_000_000);
        if (rest < 0) (seconds, rest) = (seconds - 1, rest + 1_000_000_000);
        var text = DateTime.UnixEpoch.AddSeconds(seconds).ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture);
        return rest == 0 ? text + "Z" : $"{text}.{rest.ToString("D9", CultureInfo.InvariantCulture).TrimEnd('0')}Z";
    }

    // .NET's own times end at 100 ns: the digits behind the second are read here.
    static bool TryParseRfc3339(string text, out long ns)
    {
        ns = 0;
        var fraction = 0L;
        var dot = text.IndexOf('.');
        if (dot > 0)
        {
            var end = dot + 1;
            while (end < text.Length && char.IsAsciiDigit(text[end])) end++;
            if (end == dot + 1 || end - dot - 1 > 9) return false;
            fraction = long.Parse(text.AsSpan(dot + 1, end - dot - 1), CultureInfo.InvariantCulture) * (long)Math.Pow(10, 9 - (end - dot - 1));
            text = text[..dot] + text[end..];
        }
        if (text.Length < 10 || !DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)) return false;
        if (time.Year is < 1678 or > 2261) return false; // what 64-bit nanoseconds hold
        ns = (time.UtcTicks - DateTime.UnixEpoch.Ticks) * 100 + fraction;
        return true;
    }
}

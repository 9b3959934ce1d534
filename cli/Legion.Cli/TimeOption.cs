using System.CommandLine;
using Legion.Lakehouse;

namespace Legion.Cli;

/// <summary>Options that are points in time, or times that something takes.</summary>
static class TimeOption
{
    /// <summary>Nanoseconds UTC; null where the option was not given.</summary>
    /// <exception cref="CommandFailure">The text is no time.</exception>
    public static long? Ns(string? text)
    {
        try
        {
            return text is null ? null : TimeText.ParseNs(text, (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100);
        }
        catch (FormatException cause)
        {
            throw CommandFailure.Usage(cause.Message, cause);
        }
    }

    /// <summary>A time that something takes.</summary>
    /// <exception cref="CommandFailure">The text is none, or a longer one.</exception>
    public static TimeSpan Duration(ParseResult parsed, Option<string> option, TimeSpan longest)
    {
        var text = parsed.GetRequiredValue(option);
        return TimeText.TryParseDurationNs(text, out var ns) && ns >= 0 && TimeSpan.FromTicks(ns / TimeSpan.NanosecondsPerTick) is var time && time <= longest
            ? time
            : throw CommandFailure.Usage($"cannot use '{text}' as {option.Name}: expected a time such as 5s, at most {longest.TotalMinutes} minutes");
    }
}

using Legion.Lakehouse;

namespace Legion.Cli;

/// <summary>Options that are points in time.</summary>
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
}

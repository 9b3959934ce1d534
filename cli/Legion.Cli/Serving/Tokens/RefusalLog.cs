using Microsoft.Extensions.Logging;

namespace Legion.Cli.Serving.Tokens;

/// <summary>Says why tokens were refused, to those who run the service: one sentence a second at most, as anybody may send any number of bad ones.</summary>
sealed partial class RefusalLog(TimeProvider clock, ILogger log)
{
    static readonly TimeSpan pause = TimeSpan.FromSeconds(1);

    const int MostCharacters = 300;

    readonly Lock adding = new();
    long? lastAt;
    int leftOut;

    public void Add(string reason)
    {
        int others;
        lock (adding)
        {
            if (lastAt is { } last && clock.GetElapsedTime(last) < pause)
            {
                leftOut++;
                return;
            }
            (lastAt, others, leftOut) = (clock.GetTimestamp(), leftOut, 0);
        }
        Refused(log, Line(reason), others);
    }

    /// <summary>What a token says of itself may be anything, lines of a log too.</summary>
    static string Line(string reason) => string.Concat(reason.Take(MostCharacters).Select(letter => char.IsControl(letter) ? ' ' : letter));

    [LoggerMessage(Level = LogLevel.Warning, Message = "A token was refused: {Reason} ({Others} more since the last such line)")]
    static partial void Refused(ILogger log, string reason, int others);
}

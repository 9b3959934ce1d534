using Apache.Arrow;
using Legion.Lakehouse.Tiles;

namespace Legion.Lakehouse;

/// <summary>Log entries of one level that lie in one step of a level of the pyramid.</summary>
/// <param name="Level">As in <c>log_entries</c>.</param>
/// <param name="Severity">The highest of them.</param>
/// <param name="FirstNs">Time of the earliest, nanoseconds UTC.</param>
/// <param name="LastNs">Time of the latest, nanoseconds UTC.</param>
/// <param name="Message">Begin of the earliest one's text.</param>
public readonly record struct LogItem(string Level, int Severity, long FirstNs, long LastNs, long Count, string Message) : IStepItem<LogItem>
{
    /// <summary>Characters of a message that are kept: what fits into a hint beside the pointer.</summary>
    public const int MostCharacters = 200;

    static readonly string[] Columns = ["level", "message", "severity", "first_ns", "last_ns", "count"];

    static View IStepItem<LogItem>.Samples => Views.LogEntries;

    static View IStepItem<LogItem>.Levels => Views.LogLevels;

    static View IStepItem<LogItem>.Tops => Views.LogTops;

    string IStepItem<LogItem>.Key => Level;

    /// <summary>A single entry.</summary>
    public static LogItem Of(string level, int severity, long timeNs, string message) => new(level, severity, timeNs, timeNs, 1, Beginning(message));

    public LogItem With(in LogItem other) => new(Level, Math.Max(Severity, other.Severity), Math.Min(FirstNs, other.FirstNs), Math.Max(LastNs, other.LastNs),
        Count + other.Count, other.FirstNs < FirstNs ? other.Message : Message);

    static void IStepItem<LogItem>.Take(RowBuffer samples, StepLevel<LogItem> level)
    {
        var (levels, messages) = (samples.Text("level"), samples.Text("message"));
        var (severities, times) = (samples.Get<int>("severity"), samples.Get<long>("time_ns"));
        for (var row = 0; row < samples.Count; row++) level.Add(Of(levels[row]!, severities[row], Math.Clamp(times[row], 0, TileGrid.EndNs), messages[row]!));
    }

    static void IStepItem<LogItem>.Write(RowBuffer rows, IReadOnlyCollection<LogItem> items)
    {
        var (levels, messages, severities) = (rows.Text("level"), rows.Text("message"), rows.Get<int>("severity"));
        var (firsts, lasts, counts) = (rows.Get<long>("first_ns"), rows.Get<long>("last_ns"), rows.Get<long>("count"));
        foreach (var item in items)
        {
            levels.Add(item.Level);
            messages.Add(item.Message);
            severities.Add(item.Severity);
            firsts.Add(item.FirstNs);
            lasts.Add(item.LastNs);
            counts.Add(item.Count);
        }
    }

    static async Task IStepItem<LogItem>.ReadAsync(string file, Action<LogItem> take, CancellationToken cancellation)
    {
        await foreach (var batch in ParquetRows.ReadAsync(file, Columns, beginColumn: null, durationColumn: null, default, cancellation))
        {
            using var _ = batch;
            var (levels, messages, severities) = (new CodedTexts(batch.Column(0)), new CodedTexts(batch.Column(1)), (Int32Array)batch.Column(2));
            var (firsts, lasts, counts) = ((Int64Array)batch.Column(3), (Int64Array)batch.Column(4), (Int64Array)batch.Column(5));
            for (var row = 0; row < batch.Length; row++)
                take(new LogItem(levels[row], severities.Values[row], firsts.Values[row], lasts.Values[row], counts.Values[row], messages[row]));
        }
    }

    /// <summary>No half of a character that takes two.</summary>
    static string Beginning(string message) => message.Length <= MostCharacters ? message
        : message[..(char.IsHighSurrogate(message[MostCharacters - 1]) ? MostCharacters - 1 : MostCharacters)];
}

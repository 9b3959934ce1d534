using Legion.Lakehouse.Sql;
using Legion.Lakehouse.Tiles;
using Legion.Lakehouse.Timeline;

namespace Legion.Lakehouse.Logs;

/// <summary>An entry as lists show it.</summary>
public readonly record struct LogEntry(long TimeNs, string Level, string Thread, string Target, string Message);

/// <summary>Some entries of a list.</summary>
/// <param name="First">Place of the first of them in the list.</param>
/// <param name="Total">Entries of the list: where nobody has looked, as many as blocks say that they have.</param>
public sealed record LogEntries(IReadOnlyList<LogEntry> Entries, long First, long Total);

/// <summary>
/// The log entries of a process as one list, any place of which is read by itself: what the catalog knows of blocks, or counts of steps of time, tell in which time
/// a place lies, and only partitions of that time are made and read. Safe for use from several threads.
/// </summary>
/// <remarks>Every method throws <see cref="NotInLakeException"/> where there is no such process.</remarks>
public sealed class ProcessLogs(Lake lake)
{
    /// <summary>Entries of which patterns are told at once.</summary>
    public const int PatternEntries = 200_000;

    const int MostPatterns = 200;

    /// <summary>A stretch of that many is divided into parts of a few hundred.</summary>
    const int EntriesPerStep = 500, MostSteps = 16 * LogCounts.MostBars;

    /// <summary>Far enough that differences of times do not overflow: the years 1823 and 2116.</summary>
    const long FarthestNs = 1L << 62;

    /// <summary>Something was removed, or came, between looking for a place and reading it.</summary>
    const int Attempts = 3;

    /// <summary>Entries that agree in all of these look the same, so that it doesn't matter which of them is where.</summary>
    const string Order = "time_ns, severity, thread, target, message";

    readonly record struct Key(Guid Process, long Version, long FromNs, long ToNs, string Search);

    readonly SeriesPyramid pyramid = new(lake);
    readonly RecentValues<Key, LogCounts> counts = new(64, _ => 1);
    readonly RecentValues<(Key, string Level), LogPositions> positions = new(64, _ => 1);

    /// <summary>The entries from a place of the list on.</summary>
    /// <param name="range">A time; entries outside are not in the list.</param>
    public async Task<LogEntries> ReadAsync(Guid processId, LogFilter filter, QueryRange range, long first, int limit, CancellationToken cancellation = default)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (key, known) = await PositionsAsync(processId, filter, range, cancellation);
            known = await DividedAsync(key, known, filter, positions => first < positions.Total ? positions.At(first).Stretch : null, cancellation);
            known = await DividedAsync(key, known, filter, positions => first < positions.Total ? positions.At(Math.Min(first + limit, positions.Total) - 1).Stretch : null, cancellation);
            if (first >= known.Total) return new LogEntries([], first, known.Total);
            // Dividing the last stretch may have changed what it has, and the first one is before it.
            var (begin, before) = known.At(first);
            var (end, _) = known.At(Math.Min(first + limit, known.Total) - 1);
            var entries = await EntriesAsync(processId, filter, new QueryRange(begin.FromNs, end.ToNs), first - before, limit, cancellation);
            if (entries.Count == Math.Min(limit, known.Total - first) || attempt == Attempts) return new LogEntries(entries, first, known.Total);
            Forget(key, filter);
        }
    }

    /// <summary>The place of the first entry at or after a time; of none, behind the last.</summary>
    public async Task<long> FindAsync(Guid processId, LogFilter filter, QueryRange range, long atNs, CancellationToken cancellation = default)
    {
        var (key, known) = await PositionsAsync(processId, filter, range, cancellation);
        known = await DividedAsync(key, known, filter, positions => positions.AtTime(atNs)?.Stretch, cancellation);
        if (known.AtTime(atNs) is not var (stretch, before)) return known.Total;
        if (stretch.FromNs >= atNs) return before;
        var parameters = Parameters(processId);
        using var result = await lake.QueryAsync($"SELECT count(*) FROM log_entries WHERE {filter.Condition(parameters)}", new QueryOptions { Parameters = parameters, Range = new QueryRange(stretch.FromNs, atNs) }, cancellation);
        using var rows = result.ReadRows(cancellation);
        return rows.Read() ? before + rows.Int64(0) : before;
    }

    /// <summary>How many entries there are: counted by step and level whatever the filter says of levels, so that these can be chosen from.</summary>
    public async Task<LogCounts> CountAsync(Guid processId, LogFilter filter, QueryRange range, CancellationToken cancellation = default)
    {
        return await CountAsync(await KeyAsync(processId, filter, range, cancellation), filter, cancellation);
    }

    /// <summary>What the entries around a place of the list look like, as far as they are read at once.</summary>
    public async Task<LogPatterns> FindPatternsAsync(Guid processId, LogFilter filter, QueryRange range, long around, CancellationToken cancellation = default)
    {
        var (key, known) = await PositionsAsync(processId, filter, range, cancellation);
        if (known.Total == 0) return new LogPatterns([], 0, 0, 0, 0);
        var (first, last) = Around();
        known = await DividedAsync(key, known, filter, positions => positions.At(Math.Min(first, positions.Total - 1)).Stretch, cancellation);
        if (known.Total > 0) known = await DividedAsync(key, known, filter, positions => positions.At(Math.Min(last, positions.Total - 1)).Stretch, cancellation);
        if (known.Total == 0) return new LogPatterns([], 0, 0, 0, 0);
        (first, last) = Around();
        var (begin, end) = (known.At(first).Stretch, known.At(last).Stretch);
        var parameters = Parameters(processId);
        // One time may have any number of entries.
        parameters["most"] = 2 * PatternEntries;
        var sql = $"""
            SELECT pattern, count(*) AS entries, arg_max(level, severity), left(min(message), 500), CAST(sum(count(*)) OVER () AS BIGINT) FROM (
                SELECT level, severity, message, {LogPattern.Sql} AS pattern FROM log_entries WHERE {filter.Condition(parameters)} LIMIT $most)
            GROUP BY pattern ORDER BY entries DESC, pattern LIMIT {MostPatterns}
            """;
        using var result = await lake.QueryAsync(sql, new QueryOptions { Parameters = parameters, Range = new QueryRange(begin.FromNs, end.ToNs) }, cancellation);
        using var rows = result.ReadRows(cancellation);
        var (patterns, read) = (new List<LogPattern>(), 0L);
        while (rows.Read())
        {
            patterns.Add(new(rows.Text(0), rows.Int64(1), rows.Text(2), rows.Text(3)));
            read = rows.Int64(4);
        }
        return new LogPatterns(patterns, read, known.Total, begin.FromNs, end.ToNs);

        (long First, long Last) Around()
        {
            var first = Math.Max(0, Math.Min(around - PatternEntries / 2, known.Total - PatternEntries));
            return (first, Math.Min(first + PatternEntries, known.Total) - 1);
        }
    }

    async Task<List<LogEntry>> EntriesAsync(Guid processId, LogFilter filter, QueryRange range, long skip, int limit, CancellationToken cancellation)
    {
        var parameters = Parameters(processId);
        parameters["take"] = limit;
        parameters["skip"] = skip;
        var sql = $"""
            SELECT time_ns, level, thread, target, CASE WHEN length(message) > 10000 THEN left(message, 10000) || '…' ELSE message END
            FROM log_entries WHERE {filter.Condition(parameters)} ORDER BY {Order} LIMIT $take OFFSET $skip
            """;
        using var result = await lake.QueryAsync(sql, new QueryOptions { Parameters = parameters, Range = range }, cancellation);
        using var rows = result.ReadRows(cancellation);
        var entries = new List<LogEntry>();
        while (rows.Read()) entries.Add(new(rows.Int64(0), rows.Text(1), rows.Text(2), rows.Text(3), rows.Text(4)));
        return entries;
    }

    async Task<Key> KeyAsync(Guid processId, LogFilter filter, QueryRange range, CancellationToken cancellation)
    {
        var process = await lake.FindProcessAsync(processId, cancellation);
        return new Key(processId, process.Version, Math.Max(range.FromNs ?? long.MinValue, -FarthestNs), Math.Min(range.ToNs ?? long.MaxValue, FarthestNs), filter.SearchKey);
    }

    async Task<(Key Key, LogPositions Known)> PositionsAsync(Guid processId, LogFilter filter, QueryRange range, CancellationToken cancellation)
    {
        var key = await KeyAsync(processId, filter, range, cancellation);
        if (positions.TryGet((key, filter.LeastLevel), out var known)) return (key, known);
        known = filter.IsNone && !counts.TryGet(key, out _) ? LogPositions.OfBlocks(await lake.SnapshotAsync(processId, cancellation), key.FromNs, key.ToNs)
            : (await CountAsync(key, filter, cancellation)).Positions(filter.ShownLevels);
        positions.Put((key, filter.LeastLevel), known);
        return (key, known);
    }

    /// <summary>Divides stretches until the one that is wanted is fine enough to be read.</summary>
    /// <param name="wanted">The one; null for none.</param>
    async Task<LogPositions> DividedAsync(Key key, LogPositions known, LogFilter filter, Func<LogPositions, LogStretch?> wanted, CancellationToken cancellation)
    {
        while (known.Total > 0 && wanted(known) is { IsFine: false } stretch)
        {
            var steps = Math.Clamp(stretch.Count / EntriesPerStep, 1, MostSteps);
            var stepNs = Math.Max(1, (stretch.ToNs - stretch.FromNs + steps - 1) / steps);
            var parts = await CountStepsAsync(key.Process, filter, stretch.FromNs, stretch.ToNs, stepNs, "''", cancellation);
            known = known.With(stretch, parts.Select(part => new LogStretch(stretch.FromNs + part.Step * stepNs, Math.Min(stretch.ToNs, stretch.FromNs + (part.Step + 1) * stepNs), part.Count.Count, IsCounted: true)));
            positions.Put((key, filter.LeastLevel), known);
        }
        return known;
    }

    async Task<LogCounts> CountAsync(Key key, LogFilter filter, CancellationToken cancellation)
    {
        if (counts.TryGet(key, out var known)) return known;
        var snapshot = await lake.SnapshotAsync(key.Process, cancellation);
        var blocks = snapshot.Slots.SelectMany(slot => PartitionBuilder.BlocksOf(Views.LogEntries, snapshot, slot)).Where(block => block.BeginNs < key.ToNs && block.EndNs >= key.FromNs).ToArray();
        known = blocks.Length == 0 ? new LogCounts(0, 1, [])
            : await CountAsync(key, filter.OfAllLevels(), Math.Max(key.FromNs, blocks.Min(block => block.BeginNs)), Math.Min(key.ToNs, blocks.Max(block => block.EndNs) + 1), blocks.Sum(block => (long)block.Events), cancellation);
        counts.Put(key, known);
        return known;
    }

    async Task<LogCounts> CountAsync(Key key, LogFilter filter, long fromNs, long toNs, long events, CancellationToken cancellation)
    {
        // Sums of steps tell it of the whole process without a partition of entries; a part of it begins or ends within a step.
        if (!filter.Searches && key.FromNs == -FarthestNs && key.ToNs == FarthestNs && fromNs >= 0 && await pyramid.ReadLogsAsync(key.Process, fromNs, toNs, 2 * LogCounts.MostBars, cancellation) is (var gridNs, var items))
            return new LogCounts(0, gridNs, [.. items.GroupBy(item => item.FirstNs / gridNs).OrderBy(step => step.Key).SelectMany(step => step.Select(item => (step.Key, new LevelCount(item.Level, item.Count))))]);
        var wanted = Math.Clamp(events / EntriesPerStep, LogCounts.MostBars, MostSteps);
        var stepNs = (toNs - fromNs + wanted - 1) / wanted;
        return new LogCounts(fromNs, stepNs, await CountStepsAsync(key.Process, filter, fromNs, toNs, stepNs, "level", cancellation));
    }

    /// <param name="level">SQL of what they are told apart by.</param>
    async Task<IReadOnlyList<(long Step, LevelCount Count)>> CountStepsAsync(Guid processId, LogFilter filter, long fromNs, long toNs, long stepNs, string level, CancellationToken cancellation)
    {
        var parameters = Parameters(processId);
        parameters["from"] = fromNs;
        parameters["step"] = stepNs;
        var sql = $"SELECT (time_ns - $from) // $step AS step, {level} AS kind, count(*) FROM log_entries WHERE {filter.Condition(parameters)} GROUP BY step, kind ORDER BY step, kind";
        using var result = await lake.QueryAsync(sql, new QueryOptions { Parameters = parameters, Range = new QueryRange(fromNs, toNs) }, cancellation);
        using var rows = result.ReadRows(cancellation);
        var counted = new List<(long, LevelCount)>();
        while (rows.Read()) counted.Add((rows.Int64(0), new(rows.Text(1), rows.Int64(2))));
        return counted;
    }

    void Forget(Key key, LogFilter filter)
    {
        counts.Remove(key);
        positions.Remove((key, filter.LeastLevel));
    }

    static Dictionary<string, object?> Parameters(Guid processId) => new() { ["process"] = processId };
}

using System.Diagnostics;
using Legion.Lakehouse.Sql;
using Legion.Lakehouse.Tiles;
using Legion.Lakehouse.Timeline;

namespace Legion.Lakehouse.Logs;

/// <summary>What a list of log entries is about.</summary>
/// <param name="RemovedVersion">Of the process: what was counted before something was removed does not count.</param>
/// <param name="ToNs">Exclusive.</param>
readonly record struct LogKey(Guid Process, long RemovedVersion, long FromNs, long ToNs, string Search);

/// <summary>
/// Lists of entries whose texts decide whether they are shown, over the slots that have any. Each slot's are found by a query, in order of time, as far as somebody waits for it. Safe for use from several threads.
/// </summary>
sealed class SearchedLogs(Lake lake)
{
    /// <summary>A stretch of that many is divided into parts of a few hundred.</summary>
    const int EntriesPerStep = 500, MostSteps = 16 * LogCounts.MostBars;

    /// <summary>Entries that agree in all of these look the same, so that it doesn't matter which of them is where.</summary>
    const string Order = "time_ns, severity, thread, target, message";

    readonly RecentValues<LogKey, Scan> scans = new(64, _ => 1);
    readonly RecentValues<(LogKey, string Level, string Read), LogPositions> positions = new(64, _ => 1);

    /// <summary>A time of the list that is searched by one query.</summary>
    /// <param name="Name">Of the blocks that may have entries in it.</param>
    readonly record struct Part(long FromNs, long ToNs, long Lines, string Name);

    /// <summary>What was found, part by part.</summary>
    sealed class Scan(long fromNs, long stepNs)
    {
        public SemaphoreSlim Turn { get; } = new(1);
        public Dictionary<(long FromNs, string Name), IReadOnlyList<(long Step, LevelCount Count)>> Found { get; set; } = [];

        public long FromNs => fromNs;
        public long StepNs => stepNs;
    }

    /// <summary>A list as far as it is known.</summary>
    /// <param name="ToNs">Entries from here on were not looked at.</param>
    sealed record Known(LogKey Key, LogPositions Positions, LogCounts Counts, long ToNs, string Read)
    {
        public bool IsComplete => ToNs == long.MaxValue;
    }

    /// <summary>Goes on counting, by at least one slot.</summary>
    /// <param name="patience">No longer than until the slot is over in which it ends; null: only tells what is known.</param>
    public async Task<LogCounts> CountAsync(LogKey key, LogFilter filter, IReadOnlyList<Slot> slots, TimeSpan? patience, CancellationToken cancellation)
    {
        var asked = 0;
        return (await KnownAsync(key, filter, slots, patience is { } time ? (_, elapsed) => asked++ == 0 || elapsed < time : (_, _) => false, cancellation)).Counts;
    }

    /// <summary>Entries from a place on; of a list that is not known to its end, as many as were found within <paramref name="patience"/>.</summary>
    public async Task<LogEntries> ReadAsync(LogKey key, LogFilter filter, IReadOnlyList<Slot> slots, long first, int limit, TimeSpan patience, CancellationToken cancellation)
    {
        var known = await KnownAsync(key, filter, slots, (positions, elapsed) => positions.Total < first + limit && elapsed < patience, cancellation);
        var list = await DividedAsync(known, filter, positions => first < positions.Total ? positions.At(first).Stretch : null, cancellation);
        list = await DividedAsync(known with { Positions = list }, filter, positions => first < positions.Total ? positions.At(Math.Min(first + limit, positions.Total) - 1).Stretch : null, cancellation);
        IReadOnlyList<LogEntry> entries = [];
        if (first < list.Total)
        {
            var (begin, before) = list.At(first);
            var (end, _) = list.At(Math.Min(first + limit, list.Total) - 1);
            entries = await EntriesAsync(key.Process, filter, new QueryRange(begin.FromNs, end.ToNs), first - before, limit, cancellation);
        }
        return new LogEntries(entries, first, list.Total) { Read = known.Counts.Read, Lines = known.Counts.Lines };
    }

    /// <summary>The place of the first entry at or after a time; of none, behind the last.</summary>
    public async Task<long> FindAsync(LogKey key, LogFilter filter, IReadOnlyList<Slot> slots, long atNs, CancellationToken cancellation)
    {
        var known = await KnownUntilAsync(key, filter, slots, atNs, cancellation);
        var list = await DividedAsync(known, filter, positions => positions.AtTime(atNs)?.Stretch, cancellation);
        if (list.AtTime(atNs) is not var (stretch, before)) return list.Total;
        if (stretch.FromNs >= atNs) return before;
        var parameters = Parameters(key.Process);
        using var result = await lake.QueryAsync($"SELECT count(*) FROM log_entries WHERE {filter.Condition(parameters)}", new QueryOptions { Parameters = parameters, Range = new QueryRange(stretch.FromNs, atNs) }, cancellation);
        using var rows = result.ReadRows(cancellation);
        return rows.Read() ? before + rows.Int64(0) : before;
    }

    /// <summary>The time in which entries from a place to another lie, and how many there are in all that is known; null where there is none.</summary>
    public async Task<(long FromNs, long ToNs, long Total)?> TimeOfAsync(LogKey key, LogFilter filter, IReadOnlyList<Slot> slots, Func<long, (long First, long Last)> places, CancellationToken cancellation)
    {
        var known = await KnownAsync(key, filter, slots, (_, _) => false, cancellation);
        if (known.Positions.Total == 0 && !known.IsComplete) known = await KnownAsync(key, filter, slots, (positions, _) => positions.Total == 0, cancellation);
        var list = known.Positions;
        if (list.Total > 0) list = await DividedAsync(known, filter, positions => positions.At(Math.Min(places(positions.Total).First, positions.Total - 1)).Stretch, cancellation);
        if (list.Total > 0) list = await DividedAsync(known with { Positions = list }, filter, positions => positions.At(Math.Min(places(positions.Total).Last, positions.Total - 1)).Stretch, cancellation);
        if (list.Total == 0) return null;
        var (first, last) = places(list.Total);
        return (list.At(first).Stretch.FromNs, list.At(last).Stretch.ToNs, list.Total);
    }

    Task<Known> KnownUntilAsync(LogKey key, LogFilter filter, IReadOnlyList<Slot> slots, long ns, CancellationToken cancellation)
    {
        var toNs = long.MinValue;
        return KnownAsync(key, filter, slots, (_, _) => toNs <= ns, cancellation, reached => toNs = reached);
    }

    /// <param name="goesOn">Told what is known, and how long it took; whether another part is to be searched.</param>
    /// <param name="reached">Told up to which time it is known, before that.</param>
    async Task<Known> KnownAsync(LogKey key, LogFilter filter, IReadOnlyList<Slot> slots, Func<LogPositions, TimeSpan, bool> goesOn, CancellationToken cancellation, Action<long>? reached = null)
    {
        Part[] parts = [.. PartsOf(slots, key)];
        if (parts.Length == 0) return new Known(key, new LogPositions([]), new LogCounts(0, 1, []), long.MaxValue, "");
        if (!scans.TryGet(key, out var scan))
        {
            var (fromNs, toNs, lines) = (parts[0].FromNs, parts[^1].ToNs, parts.Sum(part => part.Lines));
            var steps = Math.Clamp(lines / EntriesPerStep, LogCounts.MostBars, MostSteps);
            scans.Put(key, scan = new Scan(fromNs, Math.Max(1, (toNs - fromNs + steps - 1) / steps)));
        }
        var begun = Stopwatch.GetTimestamp();
        await scan.Turn.WaitAsync(cancellation);
        try
        {
            var there = parts.Select(part => (part.FromNs, part.Name)).ToHashSet();
            // Of a process that is recorded, the last part changes with each block.
            scan.Found = scan.Found.Where(found => there.Contains(found.Key)).ToDictionary();
            while (true)
            {
                var found = parts.TakeWhile(part => scan.Found.ContainsKey((part.FromNs, part.Name))).Count();
                var isComplete = found == parts.Length;
                var knownToNs = isComplete ? long.MaxValue : parts[found].FromNs;
                var read = string.Concat(parts.Take(found).Select(part => part.Name)) + (isComplete ? "." : "");
                var counts = new LogCounts(scan.FromNs, scan.StepNs, Merged(parts.Take(found).SelectMany(part => scan.Found[(part.FromNs, part.Name)])))
                {
                    Read = parts.Take(found).Sum(part => part.Lines),
                    Lines = parts.Sum(part => part.Lines),
                };
                if (!positions.TryGet((key, filter.LeastLevel, read), out var list)) list = counts.Positions(filter.ShownLevels, knownToNs);
                counts = counts with { Total = list.Total, KnownToNs = knownToNs, Time = (parts[0].FromNs, parts[^1].ToNs - 1) };
                reached?.Invoke(knownToNs);
                if (isComplete || !goesOn(list, Stopwatch.GetElapsedTime(begun))) return new Known(key, list, counts, knownToNs, read);
                var next = parts[found];
                scan.Found[(next.FromNs, next.Name)] = await CountStepsAsync(key.Process, filter.OfAllLevels(), new QueryRange(next.FromNs, next.ToNs), scan.FromNs, scan.StepNs, "level", cancellation);
            }
        }
        finally
        {
            scan.Turn.Release();
        }
    }

    static IReadOnlyList<(long Step, LevelCount Count)> Merged(IEnumerable<(long Step, LevelCount Count)> steps) =>
        [.. steps.GroupBy(step => (step.Step, step.Count.Level)).OrderBy(step => step.Key.Step).Select(step => (step.Key.Step, new LevelCount(step.Key.Level, step.Sum(one => one.Count.Count))))];

    /// <summary>The times between the cuts of slots: what is before a cut lies in slots before it.</summary>
    static IEnumerable<Part> PartsOf(IReadOnlyList<Slot> slots, LogKey key)
    {
        if (slots.Count == 0) yield break;
        var endNs = slots.Max(slot => slot.LastNs) + 1;
        var isFirst = true;
        for (var i = 0; i < slots.Count; i++)
        {
            var fromNs = Math.Max(key.FromNs, i == 0 ? slots.Min(slot => slot.FirstNs) : slots[i].BeginNs);
            var toNs = Math.Min(key.ToNs, i + 1 < slots.Count ? slots[i + 1].BeginNs : endNs);
            if (fromNs >= toNs) continue;
            var blocks = slots.Where(slot => slot.FirstNs < toNs && slot.LastNs >= fromNs).SelectMany(slot => slot.Blocks).Where(block => block.BeginNs < toNs && block.EndNs >= fromNs).ToArray();
            if (blocks.Length == 0) continue;
            // Each block in the first part that it lies in; a part of none of its own is something to look at, too.
            yield return new Part(fromNs, toNs, Math.Max(1, blocks.Where(block => isFirst || block.BeginNs >= fromNs).Sum(block => (long)block.Events)), PartitionDetails.NameOf(blocks));
            isFirst = false;
        }
    }

    /// <summary>Divides stretches until the one that is wanted is fine enough to be read.</summary>
    /// <param name="wanted">The one; null for none.</param>
    async Task<LogPositions> DividedAsync(Known known, LogFilter filter, Func<LogPositions, LogStretch?> wanted, CancellationToken cancellation)
    {
        var list = known.Positions;
        while (list.Total > 0 && wanted(list) is { IsFine: false } stretch)
        {
            var steps = Math.Clamp(stretch.Count / EntriesPerStep, 1, MostSteps);
            var stepNs = Math.Max(1, (stretch.ToNs - stretch.FromNs + steps - 1) / steps);
            var parts = await CountStepsAsync(known.Key.Process, filter, new QueryRange(stretch.FromNs, stretch.ToNs), stretch.FromNs, stepNs, "''", cancellation);
            list = list.With(stretch, parts.Select(part => new LogStretch(stretch.FromNs + part.Step * stepNs, Math.Min(stretch.ToNs, stretch.FromNs + (part.Step + 1) * stepNs), part.Count.Count)));
            positions.Put((known.Key, filter.LeastLevel, known.Read), list);
        }
        return list;
    }

    /// <param name="level">SQL of what they are told apart by.</param>
    async Task<IReadOnlyList<(long Step, LevelCount Count)>> CountStepsAsync(Guid processId, LogFilter filter, QueryRange range, long fromNs, long stepNs, string level, CancellationToken cancellation)
    {
        var parameters = Parameters(processId);
        parameters["from"] = fromNs;
        parameters["step"] = stepNs;
        var sql = $"SELECT (time_ns - $from) // $step AS step, {level} AS kind, count(*) FROM log_entries WHERE {filter.Condition(parameters)} GROUP BY step, kind ORDER BY step, kind";
        using var result = await lake.QueryAsync(sql, new QueryOptions { Parameters = parameters, Range = range }, cancellation);
        using var rows = result.ReadRows(cancellation);
        var counted = new List<(long, LevelCount)>();
        while (rows.Read()) counted.Add((rows.Int64(0), new(rows.Text(1), rows.Int64(2))));
        return counted;
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

    static Dictionary<string, object?> Parameters(Guid processId) => new() { ["process"] = processId };
}

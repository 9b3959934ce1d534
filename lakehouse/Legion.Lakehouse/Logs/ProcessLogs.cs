using System.Collections.Concurrent;
using System.Diagnostics;
using Legion.Lakehouse.Sql;
using Legion.Lakehouse.Tiles;
using Legion.Store;

namespace Legion.Lakehouse.Logs;

/// <summary>An entry as lists show it.</summary>
public readonly record struct LogEntry(long TimeNs, string Level, string Thread, string Target, string Message);

/// <summary>Some entries of a list.</summary>
/// <param name="First">Place of the first of them in the list.</param>
/// <param name="Total">Entries of the list, as far as it is known: those that come later are behind them.</param>
public sealed record LogEntries(IReadOnlyList<LogEntry> Entries, long First, long Total)
{
    /// <summary>Entries, shown or not, that were looked at to tell what is in the list.</summary>
    public long Read { get; init; }

    /// <summary>Entries that there are to look at: as many as <see cref="Read"/> once the list is known to its end.</summary>
    public long Lines { get; init; }
}

/// <summary>
/// The log entries of a process as one list, any place of which is read by itself: the catalog's rows of blocks tell which of them have what is at a place, and those few alone are decoded.
/// Where levels are left out, blocks are counted, one after the other; where texts decide, slots are searched. Both goes on only as far as somebody asks. Safe for use from several threads.
/// </summary>
/// <remarks>Every method throws <see cref="NotInLakeException"/> where there is no such process.</remarks>
public sealed class ProcessLogs(Lake lake)
{
    /// <summary>Entries of which patterns are told at once.</summary>
    public const int PatternEntries = 200_000;

    const int MostPatterns = 200;

    /// <summary>Entries of blocks that are looked at for one place: more lie around it only where many streams, or one moment, have them, and a query sorts those.</summary>
    const long MostAround = 2_000_000;

    /// <summary>Far enough that differences of times do not overflow: the years 1823 and 2116.</summary>
    const long FarthestNs = 1L << 62;

    /// <summary>Rows of blocks that are kept: some hundred bytes each.</summary>
    const long KeptBlocks = 300_000;

    /// <summary>For so long the begin of a list is looked for before what was found is answered.</summary>
    static readonly TimeSpan patience = TimeSpan.FromMilliseconds(200);

    /// <summary>A list's blocks.</summary>
    /// <param name="Read">Entries that were looked at to know them, of <paramref name="Lines"/>.</param>
    /// <param name="KnownToNs">What lies from here on is not in them.</param>
    sealed record List(LogBlocks Blocks, long FromNs, long KnownToNs, int LeastLevel, long Read, long Lines);

    /// <summary>What a process has of entries at a version.</summary>
    /// <param name="Slots">Those with blocks that have any, and these blocks alone.</param>
    /// <param name="Blocks">All of them, in order of begin.</param>
    sealed record Source(long Version, IReadOnlyList<Slot> Slots, IReadOnlyList<BlockRow> Blocks);

    readonly LogBlockReader reader = new(lake);
    readonly SearchedLogs searched = new(lake);
    readonly RecentValues<(Guid Process, long Version, long RemovedVersion), Source> sources = new(KeptBlocks, source => source.Blocks.Count + 1);
    readonly RecentValues<(LogKey, long Version, int Seen), List> lists = new(KeptBlocks, list => list.Blocks.Count + 1);
    readonly RecentValues<LogKey, LogTally> tallies = new(16, _ => 1);

    /// <summary>What blocks have whose rows in the catalog say something else: those that are damaged, and those whose events are not all entries.</summary>
    readonly ConcurrentDictionary<(Guid Block, uint Checksum), Found> seen = new();

    /// <summary>Raised when that changes.</summary>
    int timesSeen;

    readonly record struct Found(long FirstNs, long LastNs, long Count);

    /// <summary>The entries from a place of the list on.</summary>
    /// <param name="range">A time; entries outside are not in the list.</param>
    public async Task<LogEntries> ReadAsync(Guid processId, LogFilter filter, QueryRange range, long first, int limit, CancellationToken cancellation = default)
    {
        var (key, source) = await SourceAsync(processId, filter, range, cancellation);
        if (await IsInBlocksAsync(filter, cancellation))
        {
            var begun = Stopwatch.GetTimestamp();
            while (true)
            {
                var times = Volatile.Read(ref timesSeen);
                var list = await ListAsync(key, source, filter, cancellation);
                if (list.Blocks.Total < first + limit && list.Read < list.Lines && Stopwatch.GetElapsedTime(begun) < patience)
                {
                    await TallyOf(key).AdvanceAsync(Within(source, key), patience / 4, cancellation);
                    continue;
                }
                if (first >= list.Blocks.Total) return new LogEntries([], first, list.Blocks.Total) { Read = list.Read, Lines = list.Lines };
                var last = Math.Min(first + limit, list.Blocks.Total) - 1;
                if (!IsFew(list, first, last)) break;
                // Where a block has something else than its row says, the places are others.
                if (await EntriesAsync(list, first, last, cancellation) is { } entries) return new LogEntries(entries, first, list.Blocks.Total) { Read = list.Read, Lines = list.Lines };
                if (times == Volatile.Read(ref timesSeen)) break;
            }
        }
        return await searched.ReadAsync(key, filter, source.Slots, first, limit, patience, cancellation);
    }

    /// <summary>The place of the first entry at or after a time; of none, behind the last.</summary>
    public async Task<long> FindAsync(Guid processId, LogFilter filter, QueryRange range, long atNs, CancellationToken cancellation = default)
    {
        var (key, source) = await SourceAsync(processId, filter, range, cancellation);
        if (!await IsInBlocksAsync(filter, cancellation)) return await searched.FindAsync(key, filter, source.Slots, atNs, cancellation);
        while (true)
        {
            var times = Volatile.Read(ref timesSeen);
            var list = await ListAsync(key, source, filter, cancellation);
            if (list.KnownToNs <= atNs && list.Read < list.Lines) await TallyOf(key).AdvanceAsync(Within(source, key), patience, cancellation);
            else if (await BeforeAsync(list, atNs, cancellation) is { } place) return place;
            else if (times == Volatile.Read(ref timesSeen)) return await searched.FindAsync(key, filter, source.Slots, atNs, cancellation);
        }
    }

    /// <summary>
    /// How many entries there are: counted by step and level whatever the filter says of levels, so that these can be chosen from.
    /// </summary>
    /// <param name="time">For how long to go on counting, to the end of what is being counted then; null: what is known is told.</param>
    /// <returns>Counts of what was looked at, and how much there is.</returns>
    public async Task<LogCounts> CountAsync(Guid processId, LogFilter filter, QueryRange range, TimeSpan? time, CancellationToken cancellation = default)
    {
        var (key, source) = await SourceAsync(processId, filter, range, cancellation);
        if (!await IsInBlocksAsync(filter, cancellation)) return await searched.CountAsync(key, filter, source.Slots, time, cancellation);
        var tally = TallyOf(key);
        var blocks = Within(source, key);
        if (time is { } wait && tally.CountedOf(blocks) < blocks.Count) await tally.AdvanceAsync(blocks, wait, cancellation);
        var lines = (await ListAsync(key, source, filter with { LeastLevel = LogFilter.Levels[0] }, cancellation)).Lines;
        var shown = await ListAsync(key, source, filter, cancellation);
        var counted = tally.CountedOf(blocks);
        // Of blocks at an end of the time some are not in it.
        var read = counted == blocks.Count ? lines : Math.Min(blocks.Where(tally.IsCounted).Sum(block => FoundIn(block).Count), Math.Max(0, lines - 1));
        return tally.Counts() with
        {
            Read = read,
            Lines = counted == blocks.Count ? lines : Math.Max(lines, read + 1),
            Total = shown.Blocks.Total,
            KnownToNs = counted == blocks.Count ? key.ToNs : blocks[counted].BeginNs,
            Time = blocks.Count == 0 ? default : (Math.Max(key.FromNs, blocks[0].BeginNs), Math.Min(key.ToNs - 1, blocks.Max(block => block.EndNs))),
        };
    }

    /// <summary>What the entries around a place of the list look like, as far as they are read at once.</summary>
    public async Task<LogPatterns> FindPatternsAsync(Guid processId, LogFilter filter, QueryRange range, long around, CancellationToken cancellation = default)
    {
        var (key, source) = await SourceAsync(processId, filter, range, cancellation);
        if (await TimeAroundAsync(key, source, filter, around, cancellation) is not var (fromNs, toNs, total)) return new LogPatterns([], 0, 0, 0, 0);
        var parameters = new Dictionary<string, object?> { ["process"] = processId };
        // One time may have any number of entries.
        parameters["most"] = 2 * PatternEntries;
        var sql = $"""
            SELECT pattern, count(*) AS entries, arg_max(level, severity), left(min(message), 500), CAST(sum(count(*)) OVER () AS BIGINT) FROM (
                SELECT level, severity, message, {LogPattern.Sql} AS pattern FROM log_entries WHERE {filter.Condition(parameters)} LIMIT $most)
            GROUP BY pattern ORDER BY entries DESC, pattern LIMIT {MostPatterns}
            """;
        using var result = await lake.QueryAsync(sql, new QueryOptions { Parameters = parameters, Range = new QueryRange(fromNs, toNs) }, cancellation);
        using var rows = result.ReadRows(cancellation);
        var (patterns, read) = (new List<LogPattern>(), 0L);
        while (rows.Read())
        {
            patterns.Add(new(rows.Text(0), rows.Int64(1), rows.Text(2), rows.Text(3)));
            read = rows.Int64(4);
        }
        return new LogPatterns(patterns, read, total, fromNs, toNs);
    }

    async Task<(long FromNs, long ToNs, long Total)?> TimeAroundAsync(LogKey key, Source source, LogFilter filter, long around, CancellationToken cancellation)
    {
        if (!await IsInBlocksAsync(filter, cancellation)) return await searched.TimeOfAsync(key, filter, source.Slots, Around, cancellation);
        var list = await ListAsync(key, source, filter, cancellation);
        while (list.Blocks.Total == 0 && list.Read < list.Lines)
        {
            await TallyOf(key).AdvanceAsync(Within(source, key), patience, cancellation);
            list = await ListAsync(key, source, filter, cancellation);
        }
        if (list.Blocks.Total == 0) return null;
        var (first, last) = Around(list.Blocks.Total);
        var (fromNs, toNs) = list.Blocks.TimeOf(first, last);
        return (Math.Max(fromNs, list.FromNs), Math.Min(toNs, list.KnownToNs), list.Blocks.Total);

        (long First, long Last) Around(long total)
        {
            var first = Math.Max(0, Math.Min(around - PatternEntries / 2, total - PatternEntries));
            return (first, Math.Min(first + PatternEntries, total) - 1);
        }
    }

    /// <summary>Whether blocks alone tell what is in a list. What is being erased is hidden by queries, and still in blocks.</summary>
    async Task<bool> IsInBlocksAsync(LogFilter filter, CancellationToken cancellation) =>
        !filter.Searches && (await lake.Store.Catalog.FindHiddenAsync(lake.Tenant, cancellation)).Count == 0;

    async Task<(LogKey Key, Source Source)> SourceAsync(Guid processId, LogFilter filter, QueryRange range, CancellationToken cancellation)
    {
        var process = await lake.FindProcessAsync(processId, cancellation);
        var key = new LogKey(processId, process.RemovedVersion, Math.Max(range.FromNs ?? long.MinValue, -FarthestNs), Math.Min(range.ToNs ?? long.MaxValue, FarthestNs), filter.SearchKey);
        if (sources.TryGet((processId, process.Version, process.RemovedVersion), out var source)) return (key, source);
        var snapshot = await lake.SnapshotAsync(processId, cancellation);
        Slot[] slots = [.. snapshot.Slots.Select(slot => slot.With(PartitionBuilder.BlocksOf(Views.LogEntries, snapshot, slot))).Where(slot => slot.Blocks.Count > 0).OrderBy(slot => slot.BeginNs)];
        source = new Source(snapshot.Version, slots, [.. slots.SelectMany(slot => slot.Blocks).OrderBy(block => block.BeginNs).ThenBy(block => block.BlockId)]);
        sources.Put((processId, process.Version, process.RemovedVersion), source);
        return (key, source);
    }

    static IReadOnlyList<BlockRow> Within(Source source, LogKey key) => [.. source.Blocks.Where(block => block.BeginNs < key.ToNs && block.EndNs >= key.FromNs)];

    LogTally TallyOf(LogKey key)
    {
        if (!tallies.TryGet(key, out var tally)) tallies.Put(key, tally = new LogTally(reader, key.FromNs, key.ToNs, (row, points) => _ = IsAsSaid(row, points)));
        return tally;
    }

    /// <summary>The list as far as it is known.</summary>
    async Task<List> ListAsync(LogKey key, Source source, LogFilter filter, CancellationToken cancellation)
    {
        var leastLevel = LogFilter.Levels.Index().First(level => level.Item == filter.LeastLevel).Index;
        var blocks = Within(source, key);
        if (leastLevel > 0)
        {
            var tally = TallyOf(key);
            var counted = tally.CountedOf(blocks);
            var lines = blocks.Sum(block => (long)block.Events);
            var read = blocks.Take(counted).Sum(block => (long)block.Events);
            // What begins later has nothing before its begin.
            var knownToNs = counted == blocks.Count ? key.ToNs : Math.Max(key.FromNs, blocks[counted].BeginNs);
            // Of blocks that have no entries at all there is something to look at, too.
            return new List(await BlocksAsync(blocks.Take(counted), key.FromNs, knownToNs, leastLevel, tally, cancellation), key.FromNs, knownToNs, leastLevel, read, counted == blocks.Count ? read : Math.Max(lines, read + 1));
        }
        var (at, times) = (source.Version, Volatile.Read(ref timesSeen));
        if (lists.TryGet((key, at, times), out var list)) return list;
        var all = await BlocksAsync(blocks, key.FromNs, key.ToNs, 0, null, cancellation);
        list = new List(all, key.FromNs, key.ToNs, 0, all.Total, all.Total);
        lists.Put((key, at, times), list);
        return list;
    }

    /// <summary>What some blocks have of a list: those that lie at an end of its time are looked into, the others are as they say.</summary>
    async Task<LogBlocks> BlocksAsync(IEnumerable<BlockRow> rows, long fromNs, long toNs, int leastLevel, LogTally? tally, CancellationToken cancellation)
    {
        var blocks = new List<LogBlock>();
        foreach (var row in rows)
        {
            var known = FoundIn(row);
            if (known.FirstNs >= toNs || known.LastNs < fromNs || known.Count == 0) continue;
            if (known.FirstNs < fromNs || known.LastNs >= toNs)
            {
                var points = (await reader.PointsAsync(row, cancellation)).Within(fromNs, toNs, leastLevel);
                if (points.Count > 0) blocks.Add(new LogBlock(row, points.Times[0], points.Times[^1], points.Count));
            }
            else blocks.Add(new LogBlock(row, known.FirstNs, known.LastNs, tally?.Count(row, leastLevel) ?? known.Count));
        }
        return new LogBlocks(blocks);
    }

    static bool IsFew(List list, long first, long last)
    {
        var (fromNs, toNs) = list.Blocks.TimeOf(first, last);
        // Where levels are left out, those that are wanted may lie far from each other.
        return list.LeastLevel > 0 || list.Blocks.Touching(fromNs, toNs).Sum(block => block.Count) <= MostAround;
    }

    /// <summary>How many entries of the list are before a time; null where it turned out that a block has something else than it says.</summary>
    async Task<long?> BeforeAsync(List list, long ns, CancellationToken cancellation)
    {
        var before = list.Blocks.BeginningBefore(ns);
        foreach (var block in list.Blocks.Touching(ns, ns))
        {
            if (await PointsAsync(list, block, cancellation) is not { } points) return null;
            before -= points.Count - points.Before(ns);
        }
        return before;
    }

    /// <summary>Entries of a list, from a place to another; null as of <see cref="BeforeAsync"/>.</summary>
    async Task<IReadOnlyList<LogEntry>?> EntriesAsync(List list, long first, long last, CancellationToken cancellation)
    {
        var (fromNs, toNs) = list.Blocks.TimeOf(first, last);
        LogBlock[] blocks = [.. list.Blocks.Touching(fromNs, toNs)];
        var read = await Task.WhenAll(blocks.Select(block => Task.Run(() => PointsAsync(list, block, cancellation), cancellation)));
        if (read.Any(points => points is null)) return null;
        LogPoints[] around = [.. read.OfType<LogPoints>()];
        // Of blocks that begin before this time, what they have from it on is not before it.
        var before = list.Blocks.BeginningBefore(fromNs) - blocks.Zip(around).Where(block => block.First.FirstNs < fromNs).Sum(block => (long)block.Second.Count - block.Second.Before(fromNs));
        var (firstNs, lastNs) = (TimeAt(around, first - before, fromNs, toNs), TimeAt(around, last - before, fromNs, toNs));
        before += around.Sum(points => (long)points.Before(firstNs) - points.Before(fromNs));
        var texts = await Task.WhenAll(blocks.Zip(around).Select(block => Task.Run(() => TextsAsync(block.First.Row, block.Second.EntriesWithin(firstNs, lastNs + 1).ToArray()), cancellation)));
        if (texts.Any(some => some is null)) return null;
        OrderedEntry[] entries = [.. texts.SelectMany(some => some ?? [])];
        Array.Sort(entries);
        return [.. entries.Skip((int)(first - before)).Take((int)(last - first + 1)).Select(entry => entry.Entry)];

        async Task<IReadOnlyList<OrderedEntry>?> TextsAsync(BlockRow row, int[] wanted)
        {
            if (wanted.Length == 0) return [];
            var some = await reader.EntriesAsync(row, wanted.ToHashSet(), cancellation);
            // Its times can be read, and its texts not.
            if (some is null) See(row, FoundIn(row) with { Count = 0 });
            return some;
        }
    }

    /// <summary>The time of an entry, by its place among those of some blocks from a time on.</summary>
    static long TimeAt(LogPoints[] blocks, long place, long fromNs, long toNs)
    {
        var (low, high, skipped) = (fromNs, toNs - 1, blocks.Sum(points => (long)points.Before(fromNs)));
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            if (blocks.Sum(points => (long)points.Before(middle + 1)) - skipped > place) high = middle;
            else low = middle + 1;
        }
        return low;
    }

    /// <summary>What a block has of a list; null where that is something else than was thought, which is known from now on.</summary>
    async Task<LogPoints?> PointsAsync(List list, LogBlock block, CancellationToken cancellation)
    {
        var all = await reader.PointsAsync(block.Row, cancellation);
        var points = all.Within(list.FromNs, list.KnownToNs, list.LeastLevel);
        return IsAsSaid(block.Row, all) && points.Count == block.Count ? points : null;
    }

    /// <summary>What a block has, as far as anybody knows.</summary>
    Found FoundIn(BlockRow row) => seen.TryGetValue((row.BlockId, row.StoredChecksum), out var found) ? found : new Found(row.BeginNs, row.EndNs, row.Events);

    void See(BlockRow row, Found found)
    {
        seen[(row.BlockId, row.StoredChecksum)] = found;
        Interlocked.Increment(ref timesSeen);
    }

    /// <summary>Whether a block has what was thought; otherwise that is thought from now on.</summary>
    bool IsAsSaid(BlockRow row, LogPoints points)
    {
        var known = FoundIn(row);
        // Of one whose texts cannot be read, none count.
        if (known.Count == points.Count && (points.Count == 0 || known.FirstNs <= points.Times[0] && known.LastNs >= points.Times[^1])) return true;
        if (known.Count == 0) return true;
        See(row, points.Count == 0 ? known with { Count = 0 } : new Found(points.Times[0], points.Times[^1], points.Count));
        return false;
    }
}

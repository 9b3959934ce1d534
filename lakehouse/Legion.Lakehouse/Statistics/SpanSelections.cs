using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Legion.Lakehouse.Sql;
using Legion.Lakehouse.Tiles;
using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>Spans of one name that end in a time.</summary>
/// <param name="Durations">In nanoseconds.</param>
public sealed record SelectedSpans(string Name, long Count, long TotalNs, long SelfNs, long MinNs, long MaxNs, Sketch Durations)
{
    /// <summary>The duration in nanoseconds that a share of them take at most, to 1 %.</summary>
    /// <param name="share">From 0 to 1.</param>
    public double PercentileNs(double share) => Math.Clamp(Durations.Percentile(share), MinNs, MaxNs);

    /// <summary>How many took how long, ascending: four buckets double the duration, as those of <c>histogram(value)</c> in SQL, and empty ones are left out.</summary>
    public IReadOnlyList<DurationBucket> Buckets()
    {
        var (bins, counts) = Durations.ToBins();
        var buckets = new List<DurationBucket>();
        for (var i = 0; i < bins.Length; i++)
        {
            var (low, high) = DurationBucket.Of(Sketch.ValueOf(bins[i]));
            if (buckets.Count > 0 && buckets[^1].LowNs == low) buckets[^1] = buckets[^1] with { Count = buckets[^1].Count + counts[i] };
            else buckets.Add(new DurationBucket(low, high, counts[i]));
        }
        return buckets;
    }
}

/// <summary>How many spans took from one duration up to another, nanoseconds; of those that took none both are 0.</summary>
public readonly record struct DurationBucket(double LowNs, double HighNs, long Count)
{
    internal static (double LowNs, double HighNs) Of(double value)
    {
        if (value <= 0) return (0, 0);
        var quarter = Math.Floor(Math.Log2(value) * 4);
        return (Math.Pow(2, quarter / 4), Math.Pow(2, (quarter + 1) / 4));
    }
}

/// <summary>
/// Statistics of any time of a process, by name, in time that hardly depends on its length: whole parts come from the sums of slots, of four slots, and so on,
/// and only what is left at the two edges is counted span by span. Safe for use from several threads.
/// </summary>
public sealed partial class SpanSelections(Lake lake)
{
    /// <summary>Pieces of the tree kept in memory: those at the edges of what somebody drags over a chart.</summary>
    const long KeptBytes = 128 << 20;

    /// <summary>Of which the times of their parts are kept: some 700 bytes each.</summary>
    const int KeptFiles = 10_000;

    /// <summary>Spans kept in memory, of the slots at those edges: to read a slot's takes some hundred milliseconds, to count those of them that are asked for two.</summary>
    const long KeptSpanBytes = 128 << 20;

    /// <summary>Of a slot with more, where many blocks came late, only those at an edge are read, each time.</summary>
    const long MostKeptSpans = 2_000_000;

    const int Attempts = 4;

    readonly SlotTree tree = new(lake.Store, lake.Materializer, Views.SpanStats, Views.StatTops, StatisticsRows.MergeAsync);
    readonly RecentValues<(string Path, int Part), IReadOnlyList<NameStatistics>> parts = new(KeptBytes, rows => rows.Sum(row => 128L + 6 * row.Bins.Length));
    readonly RecentValues<string, IReadOnlyList<PartTime>> times = new(KeptFiles, _ => 1);
    readonly Lock spansGate = new();
    readonly RecentValues<string, (Task<EndedSpans> Spans, long Rows)> spans = new(KeptSpanBytes, kept => kept.Rows * EndedSpans.SpanBytes + 4096);
    readonly RecentValues<Guid, (long Version, ProcessSnapshot Snapshot, SlotTreeNode? Root)> readings = new(256, _ => 1);

    /// <summary>Sums over the spans that end in a time, with their full durations, those of most time first.</summary>
    /// <param name="beginNs">Nanoseconds UTC.</param>
    /// <param name="endNs">Exclusive.</param>
    /// <param name="streams">Threads to count; null for all.</param>
    /// <exception cref="NotInLakeException">There is no such process.</exception>
    public async Task<IReadOnlyList<SelectedSpans>> ReadAsync(Guid processId, long beginNs, long endNs, IReadOnlyCollection<Guid>? streams = null, CancellationToken cancellation = default)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var (_, snapshot, root) = await ReadAsync(processId, cancellation);
                if (root is null) return [];
                var time = new SelectedTime(beginNs, endNs, streams?.Select(stream => stream.ToString()).ToHashSet());
                return (await SumAsync(time, snapshot, root, 0, SpanStatistics.Parts, cancellation)).ToRows();
            }
            catch (RemovedMeanwhileException) when (attempt < Attempts)
            {
                readings.Remove(processId); // somebody rebuilt, or removed, what it was made from
            }
        }
    }

    async Task<(long Version, ProcessSnapshot Snapshot, SlotTreeNode? Root)> ReadAsync(Guid processId, CancellationToken cancellation)
    {
        var process = await lake.FindProcessAsync(processId, cancellation);
        if (readings.TryGet(processId, out var known) && known.Version == process.Version) return known;
        var snapshot = await lake.SnapshotAsync(processId, cancellation);
        var reading = (process.Version, snapshot, await tree.ReadAsync(snapshot, progress: null, cancellation));
        readings.Put(processId, reading);
        return reading;
    }

    /// <summary>Sums up some parts of a piece: whole ones as they are, and at once the one or two at an edge from what they were merged from.</summary>
    async Task<Selection> SumAsync(SelectedTime time, ProcessSnapshot snapshot, SlotTreeNode node, int firstPart, int endPart, CancellationToken cancellation)
    {
        var selection = new Selection(time);
        if (!node.Overlaps(time.BeginNs, time.EndNs)) return selection;
        using var held = new HeldFiles(lake.Store.Objects);
        PartTime[] asked = [.. (await TimesAsync(held, node, cancellation)).Where(part => part.Part >= firstPart && part.Part < endPart && part.EndNs > time.BeginNs && part.BeginNs < time.EndNs)];
        var whole = asked.Where(part => part.BeginNs >= time.BeginNs && part.EndNs <= time.EndNs).Select(part => part.Part).ToHashSet();
        var edges = asked.Where(part => !whole.Contains(part.Part)).Select(part => Task.Run(() => SumEdgeAsync(time, snapshot, node, part, cancellation), cancellation)).ToArray();
        await foreach (var rows in RowsAsync(held, node, whole, cancellation))
            foreach (var row in rows) selection.Add(row);
        foreach (var edge in await Task.WhenAll(edges)) selection.Add(edge);
        return selection;
    }

    /// <summary>The times of a piece's parts.</summary>
    async Task<IReadOnlyList<PartTime>> TimesAsync(HeldFiles held, SlotTreeNode node, CancellationToken cancellation)
    {
        var file = await FileOfAsync(held, node, cancellation);
        if (!times.TryGet(file, out var all)) times.Put(file, all = StatisticsRows.ReadParts(file));
        return all;
    }

    /// <summary>The rows of some parts of a piece. Those that are not known yet are read together.</summary>
    async IAsyncEnumerable<IReadOnlyList<NameStatistics>> RowsAsync(HeldFiles held, SlotTreeNode node, IReadOnlyCollection<int> which, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var file = await FileOfAsync(held, node, cancellation);
        var unknown = new List<int>();
        foreach (var part in which)
            if (parts.TryGet((file, part), out var known)) yield return known;
            else unknown.Add(part);
        if (unknown.Count == 0) yield break;
        foreach (var part in (await StatisticsRows.ReadAsync(file, unknown.Min(), unknown.Max() + 1, cancellation)).Where(row => unknown.Contains(row.Part)).GroupBy(row => row.Part))
        {
            NameStatistics[] rows = [.. part];
            parts.Put((file, part.Key), rows);
            yield return rows;
        }
    }

    static async Task<string> FileOfAsync(HeldFiles held, SlotTreeNode node, CancellationToken cancellation) =>
        (await held.AddAsync([node.Partition], columns: null, RowBounds.None, cancellation))[0];

    /// <summary>What a part was merged from: a piece, and the first of its parts.</summary>
    static (SlotTreeNode Child, int FirstPart) ChildOf(SlotTreeNode node, int part)
    {
        const int PartsOfChild = SpanStatistics.Parts / SlotTree.Fanout;
        return (node.Children[part / PartsOfChild], part % PartsOfChild * SlotTree.Fanout);
    }

    /// <summary>Sums up what of a part lies in the time.</summary>
    async Task<Selection> SumEdgeAsync(SelectedTime time, ProcessSnapshot snapshot, SlotTreeNode node, PartTime part, CancellationToken cancellation)
    {
        if (node.Slot is not { } slot)
        {
            var (child, first) = ChildOf(node, part.Part);
            return await SumAsync(time, snapshot, child, first, first + SlotTree.Fanout, cancellation);
        }
        var selection = new Selection(time);
        var (begin, end) = (Math.Max(part.BeginNs, time.BeginNs), Math.Min(part.EndNs, time.EndNs));
        await foreach (var spans in SpansAsync(snapshot, slot, begin, end, cancellation)) selection.Add(spans, begin, end);
        return selection;
    }

    /// <summary>Spans of a slot, those among them that end in a time.</summary>
    async IAsyncEnumerable<EndedSpans> SpansAsync(ProcessSnapshot snapshot, Slot slot, long beginNs, long endNs, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var (partitions, _) = await lake.Materializer.MaterializeAsync(Views.Spans, snapshot, candidate => candidate.Number == slot.Number, null, cancellation);
        foreach (var partition in partitions.Where(partition => partition.Path.Length > 0))
            yield return partition.Rows > MostKeptSpans ? await ReadSpansAsync(partition, (beginNs, endNs), cancellation) : await KeptSpansAsync(partition, cancellation);
    }

    /// <summary>All of a partition, read once for all who ask, and not only for the first of them.</summary>
    async Task<EndedSpans> KeptSpansAsync(PartitionRow partition, CancellationToken cancellation)
    {
        Task<EndedSpans> reading;
        lock (spansGate)
        {
            if (spans.TryGet(partition.Path, out var kept)) reading = kept.Spans;
            else spans.Put(partition.Path, (reading = Task.Run(() => ReadSpansAsync(partition, null, CancellationToken.None), CancellationToken.None), partition.Rows));
        }
        try
        {
            return await reading.WaitAsync(cancellation);
        }
        finally
        {
            if (reading.IsFaulted) spans.Remove(partition.Path);
        }
    }

    async Task<EndedSpans> ReadSpansAsync(PartitionRow partition, (long BeginNs, long EndNs)? time, CancellationToken cancellation)
    {
        using var held = new HeldFiles(lake.Store.Objects);
        return await EndedSpans.ReadAsync((await held.AddAsync([partition], EndedSpans.Columns, RowBounds.None, cancellation))[0], time, cancellation);
    }

    /// <param name="Streams">Null for all.</param>
    sealed record SelectedTime(long BeginNs, long EndNs, HashSet<string>? Streams);

    sealed class Selection(SelectedTime time)
    {
        sealed class Sum
        {
            public long Count, TotalNs, SelfNs, MinNs = long.MaxValue, MaxNs = long.MinValue;
            public Sketch Durations { get; } = new();
        }

        readonly Dictionary<string, Sum> sums = new(StringComparer.Ordinal);

        public void Add(Selection other)
        {
            foreach (var (name, from) in other.sums)
            {
                var sum = SumOf(name);
                sum.Count += from.Count;
                sum.TotalNs += from.TotalNs;
                sum.SelfNs += from.SelfNs;
                sum.MinNs = Math.Min(sum.MinNs, from.MinNs);
                sum.MaxNs = Math.Max(sum.MaxNs, from.MaxNs);
                sum.Durations.Add(from.Durations);
            }
        }

        public void Add(NameStatistics row)
        {
            if (time.Streams is { } streams && !streams.Contains(row.StreamId)) return;
            var sum = SumOf(row.Name);
            sum.Count += row.Count;
            sum.TotalNs += row.TotalNs;
            sum.SelfNs += row.SelfNs;
            sum.MinNs = Math.Min(sum.MinNs, row.MinNs);
            sum.MaxNs = Math.Max(sum.MaxNs, row.MaxNs);
            sum.Durations.Add(row.Bins, row.Counts);
        }

        public void Add(EndedSpans spans, long beginNs, long endNs)
        {
            var byName = new Sum?[spans.Names.Count];
            spans.Take(beginNs, endNs, time.Streams, (name, durationNs, selfNs, _) =>
            {
                var sum = byName[name] ??= SumOf(spans.Names[name]);
                sum.Count++;
                sum.TotalNs += durationNs;
                sum.SelfNs += selfNs;
                sum.MinNs = Math.Min(sum.MinNs, durationNs);
                sum.MaxNs = Math.Max(sum.MaxNs, durationNs);
                sum.Durations.Add(Sketch.BinOf(durationNs), 1);
            });
        }

        public IReadOnlyList<SelectedSpans> ToRows() =>
            [.. sums.Select(sum => new SelectedSpans(sum.Key, sum.Value.Count, sum.Value.TotalNs, sum.Value.SelfNs, sum.Value.MinNs, sum.Value.MaxNs, sum.Value.Durations))
                .OrderByDescending(row => row.TotalNs).ThenBy(row => row.Name, StringComparer.Ordinal)];

        Sum SumOf(string name)
        {
            ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(sums, name, out _);
            return sum ??= new Sum();
        }
    }
}

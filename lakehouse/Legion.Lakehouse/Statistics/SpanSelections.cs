using System.Runtime.InteropServices;
using Legion.Lakehouse.Sql;
using Legion.Lakehouse.Tiles;
using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>Spans of one name that end in a time.</summary>
/// <param name="Durations">In nanoseconds.</param>
public sealed record SelectedSpans(string Name, long Count, long TotalNs, long SelfNs, long MinNs, long MaxNs, Sketch Durations);

/// <summary>
/// Statistics of any time of a process, by name, in time that hardly depends on its length: whole parts come from the sums of slots, of four slots, and so on,
/// and only what is left at the two edges is counted span by span. Safe for use from several threads.
/// </summary>
public sealed class SpanSelections(Lake lake)
{
    /// <summary>Pieces of the tree kept in memory: those at the edges of what somebody drags over a chart.</summary>
    const long KeptBytes = 128 << 20;

    const int Attempts = 4;

    readonly SlotTree tree = new(lake.Store, lake.Materializer, Views.SpanStats, Views.StatTops, StatisticsRows.MergeAsync);
    readonly RecentValues<(string Path, int Part), IReadOnlyList<NameStatistics>> parts = new(KeptBytes, rows => rows.Sum(row => 128L + 6 * row.Bins.Length));
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
                var selection = new Selection(beginNs, endNs, streams?.Select(stream => stream.ToString()).ToHashSet());
                if (root is not null) await AddAsync(selection, snapshot, root, 0, SpanStatistics.Parts, cancellation);
                return selection.ToRows();
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
        var snapshot = (await ProcessSnapshot.ReadAsync(lake.Store.Catalog, lake.Tenant, [processId], cancellation)).FirstOrDefault() ?? throw new RemovedMeanwhileException(processId);
        var reading = (process.Version, snapshot, await tree.ReadAsync(snapshot, progress: null, cancellation));
        readings.Put(processId, reading);
        return reading;
    }

    /// <summary>Adds some parts of a piece: whole ones as they are, those at an edge from what they were merged from.</summary>
    async Task AddAsync(Selection selection, ProcessSnapshot snapshot, SlotTreeNode node, int firstPart, int endPart, CancellationToken cancellation)
    {
        if (!node.Overlaps(selection.BeginNs, selection.EndNs)) return;
        using var held = new HeldFiles(lake.Store.Objects);
        const int PartsOfChild = SpanStatistics.Parts / SlotTree.Fanout;
        for (var part = firstPart; part < endPart; part++)
        {
            // All rows of a part have its time.
            if (await PartAsync(part) is not [var any, ..] rows || any.EndNs <= selection.BeginNs || any.BeginNs >= selection.EndNs) continue;
            if (any.BeginNs >= selection.BeginNs && any.EndNs <= selection.EndNs)
            {
                foreach (var row in rows) selection.Add(row);
                continue;
            }
            if (node.Slot is { } slot)
            {
                var (begin, end) = (Math.Max(any.BeginNs, selection.BeginNs), Math.Min(any.EndNs, selection.EndNs));
                var (partitions, _) = await lake.Materializer.MaterializeAsync(Views.Spans, snapshot, candidate => candidate.Number == slot.Number, null, cancellation);
                foreach (var file in await held.AddAsync([.. partitions.Where(partition => partition.Path.Length > 0)], StatisticsRows.SpanColumns, RowBounds.None, cancellation))
                    await StatisticsRows.ReadSpansAsync(file, begin, end, selection.Add, cancellation);
                continue;
            }
            var first = part % PartsOfChild * SlotTree.Fanout;
            await AddAsync(selection, snapshot, node.Children[part / PartsOfChild], first, first + SlotTree.Fanout, cancellation);
        }

        // Those that are asked for together are read together.
        async Task<IReadOnlyList<NameStatistics>> PartAsync(int part)
        {
            var path = node.Partition.Path;
            if (parts.TryGet((path, part), out var known)) return known;
            var file = (await held.AddAsync([node.Partition], columns: null, RowBounds.None, cancellation))[0];
            var read = (await StatisticsRows.ReadAsync(file, part, endPart, cancellation)).ToLookup(row => row.Part);
            for (var one = part; one < endPart; one++) parts.Put((path, one), [.. read[one]]);
            return [.. read[part]];
        }
    }

    sealed class Selection(long beginNs, long endNs, HashSet<string>? streams)
    {
        sealed class Sum
        {
            public long Count, TotalNs, SelfNs, MinNs = long.MaxValue, MaxNs = long.MinValue;
            public Sketch Durations { get; } = new();
        }

        readonly Dictionary<string, Sum> sums = new(StringComparer.Ordinal);

        public long BeginNs => beginNs;
        public long EndNs => endNs;

        public void Add(NameStatistics row)
        {
            if (streams is not null && !streams.Contains(row.StreamId)) return;
            var sum = SumOf(row.Name);
            sum.Count += row.Count;
            sum.TotalNs += row.TotalNs;
            sum.SelfNs += row.SelfNs;
            sum.MinNs = Math.Min(sum.MinNs, row.MinNs);
            sum.MaxNs = Math.Max(sum.MaxNs, row.MaxNs);
            for (var i = 0; i < row.Bins.Length; i++) sum.Durations.Add(row.Bins[i], row.Counts[i]);
        }

        public void Add(string streamId, string name, long durationNs, long selfNs)
        {
            if (streams is not null && !streams.Contains(streamId)) return;
            var sum = SumOf(name);
            sum.Count++;
            sum.TotalNs += durationNs;
            sum.SelfNs += selfNs;
            sum.MinNs = Math.Min(sum.MinNs, durationNs);
            sum.MaxNs = Math.Max(sum.MaxNs, durationNs);
            sum.Durations.Add(Sketch.BinOf(durationNs), 1);
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

using Apache.Arrow;

namespace Legion.Lakehouse;

/// <summary>A row of <c>span_stats</c>: the spans of one name on one thread that end in a part of a slot.</summary>
/// <param name="Part">Which part of the slot, from 0.</param>
/// <param name="BeginNs">Of the part, nanoseconds UTC.</param>
/// <param name="EndNs">Of the part, exclusive.</param>
/// <param name="Bins">Of the durations' <see cref="Sketch"/>, ascending.</param>
/// <param name="Counts">One for each bin.</param>
sealed record NameStatistics(
    string ProcessId, string StreamId, string Thread, string Name, long Slot, int Part, long BeginNs, long EndNs,
    long Count, long TotalNs, long SelfNs, long MinNs, long MaxNs, short[] Bins, uint[] Counts);

/// <summary>The time of a part, of which all of its rows are.</summary>
/// <param name="BeginNs">Nanoseconds UTC.</param>
/// <param name="EndNs">Exclusive.</param>
readonly record struct PartTime(int Part, long BeginNs, long EndNs);

/// <summary>Appends statistics to a buffer.</summary>
sealed class StatisticsRows(RowBuffer rows)
{
    readonly TextColumn processIds = rows.Text("process_id"), streamIds = rows.Text("stream_id"), threads = rows.Text("thread"), names = rows.Text("name");
    readonly ColumnBuffer<long> slots = rows.Get<long>("slot"), begins = rows.Get<long>("begin_ns"), ends = rows.Get<long>("end_ns"), counts = rows.Get<long>("count");
    readonly ColumnBuffer<long> totals = rows.Get<long>("total_ns"), selves = rows.Get<long>("self_ns"), least = rows.Get<long>("min_ns"), most = rows.Get<long>("max_ns");
    readonly ColumnBuffer<int> parts = rows.Get<int>("part");
    readonly ColumnBuffer<short[]> bins = rows.Get<short[]>("bins");
    readonly ColumnBuffer<uint[]> binCounts = rows.Get<uint[]>("counts");

    public void Add(NameStatistics row)
    {
        processIds.Add(row.ProcessId);
        streamIds.Add(row.StreamId);
        threads.Add(row.Thread);
        names.Add(row.Name);
        slots.Add(row.Slot);
        parts.Add(row.Part);
        begins.Add(row.BeginNs);
        ends.Add(row.EndNs);
        counts.Add(row.Count);
        totals.Add(row.TotalNs);
        selves.Add(row.SelfNs);
        least.Add(row.MinNs);
        most.Add(row.MaxNs);
        bins.Add(row.Bins);
        binCounts.Add(row.Counts);
    }

    static readonly string[] Columns = ["process_id", "stream_id", "thread", "name", "slot", "part", "begin_ns", "end_ns", "count", "total_ns", "self_ns", "min_ns", "max_ns", "bins", "counts"];

    /// <summary>Reads the rows of some parts of a file of <c>span_stats</c> or <c>stat_tops</c>.</summary>
    /// <param name="endPart">Exclusive.</param>
    public static async Task<IReadOnlyList<NameStatistics>> ReadAsync(string file, int firstPart, int endPart, CancellationToken cancellation)
    {
        var read = new List<NameStatistics>();
        await foreach (var batch in ParquetRows.ReadAsync(file, Columns, "part", firstPart, endPart, cancellation))
        {
            using var _ = batch;
            var (processes, streams) = (new CodedTexts(batch.Column(0)), new CodedTexts(batch.Column(1)));
            var (threads, names) = (new CodedTexts(batch.Column(2)), new CodedTexts(batch.Column(3)));
            Int64Array Longs(int column) => (Int64Array)batch.Column(column);
            var (bins, counts) = ((ListArray)batch.Column(13), (ListArray)batch.Column(14));
            var parts = (Int32Array)batch.Column(5);
            for (var row = 0; row < batch.Length; row++)
                if (parts.Values[row] >= firstPart && parts.Values[row] < endPart) read.Add(new NameStatistics(processes[row], streams[row], threads[row], names[row], Longs(4).Values[row], parts.Values[row], Longs(6).Values[row], Longs(7).Values[row],
                    Longs(8).Values[row], Longs(9).Values[row], Longs(10).Values[row], Longs(11).Values[row], Longs(12).Values[row],
                    ((Int16Array)bins.Values).Values.Slice(bins.ValueOffsets[row], bins.GetValueLength(row)).ToArray(),
                    ((UInt32Array)counts.Values).Values.Slice(counts.ValueOffsets[row], counts.GetValueLength(row)).ToArray()));
        }
        return read;
    }

    /// <summary>Which parts a file of <c>span_stats</c> or <c>stat_tops</c> has, and their times, without reading any row.</summary>
    public static IReadOnlyList<PartTime> ReadParts(string file)
    {
        var groups = ParquetRows.ReadBounds(file, "part", "begin_ns", "end_ns");
        return [.. groups.Select(group => new PartTime((int)group[0].Least, group[1].Least, group[2].Most)).DistinctBy(part => part.Part)];
    }

    /// <summary>Merges pieces: a part of what comes out is as many neighbouring parts of one of them as there are pieces at most.</summary>
    public static async Task<WrittenPartition> MergeAsync(IReadOnlyList<SlotTreeNode> children, IReadOnlyList<string> files, long durationNs, string file, CancellationToken cancellation)
    {
        var merged = new Dictionary<(string Stream, string Name, int Part), List<NameStatistics>>();
        for (var child = 0; child < files.Count; child++)
            foreach (var row in await ReadAsync(files[child], 0, SpanStatistics.Parts, cancellation))
            {
                var part = (child * SpanStatistics.Parts + row.Part) / SlotTree.Fanout;
                if (!merged.TryGetValue((row.StreamId, row.Name, part), out var list)) merged.Add((row.StreamId, row.Name, part), list = []);
                list.Add(row);
            }
        // All rows of a part have its whole time: that of one may be shorter where a name did not occur.
        var times = merged.GroupBy(entry => entry.Key.Part).ToDictionary(part => part.Key,
            part => (BeginNs: part.Min(entry => entry.Value.Min(row => row.BeginNs)), EndNs: part.Max(entry => entry.Value.Max(row => row.EndNs))));
        using var rows = new RowBuffer(Views.StatTops, Views.StatTops.Stored);
        var target = new StatisticsRows(rows);
        foreach (var ((_, _, part), list) in merged) target.Add(Merge(list, part, times[part]));
        using var parquet = new ParquetFile(file);
        parquet.Append(rows, isLast: true, cancellation);
        return new WrittenPartition(rows.Count, parquet.Finish(), [], new LevelExtent(0, children.Min(child => child.FromNs), children.Max(child => child.ToNs)));
    }

    static NameStatistics Merge(List<NameStatistics> list, int part, (long BeginNs, long EndNs) time)
    {
        var durations = new Sketch();
        foreach (var row in list) durations.Add(row.Bins, row.Counts);
        var (bins, counts) = durations.ToBins();
        return list[0] with
        {
            Part = part,
            BeginNs = time.BeginNs,
            EndNs = time.EndNs,
            Count = list.Sum(row => row.Count),
            TotalNs = list.Sum(row => row.TotalNs),
            SelfNs = list.Sum(row => row.SelfNs),
            MinNs = list.Min(row => row.MinNs),
            MaxNs = list.Max(row => row.MaxNs),
            Bins = bins,
            Counts = counts,
        };
    }
}

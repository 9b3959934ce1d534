namespace Legion.Lakehouse;

/// <summary>Counts spans of one name by column of time and bucket of duration.</summary>
/// <param name="edges">Where columns begin, ascending, and the end of the last one.</param>
sealed class HeatCounts(string name, long[] edges)
{
    /// <summary>By column, and the beginning of the bucket.</summary>
    readonly SortedDictionary<(int Column, double LowNs), HeatCell> cells = [];

    public long FromNs => edges[0];

    public long ToNs => edges[^1];

    public bool IsInOneColumn(PartTime part) => part.BeginNs >= FromNs && part.EndNs <= ToNs && ColumnOf(part.BeginNs) == ColumnOf(part.EndNs - 1);

    /// <summary>Counts the spans of a part that lies in one column.</summary>
    public void Add(NameStatistics row)
    {
        if (row.Name != name) return;
        var column = ColumnOf(row.BeginNs);
        for (var i = 0; i < row.Bins.Length; i++) Add(column, row.Bins[i], row.Counts[i]);
    }

    /// <summary>Counts the spans that end in one of some parts.</summary>
    public void Add(EndedSpans spans, IEnumerable<PartTime> parts)
    {
        foreach (var part in parts)
            spans.Take(Math.Max(part.BeginNs, FromNs), Math.Min(part.EndNs, ToNs), null, (spanName, durationNs, _, endNs) =>
            {
                if (spans.Names[spanName] == name) Add(ColumnOf(endNs), Sketch.BinOf(durationNs), 1);
            });
    }

    public DurationHeat ToHeat() => new(name, edges, [.. cells.Values]);

    void Add(int column, short bin, long count)
    {
        var (low, high) = DurationBucket.Of(Sketch.ValueOf(bin));
        var before = cells.TryGetValue((column, low), out var cell) ? cell.Bucket.Count : 0;
        cells[(column, low)] = new HeatCell(column, new DurationBucket(low, high, before + count));
    }

    /// <summary>Of a time from the first edge on and before the last one.</summary>
    int ColumnOf(long ns)
    {
        var found = Array.BinarySearch(edges, ns);
        return found >= 0 ? found : ~found - 1;
    }
}

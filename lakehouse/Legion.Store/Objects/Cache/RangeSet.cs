namespace Legion.Store;

/// <summary>Which bytes of an object there are: ranges in order that neither overlap nor touch. It never changes.</summary>
sealed class RangeSet
{
    readonly ObjectRange[] ranges;

    RangeSet(ObjectRange[] ranges) => this.ranges = ranges;

    public static RangeSet Empty { get; } = new([]);

    public IReadOnlyList<ObjectRange> Ranges => ranges;

    public long Bytes => ranges.Sum(range => range.Bytes);

    public RangeSet With(IEnumerable<ObjectRange> more) => new(Unite(ranges.Concat(more), 0));

    /// <summary>What of <paramref name="wanted"/> is not there, in order. Pieces that lie at most <paramref name="gap"/> bytes apart are one, whatever is between them.</summary>
    public IReadOnlyList<ObjectRange> Missing(IEnumerable<ObjectRange> wanted, long gap)
    {
        var missing = new List<ObjectRange>();
        foreach (var range in Unite(wanted, 0))
        {
            var begin = range.Begin;
            foreach (var present in ranges)
            {
                if (present.End <= begin) continue;
                if (present.Begin >= range.End) break;
                if (present.Begin > begin) missing.Add(new ObjectRange(begin, present.Begin));
                begin = present.End;
            }
            if (begin < range.End) missing.Add(new ObjectRange(begin, range.End));
        }
        return Unite(missing, gap);
    }

    static ObjectRange[] Unite(IEnumerable<ObjectRange> ranges, long gap)
    {
        var united = new List<ObjectRange>();
        foreach (var range in ranges.Where(range => range.Bytes > 0).OrderBy(range => range.Begin))
        {
            if (united.Count > 0 && range.Begin - united[^1].End <= gap) united[^1] = united[^1] with { End = Math.Max(united[^1].End, range.End) };
            else united.Add(range);
        }
        return [.. united];
    }
}

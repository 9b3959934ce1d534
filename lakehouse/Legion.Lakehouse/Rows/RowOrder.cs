namespace Legion.Lakehouse;

/// <summary>The order in which rows are written.</summary>
static class RowOrder
{
    /// <summary>
    /// Row numbers in order of time; rows of equal time keep the order in which they were appended. Where the view says so, rows of one stream
    /// lie together within each <paramref name="groupRows"/>: their ids and times then differ little from one to the next, which makes spans
    /// an eighth smaller, and the times of a group, by which readers pass over it, stay as they are.
    /// </summary>
    public static int[] Of(RowBuffer rows, int groupRows)
    {
        var order = new int[rows.Count];
        for (var i = 0; i < order.Length; i++) order[i] = i;
        if (rows.View.TimeColumn is not { } time) return order;
        order = ByTime(rows.Get<long>(time).Values, order);
        if (rows.View.GroupsStreams) order = ByStream(rows.Text("stream_id"), order, groupRows);
        return order;
    }

    /// <summary>Sorts by as many bytes as times differ in, the lowest first: of a slot's times four or five, and each pass reads memory in order.</summary>
    static int[] ByTime(ReadOnlySpan<long> times, int[] order)
    {
        if (order.Length == 0) return order;
        var (least, most, isSorted) = (times[0], times[0], true);
        for (var i = 1; i < order.Length; i++)
        {
            var at = times[i];
            isSorted &= times[i - 1] <= at;
            least = Math.Min(least, at);
            most = Math.Max(most, at);
        }
        if (isSorted) return order;
        // As unsigned, the difference of any two times fits.
        var from = new (ulong Key, int Row)[order.Length];
        for (var i = 0; i < from.Length; i++) from[i] = ((ulong)(times[i] - least), i);
        var to = new (ulong Key, int Row)[order.Length];
        Span<int> starts = stackalloc int[256];
        for (var shift = 0; shift < 64 && (ulong)(most - least) >> shift != 0; shift += 8)
        {
            starts.Clear();
            foreach (ref readonly var item in from.AsSpan()) starts[(byte)(item.Key >> shift)]++;
            ToStarts(starts);
            foreach (ref readonly var item in from.AsSpan()) to[starts[(byte)(item.Key >> shift)]++] = item;
            (from, to) = (to, from);
        }
        for (var i = 0; i < order.Length; i++) order[i] = from[i].Row;
        return order;
    }

    static int[] ByStream(TextColumn streams, int[] order, int groupRows)
    {
        var codes = streams.Codes;
        var sorted = new int[order.Length];
        var starts = new int[streams.Texts.Length];
        for (var begin = 0; begin < order.Length; begin += groupRows)
        {
            var group = order.AsSpan(begin, Math.Min(groupRows, order.Length - begin));
            Array.Clear(starts);
            foreach (var row in group) starts[codes[row]]++;
            ToStarts(starts);
            foreach (var row in group) sorted[begin + starts[codes[row]]++] = row;
        }
        return sorted;
    }

    /// <summary>Turns counts into where each begins.</summary>
    static void ToStarts(Span<int> counts)
    {
        var next = 0;
        foreach (ref var count in counts) (count, next) = (next, next + count);
    }
}

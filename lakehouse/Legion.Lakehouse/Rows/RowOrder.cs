using System.Buffers;
using System.Numerics;

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

    /// <summary>Of a sort's digit: a slot's times differ in three or four of them, and as many places to write to stay in the nearest caches.</summary>
    const int DigitBits = 11;

    /// <summary>
    /// Sorts by as many digits as times differ in, the lowest first, so that each pass reads memory in order. Time and row number share a word;
    /// of times that differ in more bits than the row number leaves, the upper ones are sorted in a second round.
    /// </summary>
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
        var rowBits = BitOperations.Log2((uint)order.Length) + 1;
        // As unsigned, the difference of any two times fits.
        var timeBits = BitOperations.Log2((ulong)(most - least)) + 1;
        var pool = ArrayPool<ulong>.Shared;
        var (from, to) = (pool.Rent(order.Length), pool.Rent(order.Length));
        Span<int> starts = stackalloc int[1 << DigitBits];
        for (var sorted = 0; sorted < timeBits; sorted += 64 - rowBits)
        {
            for (var i = 0; i < order.Length; i++) from[i] = (ulong)(times[order[i]] - least) >> sorted << rowBits | (uint)order[i];
            for (var shift = rowBits; shift < Math.Min(64, rowBits + timeBits - sorted); shift += DigitBits)
            {
                starts.Clear();
                foreach (var item in from.AsSpan(0, order.Length)) starts[(int)(item >> shift) & ((1 << DigitBits) - 1)]++;
                ToStarts(starts);
                foreach (var item in from.AsSpan(0, order.Length)) to[starts[(int)(item >> shift) & ((1 << DigitBits) - 1)]++] = item;
                (from, to) = (to, from);
            }
            for (var i = 0; i < order.Length; i++) order[i] = (int)(from[i] & ((1ul << rowBits) - 1));
        }
        pool.Return(from);
        pool.Return(to);
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

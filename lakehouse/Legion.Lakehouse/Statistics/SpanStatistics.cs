using System.Runtime.InteropServices;

namespace Legion.Lakehouse;

/// <summary>
/// Sums up the spans of a slot, as they are decoded, by name within each sixteenth of the slot's time in which they end: rows of <c>span_stats</c>.
/// One stream follows the other; memory is that of one stream's names, and ten bytes a span.
/// </summary>
sealed class SpanStatistics(RowBuffer rows, Slot slot)
{
    /// <summary>Parts of a slot's time.</summary>
    public const int Parts = 16;

    struct Sum
    {
        public long Count, TotalNs, SelfNs, MinNs, MaxNs;
    }

    readonly StatisticsRows target = new(rows);
    readonly Dictionary<string, int> firstOf = new(StringComparer.Ordinal);
    readonly List<string> names = [];
    readonly List<Sum> sums = [];
    readonly List<ulong> bins = [];
    readonly long firstNs = slot.FirstNs;

    /// <summary>Rounded up, so that the last end lies in the last part.</summary>
    readonly long partNs = Math.Max(1, (slot.LastNs - slot.FirstNs) / Parts + 1);
    (string Process, string Id, string Thread) stream = ("", "", "");
    int[] firstOfCode = [];

    /// <summary>Takes what a decoder wrote of one stream.</summary>
    public void Add(RowBuffer spans)
    {
        if (spans.Count == 0) return;
        var streamIds = spans.Text("stream_id");
        if (streamIds[0] != stream.Id)
        {
            Finish();
            stream = (spans.Text("process_id")[0]!, streamIds[0]!, spans.Text("thread")[0]!);
        }
        var nameColumn = spans.Text("name");
        var texts = nameColumn.Texts;
        var codes = nameColumn.Codes;
        if (firstOfCode.Length < texts.Length) firstOfCode = new int[texts.Length];
        Array.Fill(firstOfCode, -1);
        var (begins, durations, childTimes) = (spans.Get<long>("begin_ns"), spans.Get<long>("duration_ns"), spans.Get<long>("children_ns"));
        var open = durations.Absent;
        for (var row = 0; row < codes.Length; row++)
        {
            if (!open.IsEmpty && open[row]) continue;
            ref var first = ref firstOfCode[codes[row]];
            if (first < 0) first = FirstOf(texts[codes[row]]);
            var duration = durations[row];
            var part = (int)Math.Clamp((begins[row] + duration - firstNs) / partNs, 0, Parts - 1);
            ref var sum = ref CollectionsMarshal.AsSpan(sums)[first + part];
            if (sum.Count == 0) (sum.MinNs, sum.MaxNs) = (duration, duration);
            sum.Count++;
            sum.TotalNs += duration;
            sum.SelfNs += duration - childTimes[row];
            sum.MinNs = Math.Min(sum.MinNs, duration);
            sum.MaxNs = Math.Max(sum.MaxNs, duration);
            bins.Add(KeyOf(first + part, Sketch.BinOf(duration)));
        }
    }

    /// <summary>Writes the rows of the stream.</summary>
    public void Finish()
    {
        bins.Sort();
        var at = 0;
        for (var index = 0; index < sums.Count; index++)
        {
            var sum = sums[index];
            if (sum.Count == 0) continue;
            var (ownBins, ownCounts) = (new List<short>(), new List<uint>());
            for (; at < bins.Count && (int)(bins[at] >> 16) == index; at++)
            {
                var bin = BinOf(bins[at]);
                if (ownBins.Count > 0 && ownBins[^1] == bin) ownCounts[^1]++;
                else
                {
                    ownBins.Add(bin);
                    ownCounts.Add(1);
                }
            }
            var part = index % Parts;
            target.Add(new NameStatistics(stream.Process, stream.Id, stream.Thread, names[index / Parts], slot.Number, part, firstNs + part * partNs, firstNs + (part + 1) * partNs,
                sum.Count, sum.TotalNs, sum.SelfNs, sum.MinNs, sum.MaxNs, [.. ownBins], [.. ownCounts]));
        }
        firstOf.Clear();
        names.Clear();
        sums.Clear();
        bins.Clear();
    }

    int FirstOf(string name)
    {
        ref var first = ref CollectionsMarshal.GetValueRefOrAddDefault(firstOf, name, out var exists);
        if (exists) return first;
        first = sums.Count;
        names.Add(name);
        CollectionsMarshal.SetCount(sums, sums.Count + Parts);
        CollectionsMarshal.AsSpan(sums)[first..].Clear();
        return first;
    }

    /// <summary>Orders by sum, then by bin.</summary>
    static ulong KeyOf(int sum, short bin) => (ulong)sum << 16 | (ushort)(bin - short.MinValue);

    static short BinOf(ulong key) => (short)((int)(key & 0xffff) + short.MinValue);
}

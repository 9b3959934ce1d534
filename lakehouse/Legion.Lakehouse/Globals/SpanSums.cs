using System.Runtime.InteropServices;
using Legion.Format;
using Legion.Lakehouse.Sql;

namespace Legion.Lakehouse;

/// <summary>
/// Sums up the spans that policies ask for, as blocks are decoded, by process, name, target and the second in which they end.
/// The header of a block names the spans that are open at its begin, so that each block says by itself which spans end in it, whichever others there are.
/// What only two blocks together tell, that a span lost its end, is left out: a block that comes late takes such a span back, which no sum can do.
/// Memory is that of <see cref="MostSums"/>, and ten bytes a span of one process.
/// </summary>
sealed class SpanSums(RowBuffer rows, SpanPolicies policies) : IDisposable
{
    const long SecondNs = 1_000_000_000;

    /// <summary>Sums in memory; where there are more, a key has several rows, which add up.</summary>
    const int MostSums = 100_000;

    struct Sum
    {
        public (long SecondNs, string Name, string Target) Key;
        public long Count, TotalNs, SelfNs, MinNs, MaxNs;
    }

    /// <summary>Spans of one name and site in a block, and the sum of the last one of them.</summary>
    struct Kind
    {
        public SpanSite Site;
        public bool IsAsked;
        public long SecondNs;
        public int Sum;
    }

    readonly RowBuffer spans = new(Views.Spans, Views.Spans.Stored);
    readonly SpanConditions conditions = new();
    readonly Dictionary<(long, string, string), int> sumOf = [];
    readonly List<Sum> sums = [];
    readonly List<ulong> bins = [];
    readonly Dictionary<ulong, int> kindOf = [];
    readonly List<Kind> kinds = [];
    SpanDecoder? decoder;
    string process = "";

    readonly TextColumn processIds = rows.Text("process_id"), names = rows.Text("name"), targets = rows.Text("target");
    readonly ColumnBuffer<long> times = rows.Get<long>("time_ns"), counts = rows.Get<long>("count"), totals = rows.Get<long>("total_ns"), selves = rows.Get<long>("self_ns");
    readonly ColumnBuffer<long> least = rows.Get<long>("min_ns"), most = rows.Get<long>("max_ns");
    readonly ColumnBuffer<short[]> binColumn = rows.Get<short[]>("bins");
    readonly ColumnBuffer<uint[]> binCounts = rows.Get<uint[]>("counts");

    /// <summary>Adds the spans that end in a block. One process follows the other.</summary>
    /// <exception cref="InvalidDataException">The block is damaged; nothing of it is added.</exception>
    public void Add(Block block, Schema schema, string processId, string streamId)
    {
        spans.Clear();
        decoder ??= new SpanDecoder(spans);
        decoder.Begin(processId, streamId, "");
        decoder.Add(block, schema);
        if (processId != process || sums.Count >= MostSums) Finish();
        process = processId;

        var (nameColumn, siteColumn) = (spans.Text("name"), spans.Text("site"));
        FindKinds(nameColumn, siteColumn);
        var (begins, durations, childTimes) = (spans.Get<long>("begin_ns"), spans.Get<long>("duration_ns"), spans.Get<long>("children_ns"));
        for (var row = 0; row < spans.Count; row++)
        {
            ref var kind = ref CollectionsMarshal.AsSpan(kinds)[kindOf[KindKey(nameColumn.Codes[row], siteColumn.Codes[row])]];
            if (!kind.IsAsked) continue;
            var duration = durations[row];
            var end = begins[row] + duration;
            // The remainder is taken twice: that of a negative number is negative.
            var second = end - (end % SecondNs + SecondNs) % SecondNs;
            if (kind.SecondNs != second) (kind.SecondNs, kind.Sum) = (second, SumOf((second, kind.Site.Name, kind.Site.Target)));
            ref var sum = ref CollectionsMarshal.AsSpan(sums)[kind.Sum];
            if (sum.Count == 0) (sum.MinNs, sum.MaxNs) = (duration, duration);
            sum.Count++;
            sum.TotalNs += duration;
            sum.SelfNs += duration - childTimes[row];
            sum.MinNs = Math.Min(sum.MinNs, duration);
            sum.MaxNs = Math.Max(sum.MaxNs, duration);
            bins.Add((ulong)kind.Sum << 16 | (ushort)(Sketch.BinOf(duration) - short.MinValue));
        }
    }

    /// <summary>Writes the rows of the process.</summary>
    public void Finish()
    {
        bins.Sort();
        var at = 0;
        for (var index = 0; index < sums.Count; index++)
        {
            var sum = sums[index];
            var (ownBins, ownCounts) = (new List<short>(), new List<uint>());
            for (; at < bins.Count && (int)(bins[at] >> 16) == index; at++)
            {
                var bin = (short)((int)(bins[at] & 0xffff) + short.MinValue);
                if (ownBins.Count > 0 && ownBins[^1] == bin) ownCounts[^1]++;
                else
                {
                    ownBins.Add(bin);
                    ownCounts.Add(1);
                }
            }
            times.Add(sum.Key.SecondNs);
            processIds.Add(process);
            names.Add(sum.Key.Name);
            targets.Add(sum.Key.Target);
            counts.Add(sum.Count);
            totals.Add(sum.TotalNs);
            selves.Add(sum.SelfNs);
            least.Add(sum.MinNs);
            most.Add(sum.MaxNs);
            binColumn.Add([.. ownBins]);
            binCounts.Add([.. ownCounts]);
        }
        sumOf.Clear();
        sums.Clear();
        bins.Clear();
    }

    public void Dispose()
    {
        spans.Dispose();
        conditions.Dispose();
    }

    /// <summary>Finds the names and sites of the block's spans, and which of them are asked for.</summary>
    void FindKinds(TextColumn nameColumn, TextColumn siteColumn)
    {
        kindOf.Clear();
        kinds.Clear();
        for (var row = 0; row < spans.Count; row++)
        {
            ref var kind = ref CollectionsMarshal.GetValueRefOrAddDefault(kindOf, KindKey(nameColumn.Codes[row], siteColumn.Codes[row]), out var exists);
            if (exists) continue;
            kind = kinds.Count;
            kinds.Add(new Kind { Site = SpanSite.Of(nameColumn[row]!, siteColumn[row]!), SecondNs = long.MinValue });
        }
        var asked = conditions.AreMet(policies.ConditionsOf(Guid.Parse(process)), [.. kinds.Select(kind => kind.Site)]);
        var found = CollectionsMarshal.AsSpan(kinds);
        for (var i = 0; i < found.Length; i++) found[i].IsAsked = asked[i];
    }

    int SumOf((long SecondNs, string Name, string Target) key)
    {
        ref var index = ref CollectionsMarshal.GetValueRefOrAddDefault(sumOf, key, out var exists);
        if (exists) return index;
        index = sums.Count;
        sums.Add(new Sum { Key = key });
        return index;
    }

    static ulong KindKey(int name, int site) => (ulong)(uint)name << 32 | (uint)site;
}

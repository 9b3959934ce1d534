using Legion.Lakehouse.Timeline;

namespace Legion.Lakehouse;

public sealed partial class SpanSelections
{
    /// <summary>Counts spans of a name by the time in which they end and by their duration.</summary>
    /// <param name="window">From which column edges differ by a column at most: they lie where sums do, so that spans are read one by one only where sums are coarser than columns.</param>
    /// <exception cref="NotInLakeException">There is no such process.</exception>
    public async Task<DurationHeat> ReadHeatAsync(Guid processId, string name, TimeWindow window, CancellationToken cancellation = default)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var (_, snapshot, root) = await ReadAsync(processId, cancellation);
                var stepNs = window.StepNs(DurationHeat.MostColumns);
                var columns = (int)((window.ToNs - window.FromNs + stepNs - 1) / stepNs);
                long[] wanted = [.. Enumerable.Range(0, columns).Select(column => window.FromNs + column * stepNs), window.ToNs];
                if (root is null) return new DurationHeat(name, wanted, []);
                var edges = new long[wanted.Length];
                await SettleAsync(root, 0, SpanStatistics.Parts, Enumerable.Range(0, wanted.Length), wanted, edges, stepNs, cancellation);
                var counts = new HeatCounts(name, [.. edges.Distinct().Order()]);
                await CountAsync(counts, snapshot, root, 0, SpanStatistics.Parts, cancellation);
                return counts.ToHeat();
            }
            catch (RemovedMeanwhileException) when (attempt < Attempts)
            {
                readings.Remove(processId);
            }
        }
    }

    /// <summary>Moves edges to where a part ends, if there is one so near that columns stay columns, and those of the window outwards, so that all of it is in them.</summary>
    async Task SettleAsync(SlotTreeNode node, int firstPart, int endPart, IEnumerable<int> which, long[] wanted, long[] edges, long stepNs, CancellationToken cancellation)
    {
        var left = which.ToHashSet();
        foreach (var i in left) edges[i] = wanted[i];
        using var held = new HeldFiles(lake.Store.Objects);
        foreach (var part in await TimesAsync(held, node, cancellation))
        {
            if (part.Part < firstPart || part.Part >= endPart) continue;
            int[] inside = [.. left.Where(i => part.BeginNs < wanted[i] && wanted[i] < part.EndNs)];
            if (inside.Length == 0) continue;
            left.ExceptWith(inside);
            if (part.EndNs - part.BeginNs <= stepNs)
                foreach (var i in inside) edges[i] = i > 0 && (i == wanted.Length - 1 || wanted[i] - part.BeginNs >= part.EndNs - wanted[i]) ? part.EndNs : part.BeginNs;
            else if (node.Slot is null)
            {
                var (child, first) = ChildOf(node, part.Part);
                await SettleAsync(child, first, first + SlotTree.Fanout, inside, wanted, edges, stepNs, cancellation);
            }
        }
    }

    /// <summary>Adds up parts of a piece that lie in one column, and at the edges of columns what they were merged from, down to the spans.</summary>
    async Task CountAsync(HeatCounts counts, ProcessSnapshot snapshot, SlotTreeNode node, int firstPart, int endPart, CancellationToken cancellation)
    {
        if (!node.Overlaps(counts.FromNs, counts.ToNs)) return;
        using var held = new HeldFiles(lake.Store.Objects);
        PartTime[] asked = [.. (await TimesAsync(held, node, cancellation)).Where(part => part.Part >= firstPart && part.Part < endPart && part.EndNs > counts.FromNs && part.BeginNs < counts.ToNs)];
        var whole = asked.Where(counts.IsInOneColumn).Select(part => part.Part).ToHashSet();
        await foreach (var rows in RowsAsync(held, node, whole, cancellation))
            foreach (var row in rows) counts.Add(row);
        PartTime[] crossed = [.. asked.Where(part => !whole.Contains(part.Part))];
        if (crossed.Length == 0) return;
        if (node.Slot is { } slot)
        {
            await foreach (var spans in SpansAsync(snapshot, slot, crossed[0].BeginNs, crossed[^1].EndNs, cancellation)) counts.Add(spans, crossed);
            return;
        }
        foreach (var part in crossed)
        {
            var (child, first) = ChildOf(node, part.Part);
            await CountAsync(counts, snapshot, child, first, first + SlotTree.Fanout, cancellation);
        }
    }
}

using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>Where slots begin. Cuts are catalog rows, written once and never moved; all views of a process share them.</summary>
static class SlotCuts
{
    public const long DayNs = 86_400_000_000_000;
    const long HourNs = 3_600_000_000_000;

    /// <summary>A slot's rows are built in memory: two million events are some hundred megabytes, and a second of work.</summary>
    public const long MostEvents = 2_000_000;

    /// <summary>The cuts that blocks behind the last existing cut ask for: when a slot has its events, after an hour, and at midnight UTC.</summary>
    public static IEnumerable<SlotCut> Missing(IReadOnlyList<SlotCut> cuts, IEnumerable<BlockRow> blocks)
    {
        var ordered = blocks.OrderBy(block => block.BeginNs).ThenBy(block => block.BlockId).ToArray();
        if (ordered.Length == 0) yield break;
        var last = cuts.Count > 0 ? cuts[^1] : new SlotCut(0, ordered[0].BeginNs, 0);
        if (cuts.Count == 0) yield return last;
        var events = 0L;
        foreach (var block in ordered)
        {
            if (block.BeginNs < last.BeginNs) continue;
            var midnight = Math.Max(last.BeginNs, (long)Math.Floor(block.BeginNs / (double)DayNs) * DayNs);
            long? cut = midnight > last.BeginNs ? midnight
                : block.BeginNs > last.BeginNs && (events >= MostEvents || block.BeginNs - last.BeginNs >= HourNs) ? block.BeginNs
                : null;
            if (cut is { } beginNs)
            {
                last = new SlotCut(last.Slot + 1, beginNs, 0);
                events = 0;
                yield return last;
            }
            events += block.Events;
        }
    }

    /// <summary>Files blocks under the cuts.</summary>
    public static IReadOnlyList<Slot> Divide(IReadOnlyList<SlotCut> cuts, IReadOnlyList<BlockRow> blocks)
    {
        var bySlot = cuts.Select(_ => new List<BlockRow>()).ToArray();
        foreach (var block in blocks)
        {
            var (low, high) = (0, cuts.Count - 1);
            while (low < high)
            {
                var middle = (low + high + 1) / 2;
                if (cuts[middle].BeginNs <= block.BeginNs) low = middle;
                else high = middle - 1;
            }
            bySlot[low].Add(block);
        }
        return cuts.Select((cut, index) => new Slot(cut.Slot, cut.BeginNs, bySlot[index], cut.RemovedVersion)).ToArray();
    }
}

using System.Runtime.InteropServices;

namespace Legion.Lakehouse;

/// <summary>
/// Reduces spans, or items of a finer level, to a level: what lasts at least a step stays itself; what is shorter merges with the others of its stream and depth
/// that begin in the same step. As steps of a coarser level are whole numbers of those of a finer one, reducing a level gives exactly what reducing the spans gives.
/// </summary>
/// <remarks>
/// One step a lane is open at a time: spans of one depth follow each other. Where they come in another order, a step may come out in several items,
/// which the next reduction, or the tile, merges.
/// </remarks>
sealed class SpanLevel(long stepNs, SpanItemTaker take)
{
    struct Lane
    {
        public SpanItem Item;
        public long Step;
        public bool IsOpen;
    }

    readonly Dictionary<string, List<Lane>> lanesOf = [];
    string streamId = "";
    List<Lane> lanes = [];

    public void Add(string stream, in SpanItem item)
    {
        if (item.LongestNs >= stepNs)
        {
            take(stream, item);
            return;
        }
        if (!ReferenceEquals(stream, streamId)) Turn(stream);
        while (lanes.Count <= item.Depth) lanes.Add(default);
        ref var lane = ref CollectionsMarshal.AsSpan(lanes)[item.Depth];
        var step = FloorDivide(item.BeginNs, stepNs);
        if (lane.IsOpen && lane.Step == step)
        {
            lane.Item = lane.Item.With(item);
            return;
        }
        if (lane.IsOpen) take(stream, lane.Item);
        lane = new Lane { Item = item, Step = step, IsOpen = true };
    }

    /// <summary>Gives the steps that are still open.</summary>
    public void Finish()
    {
        foreach (var (stream, open) in lanesOf)
        {
            foreach (var lane in open)
                if (lane.IsOpen) take(stream, lane.Item);
            open.Clear();
        }
    }

    void Turn(string stream)
    {
        streamId = stream;
        if (lanesOf.TryGetValue(stream, out var known)) lanes = known;
        else lanesOf.Add(stream, lanes = []);
    }

    static long FloorDivide(long value, long by) => value >= 0 ? value / by : -((-value + by - 1) / by);
}

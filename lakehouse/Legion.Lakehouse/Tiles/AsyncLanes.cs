namespace Legion.Lakehouse.Tiles;

/// <summary>
/// Places what lasts, in order of begin, so that nothing overlaps: each in the first free lane, below its parent where the parent is placed too.
/// Lanes belong to what is placed together, and are never part of a span's identity.
/// </summary>
public sealed class AsyncLanes
{
    /// <summary>More than anybody scrolls through; what finds no free lane lies in the last one, over others.</summary>
    public const int MostLanes = 200;

    readonly List<long> freeFrom = [];
    readonly Dictionary<ulong, int> laneOf = [];

    public int Count => freeFrom.Count;

    /// <summary>Gives the lane of the next one; it begins no earlier than those before it.</summary>
    /// <param name="id">0 where none is a part of it.</param>
    /// <param name="parent">0 for none.</param>
    public int Place(long beginNs, long endNs, ulong id = 0, ulong parent = 0)
    {
        var lane = parent != 0 && laneOf.TryGetValue(parent, out var above) ? above + 1 : 0;
        while (lane < freeFrom.Count && freeFrom[lane] > beginNs) lane++;
        lane = Math.Min(lane, MostLanes - 1);
        while (freeFrom.Count <= lane) freeFrom.Add(long.MinValue);
        // Two of no length at one moment need a lane each.
        freeFrom[lane] = Math.Max(freeFrom[lane], endNs > beginNs ? endNs : Math.Min(beginNs, long.MaxValue - 1) + 1);
        if (id != 0) laneOf[id] = lane;
        return lane;
    }
}

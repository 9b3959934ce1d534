using Legion.Store;

namespace Legion.Lakehouse.Tiles;

/// <summary>
/// What the rows of blocks tell of spans that nothing was read of: how many a thread recorded over a time. A rectangle of depth 0 without a name and with id 0 stands for a block,
/// or for the part of one that lies in a step; its <see cref="TileRectangle.Busy"/> is not how much was covered but the block's events per time, of 255 for the densest one.
/// </summary>
sealed class BlockDensity
{
    readonly IReadOnlyList<BlockRow> blocks;
    readonly double most;

    /// <param name="blocks">Of spans.</param>
    /// <param name="densest">Of these, and of others beside which they are seen.</param>
    public BlockDensity(IReadOnlyList<BlockRow> blocks, IEnumerable<BlockRow> densest)
    {
        this.blocks = blocks;
        most = densest.Select(PerNs).DefaultIfEmpty(1).Max();
    }

    /// <summary>Rectangles of one tile. Each span is counted once over all tiles of a level, in the step or the rectangle that its block begins in.</summary>
    /// <param name="laneOf">By stream; others are left out.</param>
    public IEnumerable<TileRectangle> Rectangles(TileAddress address, IReadOnlyDictionary<Guid, ushort> laneOf)
    {
        var stepNs = TileGrid.StepNs(address.Level);
        var within = new Dictionary<(ushort Lane, uint Offset), (long Spans, double Density)>();
        foreach (var block in blocks)
        {
            if (!laneOf.TryGetValue(block.StreamId, out var lane)) continue;
            var (beginNs, endNs) = (Math.Clamp(block.BeginNs, 0, TileGrid.EndNs - 1), Math.Clamp(block.EndNs, 1, TileGrid.EndNs));
            if (beginNs >= address.EndNs || endNs <= address.BeginNs && beginNs < address.BeginNs) continue;
            var (spans, density) = (Spans(block), PerNs(block) / most);
            if (endNs - beginNs >= stepNs)
            {
                var first = Math.Max((beginNs - address.BeginNs) / stepNs, 0);
                var end = Math.Min((endNs - address.BeginNs + stepNs - 1) / stepNs, TileGrid.StepsPerTile);
                if (end > first) yield return Rectangle(lane, (uint)first, (uint)(end - first), spans, density);
            }
            else if (beginNs >= address.BeginNs)
            {
                var key = (lane, (uint)((beginNs - address.BeginNs) / stepNs));
                var known = within.GetValueOrDefault(key);
                within[key] = (known.Spans + spans, Math.Max(known.Density, density));
            }
        }
        foreach (var ((lane, offset), (spans, density)) in within) yield return Rectangle(lane, offset, 1, spans, density);
    }

    static TileRectangle Rectangle(ushort lane, uint offset, uint width, long spans, double density) =>
        new(Id: 0, DurationNs: 0, offset, width, Name: "", (uint)Math.Min(spans, uint.MaxValue), lane, Depth: 0, (byte)Math.Clamp(Math.Ceiling(255 * density), 1, 255));

    /// <summary>A span is a begin and an end, which may lie in two blocks.</summary>
    static long Spans(BlockRow block) => Math.Max(1, (block.Events + 1) / 2);

    static double PerNs(BlockRow block) => block.Events / (double)Math.Max(1, block.EndNs - block.BeginNs);
}

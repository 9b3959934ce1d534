using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>
/// A time interval of a process across all its streams. A block belongs wholly to the slot of its first tick,
/// so that a late block makes exactly one slot stale.
/// </summary>
/// <param name="BeginNs">Where it was cut; the first slot also takes what is earlier.</param>
/// <param name="Blocks">In order of stream and sequence.</param>
/// <param name="RemovedVersion">The process's version at which blocks were last removed from it.</param>
public sealed record Slot(int Number, long BeginNs, IReadOnlyList<BlockRow> Blocks, long RemovedVersion)
{
    /// <summary>Begin of the earliest block, nanoseconds UTC.</summary>
    public long FirstNs { get; } = Blocks.Count == 0 ? BeginNs : Blocks.Min(block => block.BeginNs);

    /// <summary>End of the last block: what ends in the slot ends by then. Nanoseconds UTC.</summary>
    public long LastNs { get; } = Blocks.Count == 0 ? BeginNs : Blocks.Max(block => block.EndNs);

    /// <summary>Days since the Unix epoch, as the paths of its partitions say.</summary>
    public int Day => (int)Math.Floor(BeginNs / (double)SlotCuts.DayNs);

    /// <summary>The slot with some of its blocks alone, and so with the time of these.</summary>
    public Slot With(IEnumerable<BlockRow> blocks) => new(Number, BeginNs, [.. blocks], RemovedVersion);
}

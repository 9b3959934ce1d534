using Legion.Format;
using Legion.Store;

namespace Legion.Lakehouse.Import;

/// <summary>What became of the blocks of a file, and which processes they are of.</summary>
sealed class ImportedBlocks
{
    readonly Dictionary<BlockCode, long> counts = [];
    readonly List<Guid> processes = [];

    /// <summary>In order of first mention.</summary>
    public IReadOnlyList<Guid> Processes => processes;

    /// <summary>By answer; those that no block had are missing.</summary>
    public IReadOnlyDictionary<BlockCode, long> Counts => counts;

    public long Count(BlockCode code) => counts.GetValueOrDefault(code);

    public void Add(AppendAnswer answer)
    {
        processes.AddRange(answer.Processes.Except(processes));
        foreach (var block in answer.Blocks) counts[block.Code] = Count(block.Code) + 1;
    }
}

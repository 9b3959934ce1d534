using Legion.Store;

namespace Legion.Cli.Import;

/// <summary>Appends the batches of a recording and counts what became of its blocks.</summary>
sealed class RecordingImport(LakeStore lake)
{
    readonly BlockAppend append = new(lake, TimeProvider.System);
    readonly Dictionary<BlockCode, long> counts = [];
    readonly List<Guid> processes = [];

    /// <summary>In order of first mention.</summary>
    public IReadOnlyList<Guid> Processes => processes;

    public long Count(BlockCode code) => counts.GetValueOrDefault(code);

    /// <summary>Appends what can be read. What lies behind damage cannot be found and stays out.</summary>
    /// <returns>What is not in the lake, and why; null where all of it is.</returns>
    public async Task<string?> AppendAsync(RecordingFile recording, CancellationToken cancellation)
    {
        string? reason = null;
        try
        {
            while (recording.Next() is { } items)
            {
                var answer = await append.AppendAsync(Tenant.Default, items, cancellation);
                processes.AddRange(answer.Processes.Except(processes));
                foreach (var block in answer.Blocks) counts[block.Code] = Count(block.Code) + 1;
                reason ??= answer.Blocks.FirstOrDefault(block => block.Code == BlockCode.Refused)?.Reason;
            }
        }
        catch (InvalidDataException damage)
        {
            return damage.Message;
        }
        if (Count(BlockCode.Missing) > 0) return $"{Count(BlockCode.Missing)} blocks name a process, stream or schema that neither the file nor the lake has";
        return reason is null ? null : $"{Count(BlockCode.Refused)} blocks were refused, the first because: {reason}";
    }
}

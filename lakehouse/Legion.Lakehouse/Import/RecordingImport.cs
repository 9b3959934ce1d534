using Legion.Store;

namespace Legion.Lakehouse.Import;

/// <summary>Appends the batches of a recording and counts what became of its blocks.</summary>
sealed class RecordingImport(LakeStore lake, TimeProvider clock)
{
    readonly BlockAppend append = new(lake, clock);

    public ImportedBlocks Imported { get; } = new();

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
                Imported.Add(answer);
                reason ??= answer.Blocks.FirstOrDefault(block => block.Code == BlockCode.Refused)?.Reason;
            }
        }
        catch (InvalidDataException damage)
        {
            return damage.Message;
        }
        if (Imported.Count(BlockCode.Missing) > 0) return $"{Imported.Count(BlockCode.Missing)} blocks name a process, stream or schema that neither the file nor the lake has";
        return reason is null ? null : $"{Imported.Count(BlockCode.Refused)} blocks were refused, the first because: {reason}";
    }
}

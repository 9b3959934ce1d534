using Legion.Format;

namespace Legion.Store;

/// <summary>What a tenant has registered of the processes, streams and schemas that one batch mentions.</summary>
sealed class Registered
{
    readonly Dictionary<Guid, ProcessRow> processes;
    readonly Dictionary<Guid, StreamRow> streams;
    readonly IReadOnlySet<SchemaHash> schemas;
    readonly IReadOnlySet<Guid> erased;

    Registered(RegisteredRows rows)
    {
        processes = rows.Processes.ToDictionary(process => process.ProcessId);
        streams = rows.Streams.ToDictionary(stream => stream.StreamId);
        (schemas, erased) = (rows.Schemas, rows.Erased);
    }

    public static async Task<Registered> ReadAsync(ICatalog catalog, Tenant tenant, BatchRecords records, List<BlockCandidate> blocks, CancellationToken cancellation)
    {
        var headers = blocks.Where(block => block.IsOpen).Select(block => block.Header).ToList();
        return new Registered(await catalog.ReadRegisteredAsync(tenant, Mentioned(records, blocks),
            [.. records.Streams.Select(stream => stream.StreamId).Concat(headers.Select(header => header.StreamId)).Distinct()],
            [.. records.Schemas.Select(schema => schema.Hash).Concat(headers.Select(header => header.Schema)).Distinct()], cancellation));
    }

    /// <summary>What the catalog lacks, or has in a lower version; null for nothing, as in most batches.</summary>
    public Registration? NewsIn(BatchRecords records, long nowNs)
    {
        var news = new Registration(
            nowNs,
            [.. records.Processes.Where(process => !processes.TryGetValue(process.ProcessId, out var known) || known.RecordVersion < process.RecordVersion).Where(process => !erased.Contains(process.ProcessId))],
            [.. records.Streams.Where(stream => !streams.TryGetValue(stream.StreamId, out var known) || known.RecordVersion < stream.RecordVersion).Where(stream => !erased.Contains(stream.ProcessId))],
            [.. records.Schemas.Where(schema => !schemas.Contains(schema.Hash))]);
        return news.Processes.Count + news.Streams.Count + news.Schemas.Count > 0 ? news : null;
    }

    /// <summary>Decides a block that lacks something or contradicts its stream's record, and one of an erased process, with which the client is to be done; for others finds the day.</summary>
    public void Check(BlockCandidate block)
    {
        var header = block.Header;
        if (erased.Contains(header.ProcessId))
            block.Decide(BlockCode.Exists, BlockAnswer.Erased);
        else if (!processes.TryGetValue(header.ProcessId, out var process) || !streams.TryGetValue(header.StreamId, out var stream) || !schemas.Contains(header.Schema))
            block.Decide(BlockCode.Missing);
        else if (stream.ProcessId != header.ProcessId)
            block.Decide(BlockCode.Refused, $"expected process {stream.ProcessId}, as stream {stream.StreamId} is registered, saw {header.ProcessId}");
        else if (stream.Class != header.Class)
            block.Decide(BlockCode.Refused, $"expected class {StoreNames.Class(stream.Class)}, as stream {stream.StreamId} is registered, saw {StoreNames.Class(header.Class)}");
        else
            block.Day = BlockDay.Of(header.BlockId, process.RegisteredNs);
    }

    public AppendAnswer Answer(BatchRecords records, List<BlockCandidate> blocks)
    {
        var missing = blocks.Where(block => block.Answer!.Code == BlockCode.Missing).Select(block => block.Header).ToList();
        var streamsOfNobody = records.Streams.Where(stream => !processes.ContainsKey(stream.ProcessId) && !erased.Contains(stream.ProcessId)).ToList();
        return new AppendAnswer(
            blocks.ConvertAll(block => block.Answer!),
            [.. missing.Select(header => header.Schema).Where(hash => !schemas.Contains(hash)).Distinct()],
            [.. missing.Select(header => header.ProcessId).Concat(streamsOfNobody.Select(stream => stream.ProcessId)).Where(id => !processes.ContainsKey(id)).Distinct()],
            [.. missing.Select(header => header.StreamId).Concat(streamsOfNobody.Select(stream => stream.StreamId)).Where(id => !streams.ContainsKey(id)).Distinct()],
            [.. Mentioned(records, blocks).Where(processes.ContainsKey)]);
    }

    static Guid[] Mentioned(BatchRecords records, List<BlockCandidate> blocks) =>
    [
        .. records.Processes.Select(process => process.ProcessId)
            .Concat(records.Streams.Select(stream => stream.ProcessId))
            .Concat(blocks.Where(block => block.HeaderBytes > 0).Select(block => block.Header.ProcessId))
            .Distinct(),
    ];
}

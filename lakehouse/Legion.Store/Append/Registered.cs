using Legion.Format;

namespace Legion.Store;

/// <summary>What a tenant has registered of the processes, streams and schemas that one batch mentions.</summary>
sealed class Registered
{
    readonly Dictionary<Guid, KnownProcess> processes = [];
    readonly Dictionary<Guid, KnownStream> streams = [];
    readonly HashSet<SchemaHash> schemas = [];
    readonly IReadOnlySet<Guid> erased;

    Registered(IReadOnlySet<Guid> erased) => this.erased = erased;

    /// <returns>Null where not all that the batch mentions is known.</returns>
    public static Registered? Recall(KnownRegistrations known, Tenant tenant, BatchRecords records, List<BlockCandidate> blocks)
    {
        var registered = new Registered(new HashSet<Guid>());
        foreach (var id in ProcessesOf(records, blocks))
        {
            if (known.Process(tenant, id) is not { } process) return null;
            registered.processes.Add(id, process);
        }
        foreach (var id in StreamsOf(records, blocks))
        {
            if (known.Stream(tenant, id) is not { } stream) return null;
            registered.streams.Add(id, stream);
        }
        foreach (var hash in SchemasOf(records, blocks))
        {
            if (!known.HasSchema(tenant, hash)) return null;
            registered.schemas.Add(hash);
        }
        return registered;
    }

    /// <param name="known">Remembers what is read.</param>
    public static async Task<Registered> ReadAsync(ICatalog catalog, KnownRegistrations known, Tenant tenant, BatchRecords records, List<BlockCandidate> blocks, CancellationToken cancellation)
    {
        var rows = await catalog.ReadRegisteredAsync(tenant, [.. ProcessesOf(records, blocks)], [.. StreamsOf(records, blocks)], [.. SchemasOf(records, blocks)], cancellation);
        known.Add(tenant, rows);
        var registered = new Registered(rows.Erased);
        foreach (var process in rows.Processes) registered.processes.Add(process.ProcessId, KnownProcess.Of(process));
        foreach (var stream in rows.Streams) registered.streams.Add(stream.StreamId, KnownStream.Of(stream));
        registered.schemas.UnionWith(rows.Schemas);
        return registered;
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
            block.Decide(BlockCode.Refused, $"expected process {stream.ProcessId}, as stream {header.StreamId} is registered, saw {header.ProcessId}");
        else if (stream.Class != header.Class)
            block.Decide(BlockCode.Refused, $"expected class {StoreNames.Class(stream.Class)}, as stream {header.StreamId} is registered, saw {StoreNames.Class(header.Class)}");
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
            [.. ProcessesOf(records, blocks).Where(processes.ContainsKey)]);
    }

    static IEnumerable<Guid> ProcessesOf(BatchRecords records, List<BlockCandidate> blocks) =>
        records.Processes.Select(process => process.ProcessId)
            .Concat(records.Streams.Select(stream => stream.ProcessId))
            .Concat(HeadersOf(blocks).Select(header => header.ProcessId))
            .Distinct();

    static IEnumerable<Guid> StreamsOf(BatchRecords records, List<BlockCandidate> blocks) =>
        records.Streams.Select(stream => stream.StreamId).Concat(HeadersOf(blocks).Select(header => header.StreamId)).Distinct();

    static IEnumerable<SchemaHash> SchemasOf(BatchRecords records, List<BlockCandidate> blocks) =>
        records.Schemas.Select(schema => schema.Hash).Concat(HeadersOf(blocks).Select(header => header.Schema)).Distinct();

    static IEnumerable<BlockHeader> HeadersOf(List<BlockCandidate> blocks) => blocks.Where(block => block.HeaderBytes > 0).Select(block => block.Header);
}

using Legion.Format;
using Legion.Lakehouse.OpenTelemetry;
using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>What a scrub took out of a process.</summary>
/// <param name="Unreadable">Blocks that could not be searched, and stay.</param>
readonly record struct ScrubTotals(long Blocks, long Events, long Unreadable);

/// <summary>
/// Takes subjects out of a process's blocks. Object by object a new one is put, then the catalog moves the blocks to it and dooms the old one,
/// so that whatever is killed, the next scrub goes on with what is left.
/// </summary>
sealed class ProcessScrub(LakeStore lake, Tenant tenant, TimeProvider clock, IReadOnlyList<Subject> subjects)
{
    readonly BlockSource source = new(lake.Objects, lake.Catalog, tenant);
    readonly Dictionary<SchemaHash, SubjectFields> fields = [];
    readonly ExportErasure exports = new(subjects);

    public async Task<ScrubTotals> RunAsync(Guid processId, CancellationToken cancellation)
    {
        var blocks = await lake.Catalog.ReadAllBlocksAsync(tenant, processId, cancellation);
        var streams = await lake.Catalog.ReadStreamsAsync(tenant, [processId], cancellation);
        var takenStreams = streams.Where(stream => subjects.Any(subject => subject.MatchesJson(stream.Properties))).Select(stream => stream.StreamId).ToHashSet();
        // An async span may begin and end in two streams: the first time finds them, the second one both sides of each.
        var asyncIds = new HashSet<ulong>();
        await PlanAsync(blocks.Where(block => block.Class == StreamClass.Trace && !OtlpBlock.IsOpenTelemetry(block)), takenStreams, asyncIds, [], cancellation);
        var unreadable = new HashSet<Guid>();
        var plans = await PlanAsync(blocks, takenStreams, asyncIds, unreadable, cancellation);

        // Those first that go because others say so: where this is killed, the others still say it.
        var withDead = (await lake.Catalog.FindObjectsWithDeadAsync(tenant, processId, cancellation)).ToHashSet();
        var objects = blocks.ToLookup(block => block.ObjectKey);
        var concerned = objects.Where(group => withDead.Contains(group.Key) || group.Any(block => plans.ContainsKey(block.BlockId)))
            .OrderByDescending(group => group.Any(block => plans.TryGetValue(block.BlockId, out var plan) && plan.RestsOnOthers));
        foreach (var group in concerned) await ReplaceAsync(processId, group.Key, [.. group], plans, cancellation);
        foreach (var key in withDead.Where(key => !objects.Contains(key))) await ReplaceAsync(processId, key, [], plans, cancellation);
        foreach (var stream in takenStreams) await lake.Catalog.CleanStreamAsync(tenant, stream, PropertyJson.Empty, cancellation);
        return new ScrubTotals(plans.Count, plans.Values.Sum(plan => plan.Erased), unreadable.Count);
    }

    /// <summary>The plans of those blocks that are to be rewritten.</summary>
    async Task<Dictionary<Guid, BlockPlan>> PlanAsync(
        IEnumerable<BlockRow> blocks, HashSet<Guid> takenStreams, HashSet<ulong> asyncIds, HashSet<Guid> unreadable, CancellationToken cancellation)
    {
        var plans = new Dictionary<Guid, BlockPlan>();
        foreach (var stream in blocks.GroupBy(block => block.StreamId))
        {
            var takesAll = takenStreams.Contains(stream.Key);
            var scan = new StreamScan(FieldsOf, asyncIds, takesAll);
            foreach (var row in stream)
            {
                try
                {
                    var block = await source.ReadAsync(row, cancellation);
                    BlockPlan? plan = block.Header.IsOpenTelemetry ? exports.Plan(block, takesAll)
                        : scan.Scan(block, await source.SchemaAsync(row.Schema, cancellation)) is { IsNeeded: true } events ? events : null;
                    if (plan is not null) plans.Add(row.BlockId, plan);
                }
                catch (InvalidDataException)
                {
                    unreadable.Add(row.BlockId);
                }
            }
        }
        return plans;
    }

    async Task ReplaceAsync(Guid processId, string oldKey, BlockRow[] blocks, Dictionary<Guid, BlockPlan> plans, CancellationToken cancellation)
    {
        if (!StoreNames.TryReadBlocksObject(oldKey, out var old)) throw new InvalidDataException($"expected the key of an object of blocks, saw '{oldKey}'");
        NewObject? added = null;
        if (blocks.Length > 0)
        {
            var name = old with { ObjectId = Guid.CreateVersion7(clock.GetUtcNow()) };
            var key = StoreNames.BlocksObject(name);
            var (parts, rows, bytes) = (new List<ReadOnlyMemory<byte>>(), new List<BlockRow>(), 0L);
            foreach (var row in blocks)
            {
                var (part, moved) = await RewriteAsync(row, plans.GetValueOrDefault(row.BlockId), cancellation);
                parts.Add(part);
                rows.Add(moved with { ObjectKey = key, ObjectOffset = bytes });
                bytes += part.Length;
            }
            if (!await lake.Objects.PutAsync(key, parts, cancellation)) throw new StoreUnavailableException($"cannot put object '{key}': the key is taken");
            added = new NewObject(key, bytes, name.Day, name.Class, processId, rows);
        }
        Guid[] rewritten = [.. blocks.Select(block => block.BlockId).Where(plans.ContainsKey)];
        // Where somebody else was faster, his object has it, and the new one is nobody's: a sweep deletes it.
        await lake.Catalog.ReplaceObjectAsync(tenant, new ObjectReplacement(oldKey, processId, added, rewritten), cancellation);
    }

    async Task<(byte[] Bytes, BlockRow Row)> RewriteAsync(BlockRow row, BlockPlan? plan, CancellationToken cancellation)
    {
        if (plan is null) return (await lake.Objects.ReadAsync(row.ObjectKey, row.ObjectOffset, row.Bytes, cancellation), row);
        var block = await source.ReadAsync(row, cancellation);
        var schema = await source.SchemaAsync(row.Schema, cancellation);
        var written = plan.SchemaFor(schema);
        if (written != schema) await lake.Catalog.RegisterAsync(tenant, new Registration(NowNs, [], [], [written]), cancellation);
        var bytes = plan.Apply(block, schema);
        var header = BlockHeaderBytes.Read(bytes, out var headerBytes);
        return (bytes, row with
        {
            Events = header.Events,
            Bytes = bytes.Length,
            HeaderBytes = headerBytes,
            RawBytes = header.RawBytes,
            Encoding = header.Encoding,
            Schema = header.Schema,
            Checksum = header.Checksum,
            StoredChecksum = Crc32C.Of(bytes),
        });
    }

    SubjectFields FieldsOf(Schema schema)
    {
        if (!fields.TryGetValue(schema.Hash, out var known)) fields.Add(schema.Hash, known = new SubjectFields(schema, subjects));
        return known;
    }

    long NowNs => (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
}

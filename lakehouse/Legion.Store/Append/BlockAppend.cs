using Legion.Format;

namespace Legion.Store;

/// <summary>
/// Appends batches to a lake. When it returns, every block it calls stored is durable and will be found, once:
/// first the payload is put, then one transaction names it, then the caller hears of it.
/// A call that throws may have stored some blocks; sending the batch again finds them.
/// </summary>
public sealed class BlockAppend(IObjectStore store, ICatalog catalog, TimeProvider clock)
{
    readonly ExpiredDays expired = new(catalog, clock);
    readonly KnownRegistrations known = new();

    public BlockAppend(LakeStore lake, TimeProvider clock) : this(lake.Objects, lake.Catalog, clock)
    {
    }

    /// <summary>Measures the phases; null where nobody wants to know.</summary>
    public AppendPhases? Phases { get; init; }

    /// <exception cref="InvalidDataException">A record or a schema is malformed; nothing was stored.</exception>
    /// <exception cref="StoreUnavailableException">The disk or the database refused.</exception>
    public async Task<AppendAnswer> AppendAsync(Tenant tenant, IReadOnlyList<BatchItem> items, CancellationToken cancellation)
    {
        var now = (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
        var records = BatchRecords.Read(items, now);
        var blocks = records.Blocks.ConvertAll(BlockCandidate.Read);

        var registered = Registered.Recall(known, tenant, records, blocks) ?? await Registered.ReadAsync(catalog, known, tenant, records, blocks, cancellation);
        if (registered.NewsIn(records, now) is { } news)
        {
            using var phase = Phases?.Begin(AppendPhases.Register);
            await catalog.RegisterAsync(tenant, news, cancellation);
            registered = await Registered.ReadAsync(catalog, known, tenant, records, blocks, cancellation);
        }

        foreach (var block in blocks)
            if (block.IsOpen) registered.Check(block);
        await expired.LeaveOutAsync(tenant, blocks, cancellation);
        await LeaveOutStoredAsync(tenant, blocks, cancellation);
        await StoreAsync(tenant, blocks, cancellation);
        await RecogniseRewrittenAsync(tenant, blocks, cancellation);
        return registered.Answer(records, blocks);
    }

    /// <summary>Decides the blocks that are stored already, and those that the batch repeats.</summary>
    async Task LeaveOutStoredAsync(Tenant tenant, List<BlockCandidate> blocks, CancellationToken cancellation)
    {
        var first = new Dictionary<Guid, BlockIdentity>();
        foreach (var block in blocks)
        {
            if (!block.IsOpen) continue;
            if (!first.TryAdd(block.Header.BlockId, block.Identity)) block.DecideAgainst(first[block.Header.BlockId]);
        }
        var open = blocks.Where(block => block.IsOpen).ToList();
        if (open.Count == 0) return;
        using var phase = Phases?.Begin(AppendPhases.Find);
        var stored = await catalog.FindBlocksAsync(tenant, [.. open.Select(block => block.Filed)], cancellation);
        foreach (var block in open)
            if (stored.TryGetValue(block.Filed, out var other)) block.DecideAgainst(other);
    }

    /// <summary>Puts what is left in one object per day, class and process, then names all of it in one transaction.</summary>
    async Task StoreAsync(Tenant tenant, List<BlockCandidate> blocks, CancellationToken cancellation)
    {
        var open = blocks.Where(block => block.IsOpen).ToList();
        if (open.Count == 0) return;

        var objects = new List<NewObject>();
        foreach (var group in open.GroupBy(block => (block.Day, block.Header.Class, block.Header.ProcessId)))
            objects.Add(await PutAsync(tenant, group.Key.Day, group.Key.Class, group.Key.ProcessId, group, cancellation));

        IReadOnlyList<BlockIdentity> lost;
        try
        {
            using var phase = Phases?.Begin(AppendPhases.Insert);
            lost = await catalog.InsertBlocksAsync(tenant, objects, cancellation);
        }
        catch (StoreUnavailableException)
        {
            // What was remembered of them may be the reason.
            foreach (var added in objects) known.Forget(tenant, added.ProcessId);
            // The outcome of a commit can be unknown. What the catalog says now is the answer; nothing is deleted here.
            if (!await catalog.HasObjectAsync(tenant, objects[0].Key, cancellation)) throw;
            await LeaveOutStoredAsync(tenant, blocks, cancellation);
            // An erasure may have taken them since; the next try hears of it.
            if (blocks.Exists(block => block.IsOpen)) throw;
            return;
        }
        var winners = lost.ToDictionary(block => block.BlockId);
        foreach (var block in open)
        {
            if (winners.TryGetValue(block.Header.BlockId, out var other)) block.DecideAgainst(other);
            else block.Decide(BlockCode.Stored);
        }
    }

    async Task<NewObject> PutAsync(Tenant tenant, int day, StreamClass streamClass, Guid processId, IEnumerable<BlockCandidate> blocks, CancellationToken cancellation)
    {
        var objectId = Guid.CreateVersion7(clock.GetUtcNow());
        var key = StoreNames.BlocksObject(day, tenant, streamClass, processId, objectId);
        var parts = new List<ReadOnlyMemory<byte>>();
        var rows = new List<BlockRow>();
        var bytes = 0L;
        foreach (var block in blocks)
        {
            rows.Add(block.Row(key, bytes));
            parts.Add(block.Bytes);
            bytes += block.Bytes.Length;
        }
        using var phase = Phases?.Begin(AppendPhases.Put);
        if (!await store.PutAsync(key, parts, cancellation))
            throw new StoreUnavailableException($"cannot put object '{key}': the key is taken");
        return new NewObject(key, bytes, day, streamClass, processId, rows);
    }

    /// <summary>A block that was rewritten has other content than the one that comes again, and is the same.</summary>
    async Task RecogniseRewrittenAsync(Tenant tenant, List<BlockCandidate> blocks, CancellationToken cancellation)
    {
        Guid[] conflicts = [.. blocks.Where(block => block.Answer is { Code: BlockCode.Conflict }).Select(block => block.Header.BlockId)];
        if (conflicts.Length == 0) return;
        var rewritten = await catalog.FindRewrittenBlocksAsync(tenant, conflicts, cancellation);
        foreach (var block in blocks)
            if (block.Answer is { Code: BlockCode.Conflict } && rewritten.Contains(block.Header.BlockId)) block.Decide(BlockCode.Exists);
    }
}

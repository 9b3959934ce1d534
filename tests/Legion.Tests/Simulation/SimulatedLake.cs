using System.Text.Json;
using Dapper;
using Legion.Format;
using Legion.Store;
using Legion.Tests.Store;

namespace Legion.Tests.Simulation;

/// <summary>What the nodes have in common: store and catalog, which never fail by themselves; and what must be true of them.</summary>
sealed class SimulatedLake(IObjectStore objects, MemoryCatalog catalog, System.Data.Common.DbConnection tables, Tenant tenant)
{
    public static readonly LakeLocation Location = LakeLocation.Parse("simulated");

    readonly Dictionary<Guid, int> stored = [];
    readonly Dictionary<Guid, HashSet<Guid>> acknowledged = [];
    readonly HashSet<Guid> doomed = [], erased = [];

    public IObjectStore Objects { get; } = objects;
    public ICatalog Catalog { get; } = catalog;
    public Tenant Tenant { get; } = tenant;

    /// <summary>A node has answered, whether anybody hears of it or not.</summary>
    public void Answered(AppendAnswer answer)
    {
        foreach (var block in answer.Blocks.Where(block => block.Code == BlockCode.Stored))
            if ((stored[block.BlockId] = stored.GetValueOrDefault(block.BlockId) + 1) > 1) throw new InvalidDataException($"block {block.BlockId} was stored twice");
    }

    public void Acknowledged(Guid processId, Guid blockId)
    {
        if (!acknowledged.TryGetValue(processId, out var blocks)) acknowledged[processId] = blocks = [];
        blocks.Add(blockId);
    }

    /// <summary>Somebody has begun to have a process erased: from now on it may be gone.</summary>
    public void Dooms(Guid processId) => doomed.Add(processId);

    /// <summary>He was told that it is hidden.</summary>
    public void HasErased(Guid processId) => erased.Add(processId);

    public bool IsDoomed(Guid processId) => doomed.Contains(processId);

    public bool IsErased(Guid processId) => erased.Contains(processId);

    public Guid[] AcknowledgedOf(Guid processId) => acknowledged.TryGetValue(processId, out var blocks) ? [.. blocks] : [];

    /// <summary>No row without its payload, nothing acknowledged without a row, but what was erased, of which there is none, at any time.</summary>
    public async Task<IReadOnlyList<(BlockRow Row, byte[] Bytes)>> CheckPayloadsAsync()
    {
        var rows = await Catalog.ReadBlocksAsync(Tenant, null, CancellationToken.None);
        var found = new List<(BlockRow, byte[])>();
        foreach (var row in rows)
        {
            try
            {
                var bytes = await Objects.ReadAsync(row.ObjectKey, row.ObjectOffset, row.Bytes, CancellationToken.None);
                if (Crc32C.Of(bytes) != row.StoredChecksum) throw new InvalidDataException($"block {row.BlockId} has other bytes than those that were put");
                found.Add((row, bytes));
            }
            catch (Exception cause) when (cause is FileNotFoundException or EndOfStreamException)
            {
                throw new InvalidDataException($"block {row.BlockId} has a row and no payload", cause);
            }
        }
        var named = rows.Select(row => row.BlockId).ToHashSet();
        if (rows.FirstOrDefault(row => erased.Contains(row.ProcessId)) is { } shown) throw new InvalidDataException($"block {shown.BlockId} was erased and is there");
        foreach (var id in acknowledged.Where(of => !doomed.Contains(of.Key)).SelectMany(of => of.Value))
            if (!named.Contains(id)) throw new InvalidDataException($"block {id} was acknowledged and has no row");
        return found;
    }

    /// <summary>Nothing is left of what was erased: no process, no object, nothing to be done.</summary>
    public async Task CheckErasedAsync()
    {
        foreach (var process in await Catalog.ReadProcessesAsync(Tenant, [.. erased], CancellationToken.None)) throw new InvalidDataException($"process {process.ProcessId} was erased and is there");
        if ((await Catalog.ReadDoomedAsync(Tenant, CancellationToken.None)).Count > 0) throw new InvalidDataException("expected all doomed objects to be deleted");
        if ((await Catalog.ReadErasuresAsync(Tenant, CancellationToken.None)).Any(erasure => erasure.FinishedNs is null)) throw new InvalidDataException("expected all erasures to be finished");
        await foreach (var stored in Objects.ListAsync("", CancellationToken.None))
            if (erased.Any(id => stored.Key.Contains($"{id}", StringComparison.Ordinal))) throw new InvalidDataException($"object {stored.Key} is of a process that was erased");
    }

    /// <summary>Every object holds a block that counts, and what else lies in it is listed as dead.</summary>
    public async Task CheckObjectsAsync(IReadOnlyList<(BlockRow Row, byte[] Bytes)> blocks)
    {
        var dead = tables.Query<(string Key, string? Dead)>("SELECT object_key, dead FROM objects WHERE tenant = @tenant AND bytes > 0", new { tenant = Tenant.Name })
            .ToDictionary(row => row.Key, row => row.Dead is null ? [] : JsonSerializer.Deserialize<Guid[]>(row.Dead)!);
        var living = blocks.ToLookup(block => block.Row.ObjectKey, block => block.Row.BlockId);
        var seen = 0;
        await foreach (var (key, bytes) in Objects.ListAsync(StoreNames.BlocksPrefix, CancellationToken.None))
        {
            seen++;
            if (!living.Contains(key)) throw new InvalidDataException($"object {key} holds nothing that counts, and was not swept");
            var content = await Objects.ReadAsync(key, 0, (int)bytes, CancellationToken.None);
            var inside = new List<Guid>();
            for (var offset = 0; offset < content.Length;)
            {
                var header = BlockHeaderBytes.Read(content.AsSpan(offset), out var headerBytes);
                inside.Add(header.BlockId);
                offset += headerBytes + header.StoredBytes;
            }
            if (!inside.Order().SequenceEqual(living[key].Concat(dead[key]).Order())) throw new InvalidDataException($"object {key} holds a block that is neither named nor listed as dead");
        }
        if (seen != dead.Count) throw new InvalidDataException($"expected {dead.Count} objects, saw {seen}");
    }
}

using System.Text.Json;

namespace Legion.Store;

/// <summary>What the ledger says of an erasure: enough to do it again, by the keyed hash of its subject.</summary>
/// <param name="Receipt">Null where it was asked for and not finished.</param>
public sealed record LedgerEntry(Guid Erasure, ErasureKind Kind, string Property, string Subject, long RequestedNs, ErasureReceipt? Receipt);

/// <summary>
/// The erasures of a tenant, as objects beside the data: what has to outlive the catalog, so that what a restored backup brings back is erased again.
/// A backup is to be restored without touching them.
/// </summary>
public sealed class ErasureLedger(LakeStore lake, Tenant tenant)
{
    /// <summary>Tenants that a lake's ledger has something of, though its catalog may not know them.</summary>
    public static async Task<IReadOnlyList<Tenant>> FindTenantsAsync(IObjectStore objects, CancellationToken cancellation)
    {
        var tenants = new SortedSet<string>(StringComparer.Ordinal);
        await foreach (var stored in objects.ListAsync(StoreNames.LedgerPrefix, cancellation)) tenants.Add(stored.Key.Split('/')[1]);
        return [.. tenants.Select(name => new Tenant(name))];
    }

    /// <summary>The tenant's keys: those of the ledger, made with its first entry, and kept in the catalog.</summary>
    public async Task<ErasureKeys> KeysAsync(CancellationToken cancellation)
    {
        if (await lake.Catalog.ReadErasureKeysAsync(tenant, cancellation) is { } kept) return kept;
        var key = StoreNames.ErasureKeys(tenant);
        var made = ErasureKeys.Create();
        var keys = await lake.Objects.PutAsync(key, [made.ToJson()], cancellation) ? made : ErasureKeys.FromJson(await ReadAsync(key, cancellation));
        await lake.Catalog.KeepErasureKeysAsync(tenant, keys, cancellation);
        return await lake.Catalog.ReadErasureKeysAsync(tenant, cancellation) ?? throw new StoreUnavailableException("cannot read the keys of the lake's erasures: they were written and are not there");
    }

    public Task RequestAsync(ErasureRow erasure, CancellationToken cancellation) =>
        lake.Objects.PutAsync(StoreNames.ErasureRequest(tenant, erasure.ErasureId), [Json(erasure, null)], cancellation);

    public async Task FinishAsync(ErasureRow erasure, ErasureReceipt receipt, CancellationToken cancellation)
    {
        await lake.Objects.PutAsync(StoreNames.ErasureEntry(tenant, erasure.ErasureId), [Json(erasure, receipt)], cancellation);
        await lake.Objects.DeleteAsync(StoreNames.ErasureRequest(tenant, erasure.ErasureId), cancellation);
    }

    /// <summary>In order of request, one for each erasure.</summary>
    /// <param name="isWanted">Of which ids; others are listed and not read.</param>
    public async Task<IReadOnlyList<LedgerEntry>> ReadAsync(Func<Guid, bool> isWanted, CancellationToken cancellation)
    {
        var entries = new Dictionary<Guid, LedgerEntry>();
        await foreach (var stored in lake.Objects.ListAsync(StoreNames.ErasuresPrefix(tenant), cancellation))
        {
            if (!StoreNames.TryReadErasure(stored.Key, out var id) || !isWanted(id)) continue;
            var entry = JsonSerializer.Deserialize<LedgerEntry>(await ReadAsync(stored.Key, cancellation))
                ?? throw new InvalidDataException($"expected an erasure in object '{stored.Key}', saw null");
            if (entry.Receipt is not null || !entries.ContainsKey(entry.Erasure)) entries[entry.Erasure] = entry;
        }
        return [.. entries.Values.OrderBy(entry => entry.RequestedNs).ThenBy(entry => entry.Erasure)];
    }

    static byte[] Json(ErasureRow erasure, ErasureReceipt? receipt) => JsonSerializer.SerializeToUtf8Bytes(
        new LedgerEntry(erasure.ErasureId, erasure.Kind, erasure.Property, Convert.ToHexStringLower(erasure.Digest.Span), erasure.RequestedNs, receipt));

    async Task<byte[]> ReadAsync(string key, CancellationToken cancellation)
    {
        await foreach (var stored in lake.Objects.ListAsync(key, cancellation))
            if (stored.Key == key) return await lake.Objects.ReadAsync(key, 0, (int)stored.Bytes, cancellation);
        throw new StoreUnavailableException($"cannot read object '{key}': it is gone");
    }
}

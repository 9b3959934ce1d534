using System.Collections.Concurrent;

namespace Legion.Store;

/// <summary>Finds out whose a key is. What the catalog said of a key counts for half a minute, so that a revoked one is refused within a minute.</summary>
public sealed class KeyRing(ICatalog catalog, TimeProvider clock)
{
    static readonly TimeSpan Remembered = TimeSpan.FromSeconds(30);

    /// <summary>Only of keys that exist, so that whoever shows made-up ones fills no memory.</summary>
    readonly ConcurrentDictionary<string, Known> known = new(StringComparer.Ordinal);

    readonly record struct Known(KeyRow Row, long ReadAt);

    /// <returns>Null for what is no key, is unknown, has expired or was revoked: which of these is nobody's business.</returns>
    /// <exception cref="StoreUnavailableException">The catalog cannot be asked.</exception>
    public async Task<Credential?> FindAsync(string text, CancellationToken cancellation)
    {
        if (!ApiKey.TryParse(text, out var key)) return null;
        if (await FindRowAsync(key.Id, cancellation) is not { } row || !key.Matches(row.Hash.Span)) return null;
        var nowNs = (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
        return row.IsUsable(nowNs) ? new Credential("key " + row.KeyId, row.Tenant, row.Role) : null;
    }

    async Task<KeyRow?> FindRowAsync(string keyId, CancellationToken cancellation)
    {
        if (known.TryGetValue(keyId, out var recent) && clock.GetElapsedTime(recent.ReadAt) < Remembered) return recent.Row;
        var readAt = clock.GetTimestamp();
        var row = await catalog.FindKeyAsync(keyId, cancellation);
        if (row is null) known.TryRemove(keyId, out _);
        else known[keyId] = new Known(row, readAt);
        return row;
    }
}

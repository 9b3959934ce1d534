using System.Data.Common;
using System.Text.Json;

namespace Legion.Store;

public abstract partial class SqlCatalog
{
    const string KeyColumns = "key_id, tenant, role, hash, name, created_ns, expires_ns, revoked_ns";

    public Task AddKeyAsync(KeyRow key, string actor, CancellationToken cancellation)
    {
        var parameters = new { key.KeyId, tenant = key.Tenant.Name, role = (int)key.Role, hash = key.Hash.ToArray(), key.Name, key.CreatedNs, key.ExpiresNs };
        var detail = JsonSerializer.Serialize(new SortedDictionary<string, object?> { ["expires_ns"] = key.ExpiresNs, ["name"] = key.Name, ["role"] = key.Role.Name() });
        return WriteAsync(async transaction =>
        {
            // Where it is there, this ran before: ids are random.
            if (await transaction.ExecuteAsync(
                $"INSERT INTO api_keys ({KeyColumns}) VALUES (@KeyId, @tenant, @role, @hash, @Name, @CreatedNs, @ExpiresNs, NULL) {OrLeave("api_keys")}", parameters) > 0)
                await AuditAsync(transaction, new AuditRow(key.CreatedNs, key.Tenant, actor, "key.create", key.KeyId, detail));
            return true;
        }, cancellation);
    }

    public Task<KeyRow?> FindKeyAsync(string keyId, CancellationToken cancellation) => ReadAsync(transaction => FindKeyAsync(transaction, keyId), cancellation);

    public Task<IReadOnlyList<KeyRow>> ReadKeysAsync(Tenant? tenant, CancellationToken cancellation) => ReadAsync<IReadOnlyList<KeyRow>>(async transaction => await transaction.ReadAsync(
        $"SELECT {KeyColumns} FROM api_keys WHERE @tenant IS NULL OR tenant = @tenant ORDER BY created_ns, key_id", new { tenant = tenant?.Name }, Key), cancellation);

    public Task<bool> RevokeKeyAsync(string keyId, long nowNs, string actor, CancellationToken cancellation) => WriteAsync(async transaction =>
    {
        if (await FindKeyAsync(transaction, keyId) is not { } key) return false;
        if (await transaction.ExecuteAsync("UPDATE api_keys SET revoked_ns = @nowNs WHERE key_id = @keyId AND revoked_ns IS NULL", new { keyId, nowNs }) > 0)
            await AuditAsync(transaction, new AuditRow(nowNs, key.Tenant, actor, "key.revoke", key.KeyId, "{}"));
        return true;
    }, cancellation);

    public Task AddAuditAsync(AuditRow row, CancellationToken cancellation) => WriteAsync(transaction => AuditAsync(transaction, row), cancellation);

    public Task<IReadOnlyList<AuditRow>> ReadAuditAsync(Tenant? tenant, CancellationToken cancellation) => ReadAsync<IReadOnlyList<AuditRow>>(async transaction => await transaction.ReadAsync(
        "SELECT at_ns, tenant, actor, action, subject, detail FROM audit WHERE @tenant IS NULL OR tenant = @tenant ORDER BY at_ns, number", new { tenant = tenant?.Name },
        row => new AuditRow(row.GetInt64(0), new Tenant(row.GetString(1)), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5))), cancellation);

    static async Task<KeyRow?> FindKeyAsync(CatalogTransaction transaction, string keyId) =>
        (await transaction.ReadAsync($"SELECT {KeyColumns} FROM api_keys WHERE key_id = @keyId", new { keyId }, Key)).SingleOrDefault();

    static KeyRow Key(DbDataReader row) => new()
    {
        KeyId = row.GetString(0),
        Tenant = new Tenant(row.GetString(1)),
        Role = (KeyRole)row.GetInt32(2),
        Hash = row.GetFieldValue<byte[]>(3),
        Name = row.GetString(4),
        CreatedNs = row.GetInt64(5),
        ExpiresNs = row.IsDBNull(6) ? null : row.GetInt64(6),
        RevokedNs = row.IsDBNull(7) ? null : row.GetInt64(7),
    };

    static Task<int> AuditAsync(CatalogTransaction transaction, AuditRow row) => transaction.ExecuteAsync(
        "INSERT INTO audit (at_ns, tenant, actor, action, subject, detail) VALUES (@AtNs, @tenant, @Actor, @Action, @Subject, @Detail)",
        new { row.AtNs, tenant = row.Tenant.Name, row.Actor, row.Action, row.Subject, row.Detail });
}

using System.Data.Common;

namespace Legion.Store;

public abstract partial class SqlCatalog
{
    const string LinkColumns = "link_id, process_id, address, version, created_ns, created_by, expires_ns";

    const string EmptyLinks = "UPDATE links SET process_id = NULL, address = '', version = NULL, created_by = ''";

    public Task<LinkRow?> FindLinkAsync(Tenant tenant, string linkId, CancellationToken cancellation) => LookAsync(async look =>
        (await look.ReadAsync($"SELECT {LinkColumns} FROM links WHERE tenant = @tenant AND link_id = @linkId", new { tenant = tenant.Name, linkId }, Link)).SingleOrDefault(), cancellation);

    public Task<IReadOnlyList<LinkRow>> ReadLinksAsync(Tenant tenant, CancellationToken cancellation) => LookAsync<IReadOnlyList<LinkRow>>(async look =>
        await look.ReadAsync($"SELECT {LinkColumns} FROM links WHERE tenant = @tenant ORDER BY link_id", new { tenant = tenant.Name }, Link), cancellation);

    public Task<bool> AddLinkAsync(Tenant tenant, LinkRow link, CancellationToken cancellation) => WriteAsync(async transaction =>
    {
        // An erasure of the process waits, or comes first and leaves no process.
        if (link.ProcessId is { } processId && await LockAsync(transaction, tenant, processId) is null) return false;
        await transaction.ExecuteAsync("DELETE FROM links WHERE tenant = @tenant AND expires_ns < @before", new { tenant = tenant.Name, before = link.CreatedNs - LinkRow.KeptNs });
        await transaction.ExecuteAsync($"INSERT INTO links (tenant, {LinkColumns}) VALUES (@tenant, @LinkId, @process, @Address, @Version, @CreatedNs, @CreatedBy, @ExpiresNs)",
            new
            {
                tenant = tenant.Name,
                link.LinkId,
                process = link.ProcessId is { } id ? RowReading.Bytes(id) : null,
                link.Address,
                link.Version,
                link.CreatedNs,
                link.CreatedBy,
                link.ExpiresNs,
            });
        return true;
    }, cancellation);

    public Task EmptyLinkAsync(Tenant tenant, string linkId, CancellationToken cancellation) => WriteAsync(transaction =>
        transaction.ExecuteAsync($"{EmptyLinks} WHERE tenant = @tenant AND link_id = @linkId", new { tenant = tenant.Name, linkId }), cancellation);

    static LinkRow Link(DbDataReader row) => new(row.GetString(0), row.IsDBNull(1) ? null : RowReading.Id(row, 1), row.GetString(2), row.IsDBNull(3) ? null : row.GetInt64(3),
        row.GetInt64(4), row.GetString(5), row.IsDBNull(6) ? null : row.GetInt64(6));
}

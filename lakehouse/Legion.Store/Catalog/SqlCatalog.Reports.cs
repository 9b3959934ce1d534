using System.Data.Common;

namespace Legion.Store;

public abstract partial class SqlCatalog
{
    const string ReportColumns = "report_id, title, created_ns, created_by, expires_ns, object_key, bytes, content_hash, scripts";

    const string OfReport = "tenant = @tenant AND report_id = @reportId";

    public Task<ReportRow?> FindReportAsync(Tenant tenant, string reportId, CancellationToken cancellation) => LookAsync(async look =>
        (await look.ReadAsync($"SELECT {ReportColumns} FROM reports WHERE {OfReport}", new { tenant = tenant.Name, reportId }, Report)).SingleOrDefault(), cancellation);

    public Task<IReadOnlyList<ReportRow>> ReadReportsAsync(Tenant tenant, CancellationToken cancellation) => LookAsync<IReadOnlyList<ReportRow>>(async look => await look.ReadAsync(
        $"SELECT {ReportColumns} FROM reports WHERE tenant = @tenant AND object_key <> '' ORDER BY created_ns DESC, report_id", new { tenant = tenant.Name }, Report), cancellation);

    public Task<ReportOutcome> AddReportAsync(Tenant tenant, ReportRow report, IReadOnlyCollection<Guid> named, CancellationToken cancellation) => WriteAsync(async transaction =>
    {
        // An erasure of one of them waits, or comes first and leaves a tombstone.
        var there = new List<Guid>();
        foreach (var processId in named.Distinct().Order())
            if (await LockAsync(transaction, tenant, processId) is not null) there.Add(processId);
        if ((await FindTombstonesAsync(transaction, tenant, TombstoneKind.Process, [.. named.Distinct().Except(there)])).Count > 0) return ReportOutcome.Erased;
        // The row of the object and the one by which a sweep spends its key are the same.
        var parameters = new { tenant = tenant.Name, report.ReportId, report.Title, report.CreatedNs, report.CreatedBy, report.ExpiresNs, report.ObjectKey, report.Bytes, report.Sha256, report.Scripts };
        if (await transaction.ExecuteAsync($"INSERT INTO objects (tenant, object_key, bytes, dead) VALUES (@tenant, @ObjectKey, @Bytes, NULL) {OrLeave("objects")}", parameters) == 0)
            return await transaction.ScalarAsync<long>("SELECT COUNT(*) FROM reports WHERE tenant = @tenant AND report_id = @ReportId AND object_key = @ObjectKey", parameters) > 0 ? ReportOutcome.Added : ReportOutcome.Swept;
        await transaction.ExecuteAsync(
            $"INSERT INTO reports (tenant, {ReportColumns}) VALUES (@tenant, @ReportId, @Title, @CreatedNs, @CreatedBy, @ExpiresNs, @ObjectKey, @Bytes, @Sha256, @Scripts)", parameters);
        await transaction.InsertAsync("report_processes", ["tenant", "process_id", "report_id"], there.Select(id => new object[] { tenant.Name, RowReading.Bytes(id), report.ReportId }));
        return ReportOutcome.Added;
    }, cancellation);

    public Task EmptyReportAsync(Tenant tenant, string reportId, long nowNs, CancellationToken cancellation) => WriteAsync(async transaction =>
    {
        await EmptyReportAsync(transaction, tenant, reportId);
        await transaction.ExecuteAsync($"UPDATE reports SET expires_ns = @nowNs WHERE {OfReport} AND (expires_ns IS NULL OR expires_ns > @nowNs)", new { tenant = tenant.Name, reportId, nowNs });
        return true;
    }, cancellation);

    public Task<IReadOnlyList<Tenant>> ExpireReportsAsync(long nowNs, CancellationToken cancellation) => WriteAsync<IReadOnlyList<Tenant>>(async transaction =>
    {
        var expired = await transaction.ReadAsync("SELECT tenant, report_id FROM reports WHERE expires_ns <= @nowNs AND object_key <> '' ORDER BY tenant, report_id", new { nowNs },
            row => (Tenant: new Tenant(row.GetString(0)), Id: row.GetString(1)));
        foreach (var (tenant, id) in expired) await EmptyReportAsync(transaction, tenant, id);
        await transaction.ExecuteAsync("DELETE FROM reports WHERE expires_ns < @before", new { before = nowNs - ReportRow.KeptNs });
        return [.. expired.Select(report => report.Tenant).Distinct()];
    }, cancellation);

    public Task<IReadOnlySet<string>> FindLivingReportsAsync(ReportObjectName of, IReadOnlyCollection<string> keys, CancellationToken cancellation) =>
        ReadAsync<IReadOnlySet<string>>(async transaction => (await transaction.ReadAsync(
            "SELECT object_key FROM reports WHERE tenant = @tenant AND object_key IN @keys", new { tenant = of.Tenant.Name, keys }, row => row.GetString(0))).ToHashSet(), cancellation);

    public Task<bool> SpendReportAsync(ReportObjectName name, CancellationToken cancellation)
    {
        var parameters = new { tenant = name.Tenant.Name, key = StoreNames.ReportObject(name) };
        return WriteAsync(async transaction =>
        {
            if (await transaction.ExecuteAsync($"INSERT INTO objects (tenant, object_key, bytes, dead) VALUES (@tenant, @key, 0, NULL) {OrLeave("objects")}", parameters) > 0) return true;
            // A row: the report's, or of a key that is spent already.
            return await transaction.ScalarAsync<long>("SELECT COUNT(*) FROM reports WHERE tenant = @tenant AND object_key = @key", parameters) == 0;
        }, cancellation);
    }

    /// <summary>Empties the reports that name a process, which the caller holds.</summary>
    async Task EmptyReportsOfAsync(CatalogTransaction transaction, Tenant tenant, Guid processId)
    {
        var parameters = new { tenant = tenant.Name, process = RowReading.Bytes(processId) };
        foreach (var reportId in await transaction.ReadAsync("SELECT report_id FROM report_processes WHERE tenant = @tenant AND process_id = @process ORDER BY report_id", parameters, row => row.GetString(0)))
            await EmptyReportAsync(transaction, tenant, reportId);
    }

    async Task EmptyReportAsync(CatalogTransaction transaction, Tenant tenant, string reportId)
    {
        var parameters = new { tenant = tenant.Name, reportId };
        var keys = await transaction.ReadAsync($"SELECT object_key FROM reports WHERE {OfReport} AND object_key <> '' {ForUpdate}", parameters, row => row.GetString(0));
        await SpendAsync(transaction, tenant, keys);
        await transaction.ExecuteAsync($"UPDATE reports SET title = '', created_by = '', object_key = '', bytes = 0, content_hash = '', scripts = '' WHERE {OfReport}", parameters);
        await transaction.ExecuteAsync($"DELETE FROM report_processes WHERE {OfReport}", parameters);
    }

    static ReportRow Report(DbDataReader row) => new(row.GetString(0), row.GetString(1), row.GetInt64(2), row.GetString(3), row.IsDBNull(4) ? null : row.GetInt64(4),
        row.GetString(5), row.GetInt32(6), row.GetString(7), row.GetString(8));
}

namespace Legion.Store;

public abstract partial class SqlCatalog
{
    static readonly string[] QueryAuditColumns = ["tenant", "at_ns", "actor", "sql_text", "duration_ns", "row_count", "partition_bytes", "built", "outcome", "detail", "peak_memory"];

    public Task AddQueryAuditAsync(Tenant tenant, IReadOnlyCollection<QueryAuditRow> rows, long forgetBeforeNs, CancellationToken cancellation) => WriteAsync(async transaction =>
    {
        foreach (var row in rows)
            await transaction.ExecuteAsync(
                $"INSERT INTO query_audit ({string.Join(", ", QueryAuditColumns)}) VALUES (@tenant, @AtNs, @Actor, @Sql, @DurationNs, @Rows, @PartitionBytes, @Built, @outcome, @Detail, @PeakMemory)",
                new { tenant = tenant.Name, row.AtNs, row.Actor, row.Sql, row.DurationNs, row.Rows, row.PartitionBytes, row.Built, outcome = (int)row.Outcome, row.Detail, row.PeakMemory });
        await transaction.ExecuteAsync("DELETE FROM query_audit WHERE tenant = @tenant AND at_ns < @forgetBeforeNs", new { tenant = tenant.Name, forgetBeforeNs });
        return true;
    }, cancellation);

    public Task<IReadOnlyList<QueryAuditRow>> ReadQueryAuditAsync(Tenant tenant, int most, CancellationToken cancellation) => LookAsync<IReadOnlyList<QueryAuditRow>>(async look => await look.ReadAsync(
        $"SELECT {string.Join(", ", QueryAuditColumns[1..])} FROM query_audit WHERE tenant = @tenant ORDER BY at_ns DESC, number DESC LIMIT @most", new { tenant = tenant.Name, most },
        row => new QueryAuditRow(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5), row.GetInt32(6),
            (QueryOutcome)row.GetInt32(7), row.GetString(8), row.GetInt64(9))), cancellation);

    public Task ForgetQueryAuditAsync(Tenant tenant, IReadOnlyCollection<string> sql, CancellationToken cancellation) => WriteAsync(async transaction =>
    {
        foreach (var text in sql) await transaction.ExecuteAsync("DELETE FROM query_audit WHERE tenant = @tenant AND sql_text = @text", new { tenant = tenant.Name, text });
        return true;
    }, cancellation);
}

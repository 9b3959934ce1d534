namespace Legion.Store;

public abstract partial class SqlCatalog
{
    // MySQL gives sums as decimals; cast, both databases give integers.
    public Task<IReadOnlyList<StreamSums>> SumStreamsAsync(Tenant tenant, Guid processId, long? version, CancellationToken cancellation) =>
        ReadAsync<IReadOnlyList<StreamSums>>(async transaction => await transaction.ReadAsync(
            $"""
            SELECT stream_id, COUNT(*), CAST(SUM(events) AS SIGNED), CAST(SUM(bytes) AS SIGNED), CAST(SUM(raw_bytes) AS SIGNED), MIN(begin_ns), MAX(end_ns)
            FROM blocks WHERE tenant = @tenant AND process_id = @process AND arrival <= @version AND {NotQuarantined} GROUP BY stream_id
            """,
            new { tenant = tenant.Name, process = RowReading.Bytes(processId), version = version ?? long.MaxValue },
            static row => new StreamSums(RowReading.Id(row, 0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5), row.GetInt64(6))), cancellation);

    public Task<IReadOnlyList<ProcessRow>> ReadChildrenAsync(Tenant tenant, Guid processId, int most, CancellationToken cancellation) =>
        ReadAsync<IReadOnlyList<ProcessRow>>(async transaction => await transaction.ReadAsync(
            $"SELECT {RowReading.ProcessColumns} FROM processes WHERE tenant = @tenant AND parent_process_id = @process ORDER BY start_ns DESC, process_id LIMIT @most",
            new { tenant = tenant.Name, process = RowReading.Bytes(processId), most }, RowReading.Process), cancellation);
}

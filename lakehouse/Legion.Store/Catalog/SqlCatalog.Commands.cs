using System.Text.Json;
using Legion.Format;

namespace Legion.Store;

public abstract partial class SqlCatalog
{
    public Task<CommandOutcome> AddCommandAsync(Tenant tenant, RemoteCommand command, SignedCommand signed, int most, long expiresNs, long nowNs, string actor, CancellationToken cancellation)
    {
        var parameters = new
        {
            tenant = tenant.Name,
            process = RowReading.Bytes(command.ProcessId),
            digest = signed.Digest(),
            number = (long)command.Number,
            expiresNs,
            nowNs,
            payload = signed.Payload.ToArray(),
            signature = signed.Signature.ToArray(),
        };
        var detail = new SortedDictionary<string, object> { ["expires_ns"] = expiresNs, ["number"] = command.Number };
        var audit = new AuditRow(nowNs, tenant, actor, "command.send", command.ProcessId.ToString(), JsonSerializer.Serialize(detail));
        return WriteAsync(async transaction =>
        {
            var ended = await transaction.ReadAsync($"SELECT end_ns FROM processes WHERE tenant = @tenant AND process_id = @process {ForUpdate}", parameters, row => !row.IsDBNull(0));
            if (ended.Count == 0) return CommandOutcome.UnknownProcess;
            if (ended[0]) return CommandOutcome.Ended;
            await transaction.ExecuteAsync("DELETE FROM commands WHERE expires_ns <= @nowNs", parameters);
            var isRepeated = await transaction.ExecuteAsync("DELETE FROM commands WHERE tenant = @tenant AND process_id = @process AND digest = @digest", parameters) > 0;
            if (await transaction.ScalarAsync<long>("SELECT COUNT(*) FROM commands WHERE tenant = @tenant AND process_id = @process", parameters) >= most) return CommandOutcome.TooMany;
            await transaction.ExecuteAsync(
                "INSERT INTO commands (tenant, process_id, digest, number, expires_ns, payload, signature) VALUES (@tenant, @process, @digest, @number, @expiresNs, @payload, @signature)",
                parameters);
            if (!isRepeated) await AuditAsync(transaction, audit);
            return CommandOutcome.Stored;
        }, cancellation);
    }

    public Task<IReadOnlyList<SignedCommand>> ReadCommandsAsync(Tenant tenant, IReadOnlyCollection<Guid>? processIds, long nowNs, CancellationToken cancellation) =>
        ReadAsync<IReadOnlyList<SignedCommand>>(async transaction => await transaction.ReadByIdsAsync(
            "SELECT payload, signature FROM commands WHERE tenant = @tenant AND {ids} AND expires_ns > @nowNs ORDER BY process_id, number",
            "process_id", tenant, processIds, row => new SignedCommand(row.GetFieldValue<byte[]>(0), row.GetFieldValue<byte[]>(1)), new { nowNs }), cancellation);
}

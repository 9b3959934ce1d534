using Legion.Format;
using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>
/// Reads everything that a lake's catalog names, of all tenants, and says what is not as it was stored. Changes nothing.
/// In memory are the rows of one process and one block at a time. What arrives or goes meanwhile is read or not.
/// </summary>
public sealed class LakeVerification(LakeStore lake, TimeProvider clock)
{
    VerifiedTotals totals;

    /// <param name="damaged">Told of each damage as it is found.</param>
    /// <param name="progress">Told how many blocks have been read.</param>
    /// <exception cref="StoreUnavailableException">The disk or the database refused; nothing is known of the rest.</exception>
    public async Task<VerifiedTotals> RunAsync(Action<Damage> damaged, IProgress<long>? progress, CancellationToken cancellation)
    {
        totals = default;
        foreach (var tenant in await lake.Catalog.ReadTenantsAsync(cancellation))
        {
            var source = new BlockSource(lake.Objects, lake.Catalog, tenant);
            foreach (var process in await lake.Catalog.ReadProcessesAsync(tenant, null, cancellation))
            {
                await VerifyBlocksAsync(tenant, process.ProcessId, source, Report, progress, cancellation);
                await VerifyPartitionsAsync(tenant, process.ProcessId, Report, cancellation);
            }
            await VerifyReportsAsync(tenant, Report, cancellation);
            // Those of many processes.
            await VerifyPartitionsAsync(tenant, Guid.Empty, Report, cancellation);
        }
        var unnamed = await new LakeSweep(lake, clock).RunAsync(new SweepOptions { Grace = TimeSpan.Zero, DryRun = true }, null, cancellation);
        return totals with { UnnamedObjects = unnamed.Objects };

        void Report(Damage damage)
        {
            totals = totals with { Damages = totals.Damages + 1 };
            damaged(damage);
        }
    }

    async Task VerifyBlocksAsync(Tenant tenant, Guid processId, BlockSource source, Action<Damage> damaged, IProgress<long>? progress, CancellationToken cancellation)
    {
        var rows = await lake.Catalog.ReadBlocksAsync(tenant, [processId], cancellation);
        var streams = (await lake.Catalog.ReadStreamsAsync(tenant, [processId], cancellation)).ToDictionary(stream => stream.StreamId, stream => stream.Name);
        foreach (var stream in rows.GroupBy(row => row.StreamId))
        {
            var trial = new BlockTrial(processId.ToString(), stream.First(), streams.GetValueOrDefault(stream.Key, ""));
            foreach (var row in stream)
            {
                if (await DamageOfAsync(tenant, row, source, trial, cancellation) is var (kind, detail)) damaged(new Damage(kind, tenant, row.BlockId.ToString(), row.ObjectKey, detail));
                totals = totals with { Blocks = totals.Blocks + 1, Bytes = totals.Bytes + row.Bytes };
                progress?.Report(totals.Blocks);
            }
        }
    }

    async Task<(DamageKind, string)?> DamageOfAsync(Tenant tenant, BlockRow row, BlockSource source, BlockTrial trial, CancellationToken cancellation)
    {
        byte[] bytes;
        try
        {
            bytes = await lake.Objects.ReadAsync(row.ObjectKey, row.ObjectOffset, row.Bytes, cancellation);
        }
        catch (Exception cause) when (cause is FileNotFoundException or EndOfStreamException)
        {
            // Retention or an erasure may have taken the block since its row was read: then nothing is missing.
            return await IsStillThereAsync(tenant, row, cancellation) ? (DamageKind.MissingPayload, cause.Message) : null;
        }
        var checksum = Crc32C.Of(bytes);
        if (checksum != row.StoredChecksum) return (DamageKind.ChangedBytes, $"expected checksum {row.StoredChecksum:x8} of the stored bytes, saw {checksum:x8}");
        if (StoredBlock.Difference(row, bytes) is { } difference) return (DamageKind.HeaderDiffers, difference);
        try
        {
            trial.Add(Block.Read(bytes), await source.SchemaAsync(row.Schema, cancellation));
            return null;
        }
        catch (InvalidDataException cause)
        {
            return (DamageKind.UnreadableContent, cause.Message);
        }
    }

    async Task<bool> IsStillThereAsync(Tenant tenant, BlockRow row, CancellationToken cancellation) =>
        (await lake.Catalog.ReadBlocksAsync(tenant, [row.ProcessId], cancellation)).Any(now => now.BlockId == row.BlockId && now.ObjectKey == row.ObjectKey);

    async Task VerifyPartitionsAsync(Tenant tenant, Guid processId, Action<Damage> damaged, CancellationToken cancellation)
    {
        foreach (var partition in await lake.Catalog.ReadPartitionsAsync(tenant, null, [processId], cancellation))
        {
            totals = totals with { Partitions = totals.Partitions + 1 };
            if (partition.Path.Length == 0) continue;
            try
            {
                await lake.Objects.ReadAsync(partition.Path, partition.Bytes, 0, cancellation);
            }
            catch (Exception cause) when (cause is FileNotFoundException or EndOfStreamException)
            {
                damaged(new Damage(DamageKind.MissingFile, tenant, $"{partition.View} {processId} {partition.Slot}", partition.Path, cause.Message));
            }
        }
    }

    async Task VerifyReportsAsync(Tenant tenant, Action<Damage> damaged, CancellationToken cancellation)
    {
        foreach (var report in await lake.Catalog.ReadReportsAsync(tenant, cancellation))
        {
            try
            {
                await LakeReports.ReadAsync(lake.Objects, report, cancellation);
                continue;
            }
            catch (Exception cause) when (cause is FileNotFoundException or EndOfStreamException or InvalidDataException)
            {
                // Somebody may have removed it since its row was read.
                if (await lake.Catalog.FindReportAsync(tenant, report.ReportId, cancellation) is { IsEmpty: false })
                    damaged(new Damage(cause is InvalidDataException ? DamageKind.ChangedBytes : DamageKind.MissingPayload, tenant, $"report {report.ReportId}", report.ObjectKey, cause.Message));
            }
        }
    }
}

using Legion.Store;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Legion.Ingestion;

/// <summary>Sweeps the lake once an hour for as long as the service runs. Of the services of a lake one does: who comes first has the hour.</summary>
public sealed partial class SweepLoop(LakeStore lake, TimeProvider clock, ILogger<SweepLoop> log) : BackgroundService
{
    /// <summary>What is left over by a crash is gone within this and the grace of <see cref="SweepOptions"/>, and within a day many times over.</summary>
    static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <summary>A service that was just started has better things to do, and a failing one is started again and again.</summary>
    static readonly TimeSpan FirstPause = TimeSpan.FromMinutes(5);

    /// <summary>The claim of no partition: views have other names.</summary>
    static readonly PartitionKey Claim = new("sweep/", Guid.Empty, 0);

    readonly string claimant = $"{Environment.MachineName}/{Environment.ProcessId}/{Guid.NewGuid():N}";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            for (var pause = FirstPause; ; pause = Interval)
            {
                await Task.Delay(pause, clock, stoppingToken);
                await TrySweepAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service ends.
        }
    }

    /// <returns>What was swept; null where another service has this hour, or the lake refused.</returns>
    public async Task<SweepTotals?> TrySweepAsync(CancellationToken cancellation)
    {
        try
        {
            var nowNs = (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
            // A little less than the interval, or a service would find its own claim from before still there, or not, by chance.
            if (!await lake.Catalog.ClaimPartitionAsync(Tenant.Default, Claim, claimant, (Interval - TimeSpan.FromMinutes(1)).Ticks * TimeSpan.NanosecondsPerTick, nowNs, cancellation)) return null;
            var totals = await new LakeSweep(lake, clock).RunAsync(new SweepOptions(), null, cancellation);
            if (totals.Objects + totals.ViewFiles + totals.TemporaryFiles > 0) Swept(log, totals.Objects, totals.ViewFiles, totals.TemporaryFiles, totals.ObjectBytes + totals.ViewBytes);
            return totals;
        }
        catch (StoreUnavailableException cause)
        {
            NotSwept(log, cause);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Swept {Objects} objects, {Files} files of views and {TemporaryFiles} temporary files, {Bytes} bytes")]
    static partial void Swept(ILogger log, long objects, long files, long temporaryFiles, long bytes);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The lake could not be swept; it is tried again in an hour")]
    static partial void NotSwept(ILogger log, Exception cause);
}

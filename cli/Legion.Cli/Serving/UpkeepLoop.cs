using Legion.Lakehouse;
using Legion.Store;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Legion.Cli.Serving;

/// <summary>Retires partitions that nobody asks for any more, and compacts small ones, once an hour for as long as the service runs. Of the services of a lake one does: who comes first has the hour.</summary>
sealed partial class UpkeepLoop(LakeStore lake, TimeProvider clock, ILogger<UpkeepLoop> log) : BackgroundService
{
    static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <summary>A service that was just started has better things to do, and a failing one is started again and again.</summary>
    static readonly TimeSpan FirstPause = TimeSpan.FromMinutes(5);

    /// <summary>The claim of no partition: views have other names.</summary>
    static readonly PartitionKey OfTheHour = new("upkeep/", Guid.Empty, 0);

    readonly string claimant = $"{Environment.MachineName}/{Environment.ProcessId}/{Guid.NewGuid():N}";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            for (var pause = FirstPause; ; pause = Interval)
            {
                await Task.Delay(pause, clock, stoppingToken);
                await TryAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service ends.
        }
    }

    /// <summary>Does what there is to do, unless another service has this hour; what fails is tried again the next time.</summary>
    public async Task TryAsync(CancellationToken cancellation)
    {
        try
        {
            var nowNs = (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
            // A little less than the interval, or a service would find its own claim from before still there, or not, by chance.
            if (!await lake.Catalog.ClaimPartitionAsync(Tenant.Default, OfTheHour, claimant, (Interval - TimeSpan.FromMinutes(1)).Ticks * TimeSpan.NanosecondsPerTick, nowNs, cancellation)) return;
            var retired = await new PartitionRetirement(lake, clock).RunAsync(dryRun: false, cancellation);
            if (retired.Partitions + retired.Manifests > 0) Retired(log, retired.Partitions, retired.Bytes, retired.Manifests);
            var compacted = await new PartitionCompaction(lake, clock).RunAsync(null, cancellation);
            if (compacted.Files > 0) Compacted(log, compacted.Partitions, compacted.Files, compacted.Bytes);
        }
        catch (Exception cause) when (cause is IOException or InvalidDataException)
        {
            NotDone(log, cause);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Retired {Partitions} partitions of {Bytes} bytes and {Manifests} manifests")]
    static partial void Retired(ILogger log, long partitions, long bytes, long manifests);

    [LoggerMessage(Level = LogLevel.Information, Message = "Compacted {Partitions} partitions into {Files} files of {Bytes} bytes")]
    static partial void Compacted(ILogger log, long partitions, long files, long bytes);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Partitions could not be looked after; it is tried again in an hour")]
    static partial void NotDone(ILogger log, Exception cause);
}

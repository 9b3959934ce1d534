using Legion.Lakehouse;
using Legion.Store;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Legion.Cli.Serving;

/// <summary>
/// Keeps the files of many processes current for as long as the service runs, so that few blocks are left for a query to decode. Of the services of a lake one builds a view at a time.
/// </summary>
sealed partial class GlobalLoop(LakeStore lake, TimeProvider clock, ILogger<GlobalLoop> log) : BackgroundService
{
    /// <summary>Between two looks, each of which asks the catalog a few times. Rows are seen before they are in files: what has come since costs a query its decoding.</summary>
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>How long a query may be about to read a file that was merged into another meanwhile.</summary>
    static readonly TimeSpan Grace = TimeSpan.FromMinutes(10);

    readonly Queue<(DateTimeOffset At, string Path)> replaced = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(Interval, clock, stoppingToken);
                await TryAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service ends.
        }
    }

    /// <summary>Does what there is to do; what fails is tried again the next time.</summary>
    public async Task TryAsync(CancellationToken cancellation)
    {
        try
        {
            foreach (var tenant in await lake.Catalog.ReadTenantsAsync(cancellation))
            {
                var build = new GlobalBuild(lake, tenant, clock);
                await build.RunAsync(cancellation);
                foreach (var path in build.Replaced) replaced.Enqueue((clock.GetUtcNow() + Grace, path));
            }
            while (replaced.TryPeek(out var oldest) && oldest.At <= clock.GetUtcNow())
            {
                await lake.Objects.DeleteAsync(oldest.Path, cancellation);
                replaced.Dequeue();
            }
        }
        catch (Exception cause) when (cause is IOException or InvalidDataException or QueryException)
        {
            NotBuilt(log, cause);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Files of many processes could not be brought up to date; that is tried again in a few seconds")]
    static partial void NotBuilt(ILogger log, Exception cause);
}

using Legion.Lakehouse;
using Legion.Store;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Legion.Cli.Serving;

/// <summary>
/// Does erasures again that the catalog has forgotten, finishes those that nobody finishes, searches what comes late for what was erased, and runs retention once a day, for as long as the service runs.
/// Of the services of a lake one does each, and another goes on where it ends half-way.
/// </summary>
sealed partial class ErasureLoop(LakeStore lake, ErasureReplay replay, TimeProvider clock, ILogger<ErasureLoop> log) : BackgroundService
{
    /// <summary>How long what came from an offline spool stays unseen where something was erased before, and far less than the day that an erasure may take.</summary>
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    /// <summary>Between looks into the ledger, each of which lists it: a catalog that is exchanged under a service that runs is noticed after this.</summary>
    static readonly TimeSpan ReplayInterval = TimeSpan.FromMinutes(5);

    static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(1);

    /// <summary>How long the service's start waits for what is shown to be what may be. Mostly nothing is to be done again; otherwise it begins without showing anything.</summary>
    static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(5);

    static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>The claim of no partition: views have other names.</summary>
    static readonly PartitionKey OfTheDay = new("retention/", Guid.Empty, 0);

    readonly string claimant = $"{Environment.MachineName}/{Environment.ProcessId}/{Guid.NewGuid():N}";
    DateTimeOffset nextReplay, nextRetention;

    /// <summary>At first as if there had been: copies outlive their program, and something may have been erased meanwhile.</summary>
    bool hadWork = true;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await base.StartAsync(cancellationToken);
        await replay.Done.WaitAsync(LongestStart, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!await TryReplayAsync(stoppingToken)) await Task.Delay(PauseAfterFailure, clock, stoppingToken);
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
            await ReplayAsync(cancellation);
            var tenants = await lake.Catalog.FindErasingTenantsAsync(cancellation);
            foreach (var tenant in tenants)
                if (await new LakeErasure(lake, tenant, clock).RunAllAsync(cancellation) is > 0 and var finished) Finished(log, finished, tenant.Name);
            // This program's copies of objects that another one deleted, too.
            if (tenants.Count > 0 || hadWork) await lake.Objects.ForgetGoneAsync(cancellation);
            hadWork = tenants.Count > 0;
            await TryRetentionAsync(cancellation);
        }
        catch (Exception cause) when (cause is IOException or InvalidDataException)
        {
            NotFinished(log, cause);
        }
    }

    async Task<bool> TryReplayAsync(CancellationToken cancellation)
    {
        try
        {
            await ReplayAsync(cancellation);
            return true;
        }
        catch (Exception cause) when (cause is IOException or InvalidDataException)
        {
            NotReplayed(log, cause);
            return false;
        }
    }

    async Task ReplayAsync(CancellationToken cancellation)
    {
        if (clock.GetUtcNow() < nextReplay) return;
        if (await replay.RunAsync(cancellation) is > 0 and var again) Replayed(log, again);
        nextReplay = clock.GetUtcNow() + ReplayInterval;
    }

    async Task TryRetentionAsync(CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        if (now < nextRetention) return;
        nextRetention = now + TimeSpan.FromHours(1);
        // A little less than a day, so that it does not wander through the day.
        var nowNs = (now - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
        var claim = $"{claimant}/{now.UtcTicks}";
        if (!await lake.Catalog.ClaimPartitionAsync(Tenant.Default, OfTheDay, claim, (Day - TimeSpan.FromHours(1)).Ticks * TimeSpan.NanosecondsPerTick, nowNs, cancellation)) return;
        var totals = await new RetentionRun(lake, clock).RunAsync(null, cancellation);
        if (totals.Objects + totals.Processes > 0) Dropped(log, totals.Blocks, totals.Objects, totals.Processes);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Did {Erasures} erasures again that the ledger has and the catalog had not")]
    static partial void Replayed(ILogger log, int erasures);

    [LoggerMessage(Level = LogLevel.Warning, Message = "It is not known whether erasures have to be done again; nothing is shown until it is")]
    static partial void NotReplayed(ILogger log, Exception cause);

    [LoggerMessage(Level = LogLevel.Information, Message = "Finished {Erasures} erasures of tenant {Tenant}")]
    static partial void Finished(ILogger log, int erasures, string tenant);

    [LoggerMessage(Level = LogLevel.Information, Message = "Retention dropped {Blocks} blocks in {Objects} objects and {Processes} processes")]
    static partial void Dropped(ILogger log, long blocks, long objects, long processes);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Erasures or retention could not be finished; they are tried again in half a minute")]
    static partial void NotFinished(ILogger log, Exception cause);
}

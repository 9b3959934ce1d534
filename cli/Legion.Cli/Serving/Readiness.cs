using Legion.Store;
using Microsoft.Extensions.Logging;

namespace Legion.Cli.Serving;

/// <summary>
/// Whether the lake can be used, as far as can be told without writing to it. What was found counts for a second, for all who ask:
/// they may be many, and asking must not be what keeps the lake busy.
/// </summary>
sealed partial class Readiness(LakeStore lake, TimeProvider clock, ILogger log)
{
    const string Catalog = "catalog", Objects = "store";

    /// <summary>A key that no object has.</summary>
    const string NoObject = "ready/none";

    /// <summary>Free bytes below which a folder counts as full: some batches must fit, and the catalog's own log.</summary>
    const long LeastFreeBytes = 16 << 20;

    static readonly TimeSpan remembered = TimeSpan.FromSeconds(1);

    /// <summary>Who asks gives up after some seconds.</summary>
    static readonly TimeSpan longest = TimeSpan.FromSeconds(2);

    readonly Lock asking = new();
    Task<IReadOnlyList<string>>? latest;
    long askedAt;
    string lastFailed = "";

    /// <returns>What of the lake does not answer; empty where all of it does.</returns>
    public Task<IReadOnlyList<string>> FindFailedAsync()
    {
        lock (asking)
        {
            if (latest is { } known && (!known.IsCompleted || clock.GetElapsedTime(askedAt) < remembered)) return known;
            askedAt = clock.GetTimestamp();
            return latest = AskAsync();
        }
    }

    async Task<IReadOnlyList<string>> AskAsync()
    {
        var (catalog, objects) = (FailureAsync(AskCatalogAsync), FailureAsync(AskObjectsAsync));
        var failures = new List<(string Part, Exception Cause)>();
        if (await catalog is { } ofCatalog) failures.Add((Catalog, ofCatalog));
        if (await objects is { } ofObjects) failures.Add((Objects, ofObjects));
        var failed = string.Join(", ", failures.Select(failure => failure.Part));
        if (failed == lastFailed) return [.. failures.Select(failure => failure.Part)];
        lastFailed = failed;
        foreach (var (part, cause) in failures) NotReady(log, part, cause);
        if (failures.Count == 0) ReadyAgain(log);
        return [.. failures.Select(failure => failure.Part)];
    }

    Task AskCatalogAsync(CancellationToken cancellation) => lake.Catalog.HasObjectAsync(Tenant.Default, NoObject, cancellation);

    async Task AskObjectsAsync(CancellationToken cancellation)
    {
        if (lake.Location.Folder is { } folder && new DriveInfo(folder).AvailableFreeSpace is < LeastFreeBytes and var free)
            throw new StoreUnavailableException($"expected {LeastFreeBytes} free bytes where '{folder}' lies, saw {free}");
        try
        {
            await lake.Objects.ReadAsync(NoObject, 0, 1, cancellation);
        }
        catch (FileNotFoundException)
        {
            // The store has looked, which is all that was to be found out.
        }
    }

    /// <returns>Why it cannot be used; null where it can.</returns>
    async Task<Exception?> FailureAsync(Func<CancellationToken, Task> ask)
    {
        using var timeout = new CancellationTokenSource(longest, clock);
        try
        {
            // On a thread of the pool, as a folder on a network may hang in a call that cannot be cancelled.
            await Task.Run(() => ask(timeout.Token), timeout.Token).WaitAsync(longest, clock);
            return null;
        }
        catch (Exception cause) when (cause is IOException or TimeoutException or OperationCanceledException or UnauthorizedAccessException)
        {
            return cause;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Not ready: the {Part} cannot be used")]
    static partial void NotReady(ILogger log, string part, Exception cause);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Ready again")]
    static partial void ReadyAgain(ILogger log);
}

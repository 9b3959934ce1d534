using System.Collections.Concurrent;
using System.Globalization;
using Legion.Lakehouse;
using Legion.Store;

namespace Legion.Viewer;

/// <summary>
/// Tells whoever looks at a process when more of it is stored: a request says what it has seen and is answered when there is something else, so that a page need not ask again and again.
/// Any node may have stored it, so that the catalog is looked at meanwhile, once for all who wait for one process.
/// That somebody waits is left in the catalog: whichever node the process sends to tells it so, and it sends at shorter intervals.
/// </summary>
sealed class LiveQuestions(Lake lake, TimeProvider clock)
{
    /// <summary>A part of the five seconds in which an event is to be seen.</summary>
    static readonly TimeSpan interval = TimeSpan.FromMilliseconds(500);

    /// <summary>Proxies close what is silent for longer, and a key that was revoked counts for no longer.</summary>
    static readonly TimeSpan longest = TimeSpan.FromSeconds(25);

    /// <summary>Pages ask again as soon as they are answered: the catalog hears of it once in that time.</summary>
    static readonly TimeSpan saidAgain = TimeSpan.FromSeconds(10);

    /// <summary>Holds until the next request of who waits for the longest time says it again.</summary>
    static readonly TimeSpan watchHolds = longest + saidAgain + TimeSpan.FromSeconds(5);

    /// <summary>Of the list, whose version is read from all rows of processes.</summary>
    static readonly TimeSpan listInterval = TimeSpan.FromSeconds(2);

    readonly ConcurrentDictionary<Guid, Lazy<Task<ProcessRow?>>> looks = new();
    readonly ConcurrentDictionary<Guid, long> said = new();

    /// <summary>The look that all wait for who look at the list; null: nobody does.</summary>
    Lazy<Task<ProcessSetVersion>>? listLook;

    /// <summary>The process's version and whether it may have more: at once where it is another than <c>after</c>, where nothing comes any more, or where none is given.</summary>
    public async Task<Answer> WaitAsync(Question question)
    {
        var id = question.RouteId("process");
        var seen = question.Ns("after");
        var process = await lake.FindProcessAsync(id, question.Cancellation);
        if (lake.FrozenVersion(id) is { } frozen) return Json(frozen, isLive: false);
        if (process.EndNs is null) await SayWatchedAsync(id, question.Cancellation);
        var begun = clock.GetTimestamp();
        while (process.Version == seen && process.EndNs is null && clock.GetElapsedTime(begun) < longest)
            process = await looks.GetOrAdd(id, key => new(() => LookAsync(key))).Value.WaitAsync(question.Cancellation) ?? throw new NotInLakeException($"process '{id}' is not in this lake any more");
        return Json(process.Version, process.EndNs is null);
    }

    async Task SayWatchedAsync(Guid process, CancellationToken cancellation)
    {
        var now = clock.GetTimestamp();
        foreach (var (other, at) in said) if (clock.GetElapsedTime(at, now) >= saidAgain) said.TryRemove(KeyValuePair.Create(other, at));
        if (!said.TryAdd(process, now)) return;
        var nowNs = (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
        await lake.Store.Catalog.WatchAsync(lake.Tenant, process, nowNs + watchHolds.Ticks * TimeSpan.NanosecondsPerTick, nowNs, cancellation);
    }

    /// <summary>The version of the list of processes: at once where it is another than <c>after</c>, or where none is given.</summary>
    public async Task<Answer> WaitForListAsync(Question question)
    {
        var seen = question.Text("after");
        var version = await lake.Store.Catalog.ReadProcessSetVersionAsync(lake.Tenant, question.Cancellation);
        var begun = clock.GetTimestamp();
        while (version.ToString() == seen && clock.GetElapsedTime(begun) < longest)
        {
            var made = new Lazy<Task<ProcessSetVersion>>(LookAtListAsync);
            version = await (Interlocked.CompareExchange(ref listLook, made, null) ?? made).Value.WaitAsync(question.Cancellation);
        }
        return Json(version.ToString(), isLive: true);
    }

    /// <summary>The list as it is after the next interval.</summary>
    async Task<ProcessSetVersion> LookAtListAsync()
    {
        await Task.Delay(listInterval, clock);
        Interlocked.Exchange(ref listLook, null);
        return await lake.Store.Catalog.ReadProcessSetVersionAsync(lake.Tenant, CancellationToken.None);
    }

    /// <summary>The process as it is after the next interval.</summary>
    async Task<ProcessRow?> LookAsync(Guid id)
    {
        await Task.Delay(interval, clock);
        looks.TryRemove(id, out _);
        return (await lake.Store.Catalog.ReadProcessesAsync(lake.Tenant, [id], CancellationToken.None)).FirstOrDefault();
    }

    static Answer Json(long version, bool isLive) => Json(version.ToString(CultureInfo.InvariantCulture), isLive);

    static Answer Json(string version, bool isLive) => Answer.Json(json =>
    {
        json.WriteStartObject();
        json.WriteString("version", version);
        json.WriteBoolean("live", isLive);
        json.WriteEndObject();
    });
}

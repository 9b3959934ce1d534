using System.Diagnostics;
using System.Net;
using Legion.Format;
using Legion.Lakehouse;
using Legion.Store;

namespace Legion.Tests.EndToEnd;

/// <summary>Something that a lake needs is away for a while.</summary>
/// <param name="Failed">What <c>/ready</c> calls it; null where it cannot see it.</param>
sealed record Outage(string? Failed, Func<Task> BeginAsync, Func<Task> EndAsync)
{
    const int Some = 12;

    static readonly TimeSpan longestChange = TimeSpan.FromSeconds(60);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>
    /// Holds that a service that takes uploads refuses them soon and retryably while it lasts, says so where it is watched, goes on by itself when it is over,
    /// and that all it has acknowledged is there.
    /// </summary>
    public async Task IsEnduredAsync(LakeUnderTest lake)
    {
        using var service = await lake.StartAsync("ingestion");
        using var watch = new HttpClient { BaseAddress = service.Url };
        var uploads = new Uploads(service.Url);
        await uploads.AcknowledgedAsync(Some);
        await ReadyAsync(watch, HttpStatusCode.OK, """{"status":"ready","failed":[]}""");

        await BeginAsync();
        await uploads.RefusedAsync(Some / 2);
        if (Failed is not null) await ReadyAsync(watch, HttpStatusCode.ServiceUnavailable, $$"""{"status":"failing","failed":["{{Failed}}"]}""");
        Assert.Equal("""{"status":"alive","failed":[]}""", await watch.GetStringAsync("/health", Cancellation));

        await EndAsync();
        await uploads.AcknowledgedAsync(Some);
        await ReadyAsync(watch, HttpStatusCode.OK, """{"status":"ready","failed":[]}""");
        var (blocks, spans) = await uploads.EndAsync();
        service.Terminate();
        Assert.Equal(0, await service.WaitForExitAsync());

        await lake.AssertStoredOnceAsync(blocks);
        await MakeBlocksAsync(lake.Open());
        var shown = await lake.RunAsync("query", "--format", "csv", "SELECT DISTINCT name FROM async_spans WHERE process_id IN (SELECT process_id FROM processes)");
        Assert.Empty(spans.Except(shown.Split('\n')));
        await lake.RunAsync("lake", "verify");
    }

    static async Task ReadyAsync(HttpClient watch, HttpStatusCode status, string body)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            using var response = await watch.GetAsync("/ready", Cancellation);
            var seen = (response.StatusCode, await response.Content.ReadAsStringAsync(Cancellation));
            if (seen == (status, body)) return;
            // What was found counts for a second, and both parts may come back one after the other.
            Assert.True(Stopwatch.GetElapsedTime(began) < longestChange, $"expected {status} {body}, saw {seen}");
            await Task.Delay(100, Cancellation);
        }
    }

    static async Task MakeBlocksAsync(LakeStore store)
    {
        var work = new ArrivalWork(store, TimeProvider.System, new Redaction());
        while (await work.WorkAsync(Cancellation) > 0) { }
        Assert.Empty(await store.Catalog.ReadArrivalsAsync(Tenant.Default, Cancellation));
    }
}

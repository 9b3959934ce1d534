using System.Diagnostics;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Lakehouse;

/// <summary>
/// Whoever cancels a query has his thread back, whatever it is at. Each test waits for what stays held until the caller was let go,
/// so that one which is not let go never ends; how long it took is measured from the cancellation, with room for a busy machine.
/// </summary>
public sealed class QueryCancellationTests
{
    static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);

    [Theory]
    [InlineData("ReadSavedQueriesAsync")] // planning
    [InlineData("ReadBlocksAsync")] // the snapshot
    [InlineData("ClaimPartitionAsync")] // building, before the first block
    [InlineData("PublishPartitionAsync")] // after the last
    public async Task InTheCatalog(string method)
    {
        var (cancelled, held) = (new CancelledQuery(), new TaskCompletionSource());
        using var lake = new TestLake();
        var script = EventScript.Parse("log 100 info main hello");
        await script.DeliverAsync(lake, () => Task.CompletedTask);
        var catalog = CatalogHooks.Around(lake.Store.Catalog, method, async call =>
        {
            cancelled.Cancel();
            await held.Task;
            await call();
        });
        await cancelled.AssertEndsAsync(new Lake(new LakeStore(lake.Store.Location, lake.Store.Objects, catalog)).QueryAsync("SELECT * FROM log_entries", null, cancelled.Token));
        held.SetResult();
        Assert.Equal("n\n1\n", await lake.CsvAsync("SELECT count(*) AS n FROM log_entries"));
    }

    [Fact]
    public async Task WhileAnotherProgramBuildsThePartition()
    {
        var cancelled = new CancelledQuery();
        using var lake = new TestLake();
        var script = EventScript.Parse("log 100 info main hello");
        await script.DeliverAsync(lake, () => Task.CompletedTask);
        var now = (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100;
        Assert.True(await lake.Store.Catalog.ClaimPartitionAsync(Tenant.Default, new PartitionKey("log_entries", script.ProcessId, 0), "another", 3_600_000_000_000, now, TestContext.Current.CancellationToken));
        var claims = 0;
        var catalog = CatalogHooks.Around(lake.Store.Catalog, "ClaimPartitionAsync", async call =>
        {
            await call();
            if (++claims == 2) cancelled.Cancel();
        });
        await cancelled.AssertEndsAsync(new Lake(new LakeStore(lake.Store.Location, lake.Store.Objects, catalog)).QueryAsync("SELECT * FROM log_entries", null, cancelled.Token));
    }

    [Fact]
    public async Task WhileTheEngineScans()
    {
        var cancelled = new CancelledQuery();
        using var lake = new TestLake();
        using var result = await lake.Lake.QueryAsync("SELECT count(*) FROM range(1000000000) AS a, range(1000000000) AS b WHERE a.range = 7 * b.range + 1 AND hash(a.range, b.range) = 3", null, TestContext.Current.CancellationToken);
        var reading = Task.Run(() => result.ReadRows(cancelled.Token).Read(), TestContext.Current.CancellationToken);
        cancelled.CancelAfter(TimeSpan.FromMilliseconds(200));
        await cancelled.AssertEndsAsync(reading);
    }

    [Fact]
    public async Task BeforeTheEngineBegins()
    {
        var cancelled = new CancelledQuery();
        using var lake = new TestLake();
        using var result = await lake.Lake.QueryAsync("SELECT 1", null, TestContext.Current.CancellationToken);
        cancelled.Cancel();
        await cancelled.AssertEndsAsync(Task.Run(() => result.ReadRows(cancelled.Token), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task BetweenTwoRows()
    {
        var cancelled = new CancelledQuery();
        using var lake = new TestLake();
        using var result = await lake.Lake.QueryAsync("FROM range(1000000000)", null, TestContext.Current.CancellationToken);
        using var rows = result.ReadRows(cancelled.Token);
        Assert.True(rows.Read());
        cancelled.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => rows.Read());
    }

    [Theory]
    [InlineData("SELECT list(range) FROM range(200000000)")]
    [InlineData("SELECT count(*) FROM (SELECT DISTINCT range, range::VARCHAR || 'padding' AS text FROM range(50000000))")]
    public async Task AQueryThatNeedsMoreMemoryThanItsLimitSaysSo(string sql)
    {
        using var lake = new TestLake();
        var options = new QueryOptions { MemoryLimitBytes = 50 << 20, TemporaryLimitBytes = 50 << 20, Threads = 1 };
        var error = await Assert.ThrowsAsync<QueryException>(() => lake.CsvAsync(sql, options));
        Assert.Contains("needs more memory than its limit", error.Message);
        Assert.Contains("raise the limit", error.Message);
    }

    sealed class CancelledQuery
    {
        readonly CancellationTokenSource source = new();
        long at;

        public CancellationToken Token => source.Token;

        public void Cancel()
        {
            at = Stopwatch.GetTimestamp();
            source.Cancel();
        }

        /// <summary>The engine tells nobody that it is in the middle of a query: most likely it is, then.</summary>
        public void CancelAfter(TimeSpan delay) => Task.Delay(delay).ContinueWith(_ => Cancel(), TaskScheduler.Default);

        public async Task AssertEndsAsync(Task query)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => query.WaitAsync(TimeSpan.FromMinutes(1)));
            Assert.True(source.IsCancellationRequested);
            Assert.InRange(Stopwatch.GetElapsedTime(at), TimeSpan.Zero, Bound);
        }
    }
}

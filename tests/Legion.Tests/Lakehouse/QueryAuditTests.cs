using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Lakehouse;

/// <summary>Every query leaves a row, however it ends, and costs the query nothing to speak of.</summary>
public sealed class QueryAuditTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EveryQueryLeavesARow()
    {
        using var lake = new TestLake();
        await EventScript.Parse("log 100 info main hello").DeliverAsync(lake, () => Task.CompletedTask);
        await using (var audit = new QueryAudit(lake.Store.Catalog, Tenant.Default, TimeProvider.System))
        {
            var audited = new Lake(lake.Store, audit: audit);
            var options = new QueryOptions { Actor = "ann" };
            await lake.CsvAsync("SELECT message FROM log_entries", options, audited);
            await Assert.ThrowsAsync<QueryException>(() => lake.CsvAsync("SELECT nothing FROM log_entries", options, audited));
            await Assert.ThrowsAsync<QueryException>(() => lake.CsvAsync("SELECT error('late') FROM range(3)", options, audited));
            using var cancelled = new CancellationTokenSource();
            await cancelled.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => audited.QueryAsync("SELECT 1", options, cancelled.Token));
        }
        Assert.Equal(
            """
            actor,sql,rows,built,outcome,why
            ann,SELECT message FROM log_entries,1,1,ok,False
            ann,SELECT nothing FROM log_entries,0,0,failed,True
            ann,SELECT error('late') FROM range(3),0,0,failed,True
            ann,SELECT 1,0,0,cancelled,False

            """.ReplaceLineEndings("\n"),
            await lake.CsvAsync("SELECT actor, sql, rows, built, outcome, detail <> '' AS why FROM queries WHERE duration_ns >= 0 AND time_ns > 1700000000000000000 ORDER BY time_ns"));
    }

    [Fact]
    public async Task RowsThatWaitForTheCatalogAreWrittenAtTheEnd()
    {
        using var lake = new TestLake();
        var (first, refusals) = (new TaskCompletionSource(), 0);
        var catalog = CatalogHooks.Around(lake.Store.Catalog, "AddQueryAuditAsync", async call =>
        {
            if (Interlocked.Increment(ref refusals) > 1)
            {
                await call();
                return;
            }
            await first.Task;
            throw new StoreUnavailableException("cannot write: for a test");
        });
        var audit = new QueryAudit(catalog, Tenant.Default, TimeProvider.System);
        for (var i = 0; i < 600; i++) audit.Add(new QueryAuditRow((DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100, "ann", $"SELECT {i}", 1, 2, 3, 4, QueryOutcome.Ok, "", 5));
        first.SetResult();
        await audit.DisposeAsync();
        var rows = await lake.Store.Catalog.ReadQueryAuditAsync(Tenant.Default, 1000, Cancellation);
        Assert.Equal(600, rows.Select(row => row.Sql).Distinct().Count());
        Assert.Equal(600, rows.Count);
    }

    [Fact]
    public async Task ValuesThatAreErasedGo()
    {
        using var lake = new TestLake();
        await using (var audit = new QueryAudit(lake.Store.Catalog, Tenant.Default, TimeProvider.System))
        {
            var audited = new Lake(lake.Store, audit: audit);
            await lake.CsvAsync("SELECT 'bob' AS x", of: audited);
            await lake.CsvAsync("SELECT 'ann' AS x", of: audited);
        }
        var erasure = new LakeErasure(lake.Store, Tenant.Default, TimeProvider.System);
        await erasure.RunAsync(await erasure.BeginAsync("user", "ann", Cancellation), null, Cancellation);
        Assert.Equal("SELECT 'bob' AS x", Assert.Single(await lake.Store.Catalog.ReadQueryAuditAsync(Tenant.Default, 10, Cancellation)).Sql);
    }
}

using Legion.Format;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Lakehouse;

/// <summary>The same query over the same snapshot gives the same rows, whatever came later and whatever was built since.</summary>
public sealed class SnapshotTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Blocks come one after the other, in an order that leaves holes and late ones; each snapshot is asked again after each later block.</summary>
    [Theory]
    [InlineData("SELECT name, begin_ns, end_ns, depth, truncated FROM spans WHERE process_id = $process ORDER BY ALL")]
    [InlineData("SELECT message, time_ns FROM log_entries WHERE process_id = $process ORDER BY ALL")]
    [InlineData("SELECT name, begin_ns, end_ns FROM async_spans WHERE process_id = $process ORDER BY ALL")]
    [InlineData("SELECT kind, events, detail FROM problems WHERE process_id = $process ORDER BY ALL")]
    [InlineData("SELECT s.name, count(*) FROM spans AS s, log_entries AS l WHERE s.process_id = $process AND l.process_id = $process GROUP BY ALL ORDER BY ALL")]
    public async Task TheSameQueryOverTheSameSnapshotGivesTheSameRows(string sql)
    {
        const long HourNs = 3_600_000_000_000;
        var script = EventScript.Parse($"""
            main begin 0 outer
            main begin 10 inner
            main async 15 1 request
            main cut
            main end 20
            main cut
            main begin {2 * HourNs} later
            main await {2 * HourNs + 1} 1
            main cut
            main end {2 * HourNs + 5}
            main end {2 * HourNs + 10}
            log 100 info main first
            log cut
            log 50 info main second
            log cut
            log {2 * HourNs} info main third
            """);
        var options = new QueryOptions { Parameters = new Dictionary<string, object?> { ["process"] = script.ProcessId } };
        using var lake = new TestLake();
        await lake.AppendAsync(script.Records());
        var taken = new List<(string Snapshot, string Rows)>();
        int[] order = [0, 2, 3, 1, 6, 4, 5];
        foreach (var index in order.Where(index => index < script.Blocks.Count()))
        {
            var batch = new BatchWriter();
            batch.AddBlock(script.Blocks.ElementAt(index).Bytes);
            await lake.AppendAsync(batch);
            // What is asked first publishes partitions that are newer than all snapshots before it.
            taken.Add(await AskAsync(lake, sql, options));
            foreach (var (snapshot, rows) in taken)
                Assert.Equal((snapshot, rows), await AskAsync(lake, sql, options with { Snapshot = snapshot }));
        }
        Assert.Equal(taken.Count, taken.Select(one => one.Snapshot).Distinct().Count());
        await lake.DropPartitionsAsync();
        foreach (var (snapshot, rows) in taken) Assert.Equal((snapshot, rows), await AskAsync(lake, sql, options with { Snapshot = snapshot }));
        Assert.Equal(taken[^1], await AskAsync(lake, sql, options));
    }

    [Fact]
    public async Task AnOlderSnapshotPublishesNothing()
    {
        var script = EventScript.Parse("log 100 info main first\nlog cut\nlog 200 info main second");
        using var lake = new TestLake();
        var options = new QueryOptions();
        await lake.AppendAsync(script.Records());
        var batch = new BatchWriter();
        batch.AddBlock(script.Blocks.First().Bytes);
        await lake.AppendAsync(batch);
        var (snapshot, _) = await AskAsync(lake, "SELECT message FROM log_entries", options);
        batch = new BatchWriter();
        batch.AddBlock(script.Blocks.Last().Bytes);
        await lake.AppendAsync(batch);
        Assert.Equal("message\nfirst\nsecond\n", await lake.CsvAsync("SELECT message FROM log_entries ORDER BY time_ns"));
        var published = await lake.Store.Catalog.ReadPartitionsAsync(Tenant.Default, null, null, Cancellation);
        Assert.Equal("message\nfirst\n", (await AskAsync(lake, "SELECT message FROM log_entries", options with { Snapshot = snapshot })).Rows);
        Assert.Equal(published, await lake.Store.Catalog.ReadPartitionsAsync(Tenant.Default, null, null, Cancellation));
    }

    [Fact]
    public async Task AProcessThatCameLaterIsNotInIt()
    {
        using var lake = new TestLake();
        await EventScript.Parse("log 100 info main first").DeliverAsync(lake, () => Task.CompletedTask);
        var (snapshot, rows) = await AskAsync(lake, "SELECT message FROM log_entries", new QueryOptions());
        await EventScript.Parse("log 100 info main other").DeliverAsync(lake, () => Task.CompletedTask);
        Assert.Equal((snapshot, rows), await AskAsync(lake, "SELECT message FROM log_entries", new QueryOptions { Snapshot = snapshot }));
    }

    [Fact]
    public async Task WhatIsErasedIsNamed()
    {
        var (kept, gone) = (EventScript.Parse("log 100 info main kept"), EventScript.Parse("log 100 info main gone"));
        using var lake = new TestLake();
        foreach (var script in (EventScript[])[kept, gone]) await script.DeliverAsync(lake, () => Task.CompletedTask);
        var (snapshot, _) = await AskAsync(lake, "SELECT message FROM log_entries", new QueryOptions());
        var erasure = new LakeErasure(lake.Store, Tenant.Default, TimeProvider.System);
        await erasure.RunAsync(await erasure.BeginAsync(gone.ProcessId, Cancellation), null, Cancellation);
        using var result = await lake.Lake.QueryAsync("SELECT message FROM log_entries", new QueryOptions { Snapshot = snapshot }, Cancellation);
        Assert.Equal([new GoneSince(gone.ProcessId, null)], result.Receipt.Gone);
        using var rows = result.ReadRows(Cancellation);
        Assert.True(rows.Read());
        Assert.Equal("kept", rows.Text(0));
        Assert.False(rows.Read());
    }

    [Theory]
    [InlineData("""{"processes":{},"views":{"log_entries":99}}""", "schema version 99 of view log_entries")]
    [InlineData("""{"processes":{},"views":{"spans":1}}""", "no view log_entries (views: spans)")]
    [InlineData("""{"processes":{"x":1},"views":{}}""", "cannot read the snapshot")]
    [InlineData("""{"views":{}}""", "cannot read the snapshot")]
    [InlineData("[", "cannot read the snapshot")]
    public async Task AnotherQuerysSnapshotIsRefused(string snapshot, string expected)
    {
        using var lake = new TestLake();
        await EventScript.Parse("log 100 info main first").DeliverAsync(lake, () => Task.CompletedTask);
        var error = await Assert.ThrowsAsync<QueryException>(() => lake.CsvAsync("SELECT message FROM log_entries", new QueryOptions { Snapshot = snapshot }));
        Assert.Contains(expected, error.Message);
    }

    static async Task<(string Snapshot, string Rows)> AskAsync(TestLake lake, string sql, QueryOptions options)
    {
        using var result = await lake.Lake.QueryAsync(sql, options, Cancellation);
        Assert.Empty(result.Receipt.Gone);
        return (result.Receipt.Snapshot, await lake.CsvAsync(sql, options));
    }
}

using Legion.Format;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Lakehouse;

/// <summary>Who follows a process that is being recorded sees what a lake shows that builds everything anew, and pays for what came.</summary>
public sealed class LiveTailTests
{
    static readonly string[] Followed = ["spans", "log_entries", "measures", "async_spans", "frames", "markers", "flows", "attachments", "problems", "events.Turn"];

    const string Count = "SELECT count(*) FROM log_entries";

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task What_came_since_is_as_if_all_were_built_anew(int seed)
    {
        var random = new Random(seed);
        var script = EventScript.Parse(RandomEvents.Of(random, 40));
        using var lake = new TestLake();
        using var plain = new TestLake();
        var live = new Lake(lake.Store, time: new ManualClock()); // before all that happens: nothing is long ago
        // As they are recorded, but that now and then one is late.
        var order = script.Blocks.Select((block, i) => (block, At: i + (random.Next(20) == 0 ? random.Next(30) : 0))).OrderBy(item => item.At).Select(item => item.block).ToArray();
        for (var next = 0; next < order.Length;)
        {
            var some = order[next..Math.Min(order.Length, next + random.Next(1, 5))];
            next += some.Length;
            foreach (var one in (TestLake[])[lake, plain])
            {
                var batch = script.Records();
                foreach (var block in some) batch.AddBlock(block.Bytes);
                await one.AppendAsync(batch);
            }
            foreach (var view in random.GetItems(Followed, 3))
                Assert.Equal(await ViewContents.ReadAsync(plain, script.ProcessId, view), await ViewContents.ReadAsync(lake, script.ProcessId, view, live));
        }
        foreach (var view in Followed) Assert.Equal(await ViewContents.ReadAsync(plain, script.ProcessId, view), await ViewContents.ReadAsync(lake, script.ProcessId, view, live));
    }

    [Theory]
    [InlineData(Count, "log")]
    [InlineData("SELECT count(*) FROM spans WHERE process_id = $process", "main")]
    public async Task What_is_published_stays_until_much_came(string sql, string stream)
    {
        using var lake = new TestLake();
        var clock = new ManualClock();
        var live = new Lake(lake.Store, time: clock);
        var lines = Enumerable.Range(0, 12).SelectMany(i => (string[])[$"log {i * 1000} info main hello", $"main begin {i * 1000} outer", $"main begin {i * 1000 + 1} inner", $"main end {i * 1000 + 500}", "log cut", "main cut"]);
        var script = EventScript.Parse(string.Join('\n', lines));
        var options = new QueryOptions { Parameters = new Dictionary<string, object?> { ["process"] = script.ProcessId } };
        var blocks = script.BlocksOf(stream).ToArray();
        Assert.Equal(12, blocks.Length);
        for (var i = 0; i < blocks.Length; i++)
        {
            var batch = script.Records();
            batch.AddBlock(blocks[i].Bytes);
            await lake.AppendAsync(batch);
            using var result = await live.QueryAsync(sql, options, Cancellation);
            using (var rows = result.ReadRows(Cancellation))
            {
                Assert.True(rows.Read());
                Assert.Equal(stream == "log" ? i + 1 : 2 * (i + 1), rows.Int64(0));
            }
            Assert.Equal(1, result.Receipt.Build.Built);
        }
        var partition = Assert.Single(await lake.Store.Catalog.ReadPartitionsAsync(Tenant.Default, null, null, Cancellation));
        Assert.Equal((1, stream == "log" ? 1 : 2), (partition.Generation, partition.Rows));

        // Nobody asks any more.
        Assert.NotEmpty(Temporary());
        clock.Advance(TimeSpan.FromMinutes(2));
        live.Tail.Sweep();
        Assert.Empty(Temporary());

        // The process is not live any more: it is built as a whole, once.
        clock.Advance(TimeSpan.FromDays(365));
        Assert.Equal($"{(stream == "log" ? 12 : 24)}", (await lake.CsvAsync(sql, options, live)).Split('\n')[1]);
        Assert.Equal(2, Assert.Single(await lake.Store.Catalog.ReadPartitionsAsync(Tenant.Default, null, null, Cancellation)).Generation);

        IEnumerable<string> Temporary() => Directory.EnumerateFiles(Path.Combine(lake.Folder, "tmp"), "*", SearchOption.AllDirectories).Where(file => new FileInfo(file).Length > 0);
    }

    [Fact]
    public async Task A_lake_that_is_gone_leaves_nothing_to_sweep()
    {
        var clock = new ManualClock();
        LiveTail tail;
        using (var lake = new TestLake())
        {
            var live = new Lake(lake.Store, time: clock);
            tail = live.Tail;
            await FollowAsync(lake, live);
        }
        clock.Advance(TimeSpan.FromMinutes(2));
        tail.Sweep();
    }

    [Fact]
    public async Task A_process_that_is_erased_goes_from_what_came_since()
    {
        using var lake = new TestLake();
        var live = new Lake(lake.Store, time: new ManualClock());
        var processId = await FollowAsync(lake, live);
        var erasure = new LakeErasure(lake.Store, Tenant.Default, TimeProvider.System);
        await erasure.RunAsync(await erasure.BeginAsync(processId, Cancellation), null, Cancellation);
        Assert.Equal("0", (await lake.CsvAsync(Count, of: live)).Split('\n')[1]);
    }

    /// <summary>Two log entries come one after the other, and each is asked for.</summary>
    static async Task<Guid> FollowAsync(TestLake lake, Lake live)
    {
        var script = EventScript.Parse("""
            log 10 info main hello
            log cut
            log 20 info main again
            log cut
            """);
        foreach (var block in script.BlocksOf("log"))
        {
            var batch = script.Records();
            batch.AddBlock(block.Bytes);
            await lake.AppendAsync(batch);
            await lake.CsvAsync(Count, of: live);
        }
        return script.ProcessId;
    }
}

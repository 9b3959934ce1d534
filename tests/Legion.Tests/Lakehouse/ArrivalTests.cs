using System.Reflection;
using Legion.Format;
using Legion.Lakehouse.Sql;
using Legion.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Lakehouse;

/// <summary>However blocks arrive, and whatever was asked in between, the rows are those of a lake that got the same blocks at once.</summary>
public sealed class ArrivalTests
{
    const long MinuteNs = 60_000_000_000;

    static readonly string[] Queries =
    [
        "SELECT * FROM spans WHERE process_id = $process ORDER BY ALL",
        "SELECT * FROM problems WHERE process_id = $process ORDER BY ALL",
        "SELECT * FROM log_entries WHERE process_id = $process ORDER BY ALL",
        "SELECT * FROM async_spans WHERE process_id = $process ORDER BY ALL",
        "SELECT * FROM async_spans WHERE process_id = $process AND begin_time >= TIMESTAMP '2026-01-01 21:30:00' ORDER BY ALL",
        "SELECT * FROM markers WHERE process_id = $process ORDER BY ALL",
        "SELECT * FROM attachments WHERE process_id = $process ORDER BY ALL",
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task The_order_of_arrival_changes_no_row(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 3; round++)
        {
            var script = EventScript.Parse(RandomEvents.Of(random, 40));
            var options = new QueryOptions { Parameters = new Dictionary<string, object?> { ["process"] = script.ProcessId } };
            var blocks = script.Blocks.Where(_ => random.Next(8) > 0).ToArray();
            var damaged = blocks.Where(_ => random.Next(10) == 0).Select(block => block.Id).ToHashSet();

            using var atOnce = new TestLake();
            await AppendAsync(atOnce, script, blocks, damaged);

            using var bitByBit = new TestLake();
            var order = blocks.ToArray();
            random.Shuffle(order);
            for (var next = 0; next < order.Length;)
            {
                var some = order[next..Math.Min(order.Length, next + random.Next(1, 4))];
                await AppendAsync(bitByBit, script, some, damaged);
                next += some.Length;
                if (random.Next(2) == 0) await AppendAsync(bitByBit, script, [order[random.Next(next)]], []);
                if (random.Next(2) == 0) await bitByBit.CsvAsync(Queries[random.Next(Queries.Length)], options);
            }
            foreach (var query in Queries) Assert.Equal(await atOnce.CsvAsync(query, options), await bitByBit.CsvAsync(query, options));
        }
    }

    [Fact]
    public async Task A_cut_that_a_late_block_brings_about_shows_no_row_twice()
    {
        const long SecondNs = 1_000_000_000;
        var script = EventScript.Parse($"main begin {SecondNs} first\nmain end {SecondNs + 1}\nmain cut\nmain begin {3 * SecondNs} second\nmain end {3 * SecondNs + 1}");
        var options = new QueryOptions { Parameters = new Dictionary<string, object?> { ["process"] = script.ProcessId } };
        using var lake = new TestLake();
        await AppendAsync(lake, script, script.Blocks, []);
        const string Spans = "SELECT name, count(*) AS n FROM spans WHERE process_id = $process GROUP BY name ORDER BY name";
        Assert.Equal("name,n\nfirst,1\nsecond,1\n", await lake.CsvAsync(Spans, options));

        // As many events as a slot takes, between the two blocks that are there: the second moves into a slot of its own.
        var schema = new Schema([new EventType("Tick", 1, 8, [new Field("tick", FieldType.Tick, 0, 8) { Attributes = [new("role", FieldRole.Time)] }])]);
        var record = new StreamRecord { StreamId = Guid.CreateVersion7(), ProcessId = script.ProcessId, Version = 1, Class = StreamClass.Other, Name = "Tick" };
        var ticks = new StreamScript(script.ProcessId, record, schema, Legion.Lakehouse.TimeText.ParseNs("2026-01-01T00:00:00Z", 0));
        var batch = new BatchWriter();
        batch.Add(record);
        batch.Add(schema);
        for (var block = 0; block < 4; block++)
        {
            for (var i = 0; i < 500_000; i++) ticks.UserEvent(2 * SecondNs, []);
            ticks.Cut(Delivery.Normal);
        }
        foreach (var block in ticks.Blocks) batch.AddBlock(block.Bytes);
        await lake.AppendAsync(batch);

        Assert.Equal("name,n\nfirst,1\nsecond,1\n", await lake.CsvAsync(Spans, options));
        Assert.Equal(2, (await lake.Store.Catalog.ReadSlotsAsync(Tenant.Default, script.ProcessId, TestContext.Current.CancellationToken)).Count);
    }

    [Fact]
    public async Task A_block_that_was_missing_at_the_begin_closes_what_it_left_open()
    {
        var script = EventScript.Parse($"main begin 0 outer\nmain cut\nmain end 1\nmain cut never\nmain begin {200 * MinuteNs} later\nmain end {201 * MinuteNs}");
        var options = new QueryOptions { Parameters = new Dictionary<string, object?> { ["process"] = script.ProcessId } };
        var blocks = script.Blocks.ToArray();
        using var lake = new TestLake();
        const string Spans = "SELECT name, truncated FROM spans WHERE process_id = $process ORDER BY begin_ns";
        await AppendAsync(lake, script, [blocks[2]], []);
        Assert.Equal("name,truncated\nlater,False\n", await lake.CsvAsync(Spans, options));
        Assert.Equal("events,detail\n2,expected sequence 0 at the stream's begin, saw 2: 2 missing\n",
            await lake.CsvAsync("SELECT events, detail FROM problems WHERE process_id = $process AND kind = 'lost'", options));
        await AppendAsync(lake, script, [blocks[0]], []);
        Assert.Equal("name,truncated\nouter,True\nlater,False\n", await lake.CsvAsync(Spans, options));
    }

    [Fact]
    public async Task A_damaged_block_at_the_begin_of_a_slot_costs_only_its_own_rows()
    {
        var script = EventScript.Parse($"main begin 0 outer\nmain cut\nmain end {200 * MinuteNs}\nmain cut\nmain begin {201 * MinuteNs} later\nmain end {202 * MinuteNs}");
        var options = new QueryOptions { Parameters = new Dictionary<string, object?> { ["process"] = script.ProcessId } };
        using var lake = new TestLake();
        await AppendAsync(lake, script, script.Blocks, [script.Blocks.ElementAt(1).Id]);
        Assert.Equal("name,truncated\nouter,True\nlater,False\n", await lake.CsvAsync("SELECT name, truncated FROM spans WHERE process_id = $process ORDER BY begin_ns", options));
    }

    [Fact]
    public async Task A_snapshot_shows_a_span_open_whose_end_others_have_seen_since()
    {
        var script = EventScript.Parse($"main begin 0 outer\nmain cut\nmain end {200 * MinuteNs}");
        var options = new QueryOptions { Parameters = new Dictionary<string, object?> { ["process"] = script.ProcessId } };
        var cancellation = TestContext.Current.CancellationToken;
        using var lake = new TestLake();
        await AppendAsync(lake, script, [script.Blocks.First()], []);
        var before = Assert.Single(await Legion.Lakehouse.ProcessSnapshot.ReadAsync(lake.Store.Catalog, Tenant.Default, [script.ProcessId], cancellation));
        await AppendAsync(lake, script, script.Blocks, []);
        const string Count = "SELECT count(*) AS n, count(end_ns) AS ended FROM spans WHERE process_id = $process";
        Assert.Equal("n,ended\n1,1\n", await lake.CsvAsync(Count, options));
        var (partitions, _) = await new Legion.Lakehouse.Materializer(lake.Store, Tenant.Default, TimeProvider.System, Legion.Lakehouse.PartitionBuilder.WriteAsync)
            .MaterializeAsync(Legion.Lakehouse.Views.Spans, before, _ => true, null, cancellation);
        Assert.Equal(1, partitions.Sum(partition => partition.Rows));
        Assert.Equal("n,ended\n1,1\n", await lake.CsvAsync(Count, options));
    }

    [Fact]
    public async Task A_stream_that_comes_while_a_snapshot_is_taken_has_its_name_in_it()
    {
        var script = EventScript.Parse("main begin 0 first\nworker begin 0 second");
        using var lake = new TestLake();
        var empty = new BatchWriter();
        empty.Add(new ProcessRecord { ProcessId = script.ProcessId, Version = 1, StartNs = 0, LastSeenNs = 0 });
        await lake.AppendAsync(empty);
        var catalog = DispatchProxy.Create<ICatalog, InterruptedCatalog>();
        var interrupted = (InterruptedCatalog)(object)catalog;
        (interrupted.Catalog, interrupted.AfterFirstList) = (lake.Store.Catalog, () => AppendAsync(lake, script, script.Blocks, []).GetAwaiter().GetResult());
        foreach (var snapshot in await Legion.Lakehouse.ProcessSnapshot.ReadAsync(catalog, Tenant.Default, [script.ProcessId], TestContext.Current.CancellationToken))
            Assert.All(snapshot.Slots.SelectMany(slot => slot.Blocks), block => Assert.NotNull(snapshot.Stream(block.StreamId)));
        Assert.True(interrupted.WasInterrupted);
    }

    /// <summary>A catalog in which something happens between a reader's first list of streams or blocks and its next.</summary>
    public class InterruptedCatalog : DispatchProxy
    {
        public ICatalog Catalog { get; set; } = null!;
        public Action AfterFirstList { get; set; } = () => { };
        public bool WasInterrupted { get; private set; }

        protected override object? Invoke(MethodInfo? method, object?[]? arguments)
        {
            var answer = method!.Invoke(Catalog, arguments);
            if (WasInterrupted || method.Name is not (nameof(ICatalog.ReadStreamsAsync) or nameof(ICatalog.ReadBlocksAsync))) return answer;
            ((Task)answer!).GetAwaiter().GetResult();
            WasInterrupted = true;
            AfterFirstList();
            return answer;
        }
    }

    /// <summary>Blocks that are there already stay as they are.</summary>
    static async Task AppendAsync(TestLake lake, EventScript script, IEnumerable<ScriptBlock> blocks, HashSet<Guid> damaged)
    {
        var batch = script.Records();
        foreach (var block in blocks) batch.AddBlock(block.Bytes);
        await new BlockAppend(lake.Store, TimeProvider.System).AppendAsync(Tenant.Default, Batch.Read(batch.ToArray()), TestContext.Current.CancellationToken);
        foreach (var block in blocks.Where(block => damaged.Contains(block.Id))) await lake.DamageAsync(block.Id);
    }
}

using Legion.Cli.Generate;
using Legion.Format;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Lakehouse;

/// <summary>Of partitions that lie elsewhere a query fetches the columns and row groups that it reads, and answers as if all were there.</summary>
public sealed class RemoteReadTests(RemoteReadTests.RemoteScene remote) : IClassFixture<RemoteReadTests.RemoteScene>
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Random_queries_answer_from_files_with_holes(int seed)
    {
        using var store = new RemoteStore(requestBytes: 8);
        using var scene = await NarrowingDifferentialTests.Scene.MakeAsync(seed, store);
        var queries = new RandomQuery(new Random(seed), scene.Processes);
        var (answered, sparse) = (0, 0);
        for (var i = 0; i < 60; i++)
        {
            var sql = queries.Next();
            string expected;
            try
            {
                expected = scene.AllRows(sql);
            }
            catch (DuckDB.NET.Data.DuckDBException)
            {
                continue; // what the engine cannot bind is no query
            }
            try
            {
                if (i % 2 == 0) store.ForgetAll(); // otherwise the holes are those of the query before
                Assert.True(expected == await scene.NarrowedAsync(sql), sql);
                answered++;
                if (store.Bytes > 0) sparse++;
            }
            catch (QueryException refusal) when (refusal.Message.Contains("is read per process", StringComparison.Ordinal))
            {
                // Too little was understood to narrow.
            }
        }
        Assert.True(answered > 25 && sparse > 20, $"{answered} answered, {sparse} from copies");
    }

    /// <summary>Queries that read columns which they do not name, or under another name.</summary>
    [Theory]
    [InlineData("SELECT * FROM log_entries ORDER BY ALL")]
    [InlineData("SELECT l FROM log_entries l WHERE process_id = $p0 ORDER BY l.time_ns, l.message")]
    [InlineData("SELECT to_json(log_entries)->>'message' AS m FROM log_entries ORDER BY ALL")]
    [InlineData("SELECT COLUMNS('^me') FROM log_entries ORDER BY ALL")]
    [InlineData("SELECT count(*) AS n FROM log_entries NATURAL JOIN (SELECT time_ns, message FROM log_entries) AS m")]
    [InlineData("SELECT x, y FROM log_entries AS l(x, y) ORDER BY ALL")]
    [InlineData("SELECT LEVEL, count(*) AS n FROM log_entries GROUP BY ALL ORDER BY ALL")]
    [InlineData("SELECT l.message FROM log_entries l JOIN streams USING (stream_id) ORDER BY ALL")]
    [InlineData("SELECT min(time) AS first, max(time_ns) AS last FROM log_entries WHERE time > TIMESTAMP '2026-01-01 21:00:00'")]
    [InlineData("WITH t AS (FROM log_entries) SELECT max(message) AS m FROM t")]
    [InlineData("WITH t AS MATERIALIZED (SELECT message, level FROM log_entries) SELECT count(*) AS n FROM t a JOIN t b USING (message)")]
    [InlineData("SELECT message FROM log_entries UNION SELECT name FROM measures ORDER BY ALL")]
    [InlineData("SELECT message FROM log_entries UNION BY NAME SELECT name FROM measures ORDER BY ALL")]
    [InlineData("SELECT * FROM (SELECT level, message FROM log_entries) PIVOT (count(*) FOR level IN ('info', 'warn')) ORDER BY ALL")]
    [InlineData("SELECT count(*) AS n FROM log_entries")]
    [InlineData("SELECT list(message ORDER BY time_ns, message) FILTER (severity > 0)::VARCHAR AS all FROM log_entries")]
    [InlineData("SELECT first(message ORDER BY time_ns, message) OVER (PARTITION BY thread) AS f FROM log_entries QUALIFY row_number() OVER (ORDER BY time_ns, message) < 3 ORDER BY ALL")]
    [InlineData("SELECT list_transform([1], x -> x + severity)::VARCHAR AS t FROM log_entries ORDER BY ALL")]
    [InlineData("SELECT count(*) AS n FROM async_spans WHERE process_id = $p0 AND end_ns IS NULL")]
    [InlineData("SELECT name, kind FROM measures WHERE time_ns BETWEEN 1767301200000000000 AND 1767308400000000000 ORDER BY ALL")]
    public async Task Whatever_a_query_reads_is_there(string sql)
    {
        remote.Store.ForgetAll();
        Assert.Equal(remote.Scene.AllRows(sql), await remote.Scene.NarrowedAsync(sql));
        Assert.True(remote.Store.Bytes > 0);
    }

    [Fact]
    public async Task A_narrow_query_fetches_a_small_share_in_few_requests()
    {
        using var store = new RemoteStore(requestBytes: 64 << 10);
        using var lake = new TestLake(store);
        var processes = await LoadGenerator.GenerateAsync(new GeneratedLoad { Spans = 400_000, Seed = 3 },
            async batch => await new BlockAppend(lake.Store, TimeProvider.System).AppendAsync(Tenant.Default, Batch.Read(batch), Cancellation), Cancellation);
        var options = new QueryOptions { Parameters = new Dictionary<string, object?> { ["process"] = processes[0] } };
        await lake.Lake.MaterializeAsync("spans", processes[0], cancellation: Cancellation);
        var whole = (await lake.Store.Catalog.ReadPartitionsAsync(Tenant.Default, "spans", processes, Cancellation)).Sum(partition => partition.Bytes);
        store.ForgetAll();

        const string ByName = "SELECT name, count(*) AS n FROM spans WHERE process_id = $process GROUP BY ALL ORDER BY ALL";
        const string BySelf = "SELECT count(*) AS n, sum(self_ns) AS self, max(name) AS name, min(begin_ns) AS first FROM spans WHERE process_id = $process";
        var names = await lake.CsvAsync(ByName, options);
        var (bytes, requests) = (store.Bytes, store.Requests);
        Assert.True(bytes < whole / 8, $"{bytes} of {whole} bytes by name, in {requests} requests");
        Assert.InRange(requests, 2, 20);

        // The same again costs nothing, and another column only itself.
        Assert.Equal(names, await lake.CsvAsync(ByName, options));
        Assert.Equal((bytes, requests), (store.Bytes, store.Requests));
        var all = await lake.CsvAsync(BySelf, options);
        var both = store.Bytes;
        Assert.True(both > bytes && both < whole * 9 / 10, $"{bytes}, then {both} of {whole} bytes");

        // Of all columns, the row groups that begin in the first tenth.
        var firstNs = long.Parse(all.Split('\n')[1].Split(',')[3], System.Globalization.CultureInfo.InvariantCulture);
        var lastNs = (await lake.Lake.FindProcessAsync(processes[0], Cancellation)).LastSeenNs;
        var range = options with { Range = new QueryRange(null, firstNs + (lastNs - firstNs) / 10) };
        const string Digest = "SELECT count(*) AS n, bit_xor(hash(s)) AS h FROM spans s WHERE process_id = $process";
        store.ForgetAll();
        var remote = await lake.CsvAsync(Digest, range);
        Assert.True(store.Bytes < whole / 2, $"{store.Bytes} of {whole} bytes for the first tenth");
        var tenth = store.Bytes;

        // Once everything is there, it is all the same.
        await lake.CsvAsync("SELECT * FROM spans WHERE process_id = $process LIMIT 1", options);
        Assert.InRange(store.Bytes, whole, whole * 3 / 2);
        Assert.Equal((remote, names, all), (await lake.CsvAsync(Digest, range), await lake.CsvAsync(ByName, options), await lake.CsvAsync(BySelf, options)));
        TestContext.Current.TestOutputHelper?.WriteLine($"{whole} bytes in all; by name {bytes} in {requests} requests; with another column {both}; a tenth of the time {tenth}");
    }

    [Fact]
    public async Task A_partition_that_is_gone_is_built_again()
    {
        var (store, scene) = (remote.Store, remote.Scene);
        var expected = await scene.NarrowedAsync("SELECT max(message) AS m FROM log_entries");
        var keys = new List<string>();
        await foreach (var stored in store.ListAsync(StoreNames.ViewsPrefix + "log_entries/", Cancellation)) keys.Add(stored.Key);
        foreach (var key in keys) await store.DeleteAsync(key, Cancellation);

        Assert.Equal(expected, await scene.NarrowedAsync("SELECT max(message) AS m FROM log_entries"));
    }

    /// <summary>One scene for all queries that are spelled out. A request costs next to nothing, so that every column that is not read is a hole.</summary>
    public sealed class RemoteScene : IAsyncLifetime
    {
        internal RemoteStore Store { get; } = new(requestBytes: 8);
        internal NarrowingDifferentialTests.Scene Scene { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Scene = await NarrowingDifferentialTests.Scene.MakeAsync(seed: 4, Store);

        public ValueTask DisposeAsync()
        {
            Scene.Dispose();
            Store.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

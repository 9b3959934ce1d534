using System.Globalization;
using System.Text;
using Legion.Format;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Lakehouse;

/// <summary>Sums of the spans that policies ask for are those of the spans themselves, whatever arrived, was built, removed or asked for before.</summary>
public sealed class SpanRollupTests : IDisposable
{
    readonly TestLake lake = new();

    /// <summary>Policies as the test knows them.</summary>
    readonly Dictionary<string, (string Processes, string Spans)> policies = [];

    int added;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => lake.Dispose();

    static readonly (string Processes, string Spans)[] kinds =
    [
        ("", ""),
        ("exe = 'game1'", ""),
        ("", "name LIKE '%1' OR line = 6"),
        ("property(properties, 'build') = '2'", "target = 'Test' AND length(name) = 5"),
        ("exe IN ('game0', 'game3')", "name IN ('span3', 'span4', 'span11')"),
        ("end_reason = 'exit'", ""),
        ("CAST(property(properties, 'build') AS INTEGER) > 2", "CAST(substr(name, 5) AS INTEGER) % 2 = 0"),
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task SumsAreThoseOfTheSpans(int seed)
    {
        var random = new Random(seed);
        var scripts = Enumerable.Range(0, 5).Select(_ => EventScript.Parse(RandomEvents.Of(random, 40))).ToArray();
        for (var i = 0; i < scripts.Length; i++) await RegisterAsync(scripts[i], i, 2);
        // Blocks come in whatever order.
        var waiting = scripts.SelectMany(script => script.Blocks).ToArray();
        random.Shuffle(waiting);
        await AddAsync(kinds[random.Next(kinds.Length)]);
        for (var round = 0; round < 10; round++)
        {
            var batch = new BatchWriter();
            foreach (var block in waiting[(waiting.Length * round / 10)..(waiting.Length * (round + 1) / 10)]) batch.AddBlock(block.Bytes);
            await lake.AppendAsync(batch);
            switch (random.Next(8))
            {
                case 0:
                    await AddAsync(kinds[random.Next(kinds.Length)]);
                    break;
                case 1 when policies.Count > 1:
                    await RemoveAsync(policies.Keys.Order().First());
                    break;
                case 2:
                    // A process meets other conditions than before.
                    await RegisterAsync(scripts[random.Next(scripts.Length)], random.Next(5), 3 + (ulong)round);
                    break;
                case 3:
                    await lake.DropPartitionsAsync();
                    break;
            }
            if (random.Next(2) == 0)
            {
                await AssertSameAsync($"round {round}, not built");
                await BuildAsync();
            }
            await AssertSameAsync($"round {round}");
        }
        var erasure = new LakeErasure(lake.Store, Tenant.Default, TimeProvider.System);
        var id = await erasure.BeginAsync(scripts[1].ProcessId, Cancellation);
        await AssertSameAsync("erased");
        Assert.NotNull(await erasure.RunAsync(id, null, Cancellation));
        await AssertSameAsync("gone");
        await BuildAsync();
        await AssertSameAsync("built again");
        Assert.DoesNotContain(scripts[1].ProcessId.ToString(), await AskAsync("SELECT DISTINCT process_id FROM span_rollups"), StringComparison.Ordinal);
    }

    /// <summary>Where no span lost its end, they are those of <c>span_stats</c> over all threads and slots.</summary>
    [Fact]
    public async Task SumsOfAllAreTheStatisticsOfAProcess()
    {
        var script = Tiles.SpanScene.Random(7, 3, 90_000_000_000, 900);
        await script.DeliverAsync(lake, beforeLate: () => Task.CompletedTask);
        await AddAsync(("", ""));
        await BuildAsync();
        const string Sums = "sum(count)::BIGINT, sum(total_ns)::BIGINT, sum(self_ns)::BIGINT, min(min_ns), max(max_ns)";
        const string Bins = "SELECT name, bin, sum(n)::BIGINT FROM (SELECT name, unnest(bins) AS bin, unnest(counts) AS n FROM {0}) GROUP BY ALL ORDER BY ALL";
        var statistics = $"span_stats WHERE process_id = '{script.ProcessId}'";
        Assert.Equal(await AskAsync($"SELECT name, {Sums} FROM {statistics} GROUP BY name ORDER BY name"), await AskAsync($"SELECT name, {Sums} FROM span_rollups WHERE step = 'second' GROUP BY name ORDER BY name"));
        foreach (var step in Rollup.Steps)
            Assert.Equal(await AskAsync(string.Format(CultureInfo.InvariantCulture, Bins, statistics)), await AskAsync(string.Format(CultureInfo.InvariantCulture, Bins, $"span_rollups WHERE step = '{step.Name}'")));
    }

    [Fact]
    public async Task WithoutAPolicyAQueryIsToldWhatAsksForSums()
    {
        await EventScript.Parse("main begin 5 work\nmain end 9").DeliverAsync(lake, () => Task.CompletedTask);
        var refusal = await Assert.ThrowsAsync<QueryException>(() => AskAsync("SELECT * FROM span_rollups"));
        Assert.Contains("legion lake policy add", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("column_name", await lake.CsvAsync("DESCRIBE SELECT * FROM span_rollups"), StringComparison.Ordinal);
        await BuildAsync();
        await AddAsync(("exe = 'another'", ""));
        Assert.Equal("", await AskAsync("SELECT * FROM span_rollups"));
        await AddAsync(("", "name = 'work'"));
        Assert.Equal("work,1,4", await AskAsync("SELECT name, count, total_ns FROM span_rollups WHERE step = 'day'"));
        await BuildAsync();
        foreach (var name in policies.Keys.ToArray()) await RemoveAsync(name);
        await Assert.ThrowsAsync<QueryException>(() => AskAsync("SELECT * FROM span_rollups"));
        await BuildAsync();
        Assert.Empty(await FilesAsync());
    }

    /// <summary>What only a policy that came later asks for is in no files: few processes are decoded for the query, and of many it says so.</summary>
    [Fact]
    public async Task APolicyThatCameLaterIsAnsweredOrNamed()
    {
        const int Many = 70;
        for (var i = 0; i < Many; i++)
        {
            var script = EventScript.Parse("main begin 5 a\nmain begin 6 b\nmain end 7\nmain end 9");
            await RegisterAsync(script, i % 2, 2);
            var batch = new BatchWriter();
            foreach (var block in script.Blocks) batch.AddBlock(block.Bytes);
            await lake.AppendAsync(batch);
        }
        await AddAsync(("", "name = 'a'"));
        await BuildAsync();
        await AddAsync(("exe = 'game1'", "name = 'b'"));
        Assert.Equal($"a,{Many}\nb,{Many / 2}", await AskAsync("SELECT name, sum(count) FROM span_rollups WHERE step = 'hour' GROUP BY name ORDER BY name"));
        await AddAsync(("", "name = 'b'"));
        var refusal = await Assert.ThrowsAsync<QueryException>(() => AskAsync("SELECT count(*) FROM span_rollups"));
        Assert.Contains($"of {Many} processes is not in the files of span_rollups", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("legion materialize span_rollups --global", refusal.Message, StringComparison.Ordinal);
        var one = await AskAsync("SELECT process_id FROM processes ORDER BY 1 LIMIT 1");
        Assert.Equal("a,1\nb,1", await AskAsync($"SELECT name, sum(count) FROM span_rollups WHERE step = 'hour' AND process_id = '{one}' GROUP BY name ORDER BY name"));

        await BuildAsync();
        Assert.Equal($"a,{Many}\nb,{Many}", await AskAsync("SELECT name, sum(count) FROM span_rollups WHERE step = 'hour' GROUP BY name ORDER BY name"));
        // What asks for no more than others do makes nothing stale.
        await AddAsync(("exe = 'game1'", "name = 'b'"));
        var files = await FilesAsync();
        await BuildAsync();
        Assert.Equal(files, await FilesAsync());
        var plan = Assert.Single((await lake.Lake.ExplainAsync("SELECT * FROM span_rollups", cancellation: Cancellation)).Views);
        Assert.Equal((1, 0L), (plan.Files, plan.BlockBytes));
    }

    [Fact]
    public async Task BlocksOfProcessesThatNobodyAsksForAreNotRead()
    {
        var (wanted, unwanted) = (EventScript.Parse("main begin 5 a\nmain end 9"), EventScript.Parse("main begin 5 a\nmain end 9"));
        await RegisterAsync(wanted, 1, 2);
        await RegisterAsync(unwanted, 2, 2);
        foreach (var script in (EventScript[])[wanted, unwanted])
        {
            var batch = new BatchWriter();
            foreach (var block in script.Blocks) batch.AddBlock(block.Bytes);
            await lake.AppendAsync(batch);
        }
        await AddAsync(("exe = 'game1'", ""));
        foreach (var block in await lake.Store.Catalog.ReadBlocksAsync(Tenant.Default, [unwanted.ProcessId], Cancellation)) await lake.Store.Objects.DeleteAsync(block.ObjectKey, Cancellation);
        Assert.Equal(wanted.ProcessId.ToString(), await AskAsync("SELECT process_id FROM span_rollups WHERE step = 'day'"));
        await BuildAsync();
        Assert.Equal(wanted.ProcessId.ToString(), await AskAsync("SELECT process_id FROM span_rollups WHERE step = 'day'"));
    }

    [Fact]
    public async Task RetentionADayThatIsOverAndASnapshotAreAsOfOtherSums()
    {
        var clock = new ManualClock();
        clock.Advance(DateTimeOffset.UtcNow - clock.GetUtcNow());
        var build = new GlobalBuild(lake.Store, Tenant.Default, clock);
        var script = EventScript.Parse("main begin 5 a\nmain end 9\nmain begin 2000000000 a\nmain end 2000000011\nmain cut late");
        await AddAsync(("", ""));
        var snapshot = "";
        await script.DeliverAsync(lake, async () =>
        {
            using var result = await lake.Lake.QueryAsync("SELECT count(*) FROM span_rollups", cancellation: Cancellation);
            snapshot = result.Receipt.Snapshot;
        });
        await build.RunAsync(Cancellation);
        Assert.Equal("0,4\n2,11", await AskAsync("SELECT time_ns // 1000000000 % 60, total_ns FROM span_rollups WHERE step = 'second' ORDER BY total_ns"));
        Assert.Equal("", await AskAsync("SELECT * FROM span_rollups", new QueryOptions { Snapshot = snapshot }));
        using (var result = await lake.Lake.QueryAsync("SELECT count(*) FROM span_rollups", cancellation: Cancellation)) snapshot = result.Receipt.Snapshot;
        Assert.Equal("2", await AskAsync("SELECT sum(count) FROM span_rollups WHERE step = 'minute'", new QueryOptions { Snapshot = snapshot }));

        clock.Advance(TimeSpan.FromDays(3));
        await build.RunAsync(Cancellation);
        Assert.Equal("day,2,15\nhour,2,15\nminute,2,15", await AskAsync("SELECT step, sum(count), sum(total_ns) FROM span_rollups GROUP BY step ORDER BY step"));
        clock.Advance(TimeSpan.FromDays(40));
        await lake.Store.Catalog.SetRetentionAsync(Tenant.Default, StreamClass.Trace, 30, Cancellation);
        await new RetentionRun(lake.Store, clock).RunAsync(null, Cancellation);
        Assert.Equal("0", await AskAsync("SELECT count(*) FROM span_rollups"));
        Assert.Empty(await FilesAsync());
    }

    /// <summary>Times narrow which files are read, and never which rows.</summary>
    [Fact]
    public async Task TimesNarrowFiles()
    {
        await AddAsync(("", ""));
        for (var i = 0; i < 6; i++)
        {
            var script = EventScript.Parse(RandomEvents.Of(new Random(i), 30));
            await script.DeliverAsync(lake, () => Task.CompletedTask);
            if (i == 3) await BuildAsync();
        }
        var times = (await AskAsync("SELECT DISTINCT time_ns FROM span_rollups ORDER BY 1")).Split('\n').Select(text => long.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        var random = new Random(1);
        for (var i = 0; i < 8; i++)
        {
            var (from, to) = (times[random.Next(times.Length)] - random.Next(2), times[random.Next(times.Length)] + random.Next(2));
            var all = await AskAsync($"SELECT count(*) FILTER (time_ns >= {from} AND time_ns < {to}) FROM span_rollups");
            Assert.Equal(all, await AskAsync($"SELECT count(*) FROM span_rollups WHERE time_ns >= {from} AND time_ns < {to}"));
            Assert.Equal(all, await AskAsync("SELECT count(*) FROM span_rollups", new QueryOptions { Range = new QueryRange(from, to) }));
        }
    }

    [Fact]
    public async Task FilesThatAreGoneAreDoneWithout()
    {
        await AddAsync(("", ""));
        for (var i = 0; i < 3; i++) await EventScript.Parse(RandomEvents.Of(new Random(i), 30)).DeliverAsync(lake, () => Task.CompletedTask);
        await BuildAsync();
        await AssertSameAsync("built");
        foreach (var path in await FilesAsync()) await lake.Store.Objects.DeleteAsync(path, Cancellation);
        await AssertSameAsync("gone");
    }

    /// <summary>A value in a condition goes with the value.</summary>
    [Fact]
    public async Task AnErasureDeletesPoliciesThatHaveTheValue()
    {
        await EventScript.Parse("main begin 5 a user=u77\nmain end 9\nmain begin 10 a\nmain end 12").DeliverAsync(lake, () => Task.CompletedTask);
        await AddAsync(("property(properties, 'user') = 'u77'", ""));
        await AddAsync(("", ""));
        await BuildAsync();
        var erasure = new LakeErasure(lake.Store, Tenant.Default, TimeProvider.System);
        Assert.NotNull(await erasure.RunAsync(await erasure.BeginAsync("user", "u77", Cancellation), null, Cancellation));
        Assert.Equal("", Assert.Single(await lake.Store.Catalog.ReadPoliciesAsync(Tenant.Default, Cancellation)).ProcessFilter);
        policies.Remove("p0");
        Assert.Equal("1", await AskAsync("SELECT sum(count) FROM span_rollups WHERE step = 'day'"));
        await BuildAsync();
        await AssertSameAsync("rewritten");
    }

    async Task AddAsync((string Processes, string Spans) policy)
    {
        var name = $"p{added++}";
        policies.Add(name, policy);
        await lake.Lake.AddPolicyAsync(name, policy.Processes, policy.Spans, "test", Cancellation);
    }

    async Task RemoveAsync(string name)
    {
        policies.Remove(name);
        Assert.True(await lake.Store.Catalog.RemovePolicyAsync(Tenant.Default, name, Cancellation));
    }

    /// <param name="kind">Says what conditions it meets.</param>
    async Task RegisterAsync(EventScript script, int kind, ulong version)
    {
        var batch = script.Records();
        batch.Add(new ProcessRecord
        {
            ProcessId = script.ProcessId,
            Version = version,
            Exe = $"game{kind}",
            StartNs = 5,
            LastSeenNs = 5,
            EndReason = kind == 4 ? "exit" : null,
            Properties = [new Property("build", kind == 3 ? "none" : $"{kind}")],
        });
        await lake.AppendAsync(batch);
    }

    Task<BuildTotals?> BuildAsync() => lake.Lake.MaterializeGlobalAsync("span_rollups", Cancellation);

    async Task<string[]> FilesAsync() => [.. (await lake.Store.Catalog.ReadPartitionsAsync(Tenant.Default, null, [Guid.Empty], Cancellation)).Select(row => row.Path).Where(path => path.Length > 0).Order()];

    async Task<string> AskAsync(string question, QueryOptions? options = null)
    {
        var csv = await lake.CsvAsync(question, options);
        return csv[(csv.IndexOf('\n') + 1)..].TrimEnd('\n');
    }

    /// <summary>Holds that the sums of each step are those of the spans of all processes, of all together and of one.</summary>
    async Task AssertSameAsync(string when)
    {
        var asked = new List<string>();
        foreach (var (processes, spans) in policies.Values)
            asked.Add($"(list_contains([{string.Join(", ", (await MatchingAsync(processes)).Select(id => $"'{id}'"))}]::VARCHAR[], process_id) AND coalesce(TRY({(spans.Length == 0 ? "true" : spans)}), false))");
        var all = (await lake.Store.Catalog.ReadProcessesAsync(Tenant.Default, null, Cancellation)).Select(process => $"'{process.ProcessId}'").ToArray();
        var binned = new StringBuilder();
        foreach (var step in Rollup.Steps)
            binned.Append(CultureInfo.InvariantCulture, $"{(binned.Length == 0 ? "" : " UNION ALL ")}SELECT '{step.Name}' AS step, end_ns - end_ns % {step.Ns} AS at_ns, * FROM (SELECT * FROM spans WHERE process_id IN ({string.Join(", ", all)}) AND end_ns IS NOT NULL AND NOT truncated AND ({string.Join(" OR ", asked)}))");
        const string Sums = "SELECT step, time_ns, process_id, name, target, sum(count)::BIGINT, sum(total_ns)::BIGINT, sum(self_ns)::BIGINT, min(min_ns), max(max_ns) FROM span_rollups {0} GROUP BY ALL ORDER BY ALL";
        const string Bins = "SELECT step, time_ns, process_id, name, target, bin, sum(n)::BIGINT FROM (SELECT *, unnest(bins) AS bin, unnest(counts) AS n FROM span_rollups {0}) GROUP BY ALL ORDER BY ALL";
        var sums = await AskAsync($"SELECT step, at_ns, process_id, name, target, count(*), sum(duration_ns)::BIGINT, sum(self_ns)::BIGINT, min(duration_ns), max(duration_ns) FROM ({binned}) GROUP BY ALL ORDER BY ALL");
        var bins = await AskAsync($"SELECT step, at_ns, process_id, name, target, unnest(s.bins) AS bin, unnest(s.counts)::BIGINT FROM (SELECT step, at_ns, process_id, name, target, sketch(duration_ns) AS s FROM ({binned}) GROUP BY ALL) ORDER BY ALL");
        Assert.Equal((when, sums), (when, await AskAsync(string.Format(CultureInfo.InvariantCulture, Sums, ""))));
        Assert.Equal((when, bins), (when, await AskAsync(string.Format(CultureInfo.InvariantCulture, Bins, ""))));
        var one = all[0];
        Assert.Equal(
            (when, string.Join('\n', sums.Split('\n').Where(line => line.Contains(one.Trim('\''), StringComparison.Ordinal)))),
            (when, await AskAsync(string.Format(CultureInfo.InvariantCulture, Sums, $"WHERE process_id = {one}"))));
    }

    async Task<string[]> MatchingAsync(string condition) =>
        (await AskAsync($"SELECT process_id FROM processes WHERE coalesce(TRY({(condition.Length == 0 ? "true" : condition)}), false)")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
}

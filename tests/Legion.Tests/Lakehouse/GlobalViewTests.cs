using System.Globalization;
using System.Text;
using Legion.Format;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Lakehouse;

/// <summary>What files of many processes answer is what the processes answer one by one, whatever came late, was removed or is being merged.</summary>
public sealed class GlobalViewTests : IDisposable
{
    /// <summary>More than a query reads one by one.</summary>
    const int Many = 70;

    readonly TestLake lake = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => lake.Dispose();

    /// <summary>The rows of each view, and of its sums what they come to, as queries that can be asked of all processes or of one.</summary>
    static readonly string[] questions =
    [
        "SELECT * FROM log_entries {where} ORDER BY ALL",
        "SELECT * FROM measures {where} ORDER BY ALL",
        "SELECT * FROM frames {where} ORDER BY ALL",
        "SELECT step, time_ns, process_id, target, level, sum(count) FROM log_rollups {where} GROUP BY ALL ORDER BY ALL",
        "SELECT step, time_ns, process_id, name, unit, kind, sum(count), sum(sum), min(min), max(max), arg_min(first, first_ns), arg_max(last, last_ns) FROM measure_rollups {where} GROUP BY ALL ORDER BY ALL",
        "SELECT step, time_ns, process_id, name, kind, bin, sum(n) FROM (SELECT *, unnest(bins) AS bin, unnest(counts) AS n FROM measure_rollups {where}) GROUP BY ALL ORDER BY ALL",
        "SELECT step, time_ns, process_id, name, sum(count), sum(total_ns), min(min_ns), max(max_ns) FROM frame_rollups {where} GROUP BY ALL ORDER BY ALL",
        "SELECT step, time_ns, process_id, name, bin, sum(n) FROM (SELECT *, unnest(bins) AS bin, unnest(counts) AS n FROM frame_rollups {where}) GROUP BY ALL ORDER BY ALL",
    ];

    [Fact]
    public async Task ManyProcessesAnswerAsOneByOne()
    {
        var scripts = Enumerable.Range(0, Many).Select(Script).ToArray();
        foreach (var script in scripts[..(Many - 4)]) await lake.AppendAsync(Batch(script, late: false));
        var refusal = await Assert.ThrowsAsync<QueryException>(() => AskAsync("SELECT count(*) FROM frames"));
        Assert.Contains("--global", refusal.Message, StringComparison.Ordinal);

        await BuildAsync();
        await AssertSameAsync("as built");
        // What came since is decoded for the query: further processes, and late blocks of those that are in files.
        foreach (var script in scripts[(Many - 4)..]) await lake.AppendAsync(Batch(script, late: false));
        foreach (var script in scripts[..30]) await lake.AppendAsync(Batch(script, late: true));
        await AssertSameAsync("not built yet");
        await BuildAsync();
        await AssertSameAsync("merged");

        var answers = new List<string>();
        foreach (var question in questions) answers.Add(await AskAsync(question));
        await lake.DropPartitionsAsync();
        await BuildAsync();
        foreach (var (question, answer) in questions.Zip(answers)) Assert.Equal(answer, await AskAsync(question));
    }

    [Fact]
    public async Task WhatIsErasedIsSeenNoMoreAndThenGone()
    {
        var scripts = Enumerable.Range(0, Many).Select(Script).ToArray();
        foreach (var script in scripts) await lake.AppendAsync(Batch(script, late: false));
        await BuildAsync();
        var before = await FilesOfAsync(scripts[3].ProcessId);
        Assert.NotEmpty(before);
        var erasure = new LakeErasure(lake.Store, Tenant.Default, TimeProvider.System);

        var id = await erasure.BeginAsync(scripts[3].ProcessId, Cancellation);
        foreach (var question in questions) Assert.DoesNotContain(scripts[3].ProcessId.ToString(), await AskAsync(question), StringComparison.Ordinal);
        Assert.NotNull(await erasure.RunAsync(id, null, Cancellation));
        foreach (var path in before) Assert.False(await lake.Store.Objects.HasAsync(path, Cancellation));
        Assert.Empty(await FilesOfAsync(scripts[3].ProcessId));
        await AssertSameAsync("erased");

        // Of a value that few have; a log of it in a file of many processes goes, too.
        var value = await erasure.BeginAsync("user", "u77", Cancellation);
        Assert.DoesNotContain("u77", await AskAsync("SELECT * FROM log_entries"), StringComparison.Ordinal);
        await AssertSameAsync("hidden");
        Assert.NotNull(await erasure.RunAsync(value, null, Cancellation));
        await AssertSameAsync("rewritten");
        await BuildAsync();
        await AssertSameAsync("built again");
        Assert.DoesNotContain("u77", await AskAsync("SELECT * FROM log_entries"), StringComparison.Ordinal);
    }

    /// <summary>Who builds just as something is erased must not bring it back.</summary>
    [Fact]
    public async Task WhatIsErasedWhileFilesAreBuiltDoesNotComeBack()
    {
        foreach (var script in Enumerable.Range(0, Many).Select(Script)) await lake.AppendAsync(Batch(script, late: false));
        var victim = (await lake.Store.Catalog.ReadProcessesAsync(Tenant.Default, null, Cancellation))[7].ProcessId;
        var erased = 0;
        var catalog = CatalogHooks.Around(lake.Store.Catalog, nameof(ICatalog.PublishGlobalAsync), async publish =>
        {
            if (Interlocked.Exchange(ref erased, 1) == 0)
            {
                var erasure = new LakeErasure(lake.Store, Tenant.Default, TimeProvider.System);
                await erasure.RunAsync(await erasure.BeginAsync(victim, Cancellation), null, Cancellation);
            }
            await publish();
        });
        await new GlobalBuild(new LakeStore(lake.Store.Location, lake.Store.Objects, catalog), Tenant.Default, TimeProvider.System).RunAsync(Cancellation);
        Assert.Equal(1, erased);
        Assert.Empty(await FilesOfAsync(victim));
        await AssertSameAsync("erased meanwhile");
    }

    [Fact]
    public async Task RetentionTakesWholeDaysOfAClassAndLeavesTheOthers()
    {
        var clock = new ManualClock();
        clock.Advance(DateTimeOffset.UtcNow - clock.GetUtcNow() + TimeSpan.FromDays(40));
        foreach (var script in Enumerable.Range(0, Many).Select(Script)) await lake.AppendAsync(Batch(script, late: false));
        await BuildAsync();
        var measures = await AskAsync("SELECT * FROM measures ORDER BY ALL");
        await lake.Store.Catalog.SetRetentionAsync(Tenant.Default, StreamClass.Log, 30, Cancellation);
        await new RetentionRun(lake.Store, clock).RunAsync(null, Cancellation);

        Assert.DoesNotContain(await FilesAsync(), path => path.Contains("all_log_entries", StringComparison.Ordinal) || path.Contains("log_rollups", StringComparison.Ordinal));
        Assert.Equal("0", await AskAsync("SELECT count(*) FROM log_entries"));
        Assert.Equal("0", await AskAsync("SELECT count(*) FROM log_rollups"));
        // They are read from the files that they were in: nothing of theirs was removed.
        Assert.Equal(measures, await AskAsync("SELECT * FROM measures ORDER BY ALL"));
        var state = await lake.Store.Catalog.ReadGlobalAsync(Tenant.Default, GlobalView.Of(Views.Measures)!.Name, null, int.MaxValue, Cancellation);
        Assert.DoesNotContain(state.Processes, process => process.IsRemoved);
    }

    [Fact]
    public async Task ADayHasAtMost64FilesWhateverComes()
    {
        var day = DateTime.UtcNow.Date;
        // Each tier is less than half as large as the one before, so that it would not be merged with it.
        foreach (var rows in (int[])[2000, 500, 60])
        {
            for (var hour = 0; hour < 24; hour++)
            {
                var random = new Random(hour * 1000 + rows);
                var script = new StringBuilder($"start {day.AddHours(hour):yyyy-MM-ddTHH:mm:ssZ}\n");
                for (var row = 0; row < rows; row++) script.Append(CultureInfo.InvariantCulture, $"log {row} info main \"{random.NextInt64():x}{random.NextInt64():x}\"\n");
                await lake.AppendAsync(Batch(EventScript.Parse(script.ToString()), late: false));
            }
            await BuildAsync();
            var files = await lake.Store.Catalog.ReadPartitionsAsync(Tenant.Default, "all_log_entries", [Guid.Empty], Cancellation);
            Assert.All(files.GroupBy(row => GlobalSlot.DayOf(row.Slot)), ofDay => Assert.InRange(ofDay.Count(), 1, GlobalSlot.FilesPerDay));
            Assert.InRange(files.Count, 24, int.MaxValue);
        }
        await AssertSameAsync("with many files", "SELECT time_ns, message FROM log_entries {where} ORDER BY ALL");
    }

    [Fact]
    public async Task ADayThatIsOverBecomesOneFileWithoutSeconds()
    {
        var clock = new ManualClock();
        clock.Advance(DateTimeOffset.UtcNow - clock.GetUtcNow());
        var build = new GlobalBuild(lake.Store, Tenant.Default, clock);
        for (var i = 0; i < Many; i++) await lake.AppendAsync(Batch(Script(i), late: false));
        await build.RunAsync(Cancellation);
        Assert.Equal("day\nhour\nminute\nsecond", await AskAsync("SELECT DISTINCT step FROM frame_rollups ORDER BY step"));
        var minutes = await AskAsync("SELECT * EXCLUDE (bins, counts) FROM frame_rollups WHERE step = 'minute' ORDER BY ALL");
        clock.Advance(TimeSpan.FromDays(3));
        await build.RunAsync(Cancellation);
        Assert.Equal("day\nhour\nminute", await AskAsync("SELECT DISTINCT step FROM frame_rollups ORDER BY step"));
        Assert.Equal(minutes, await AskAsync("SELECT * EXCLUDE (bins, counts) FROM frame_rollups WHERE step = 'minute' ORDER BY ALL"));
        foreach (var files in (await lake.Store.Catalog.ReadPartitionsAsync(Tenant.Default, null, [Guid.Empty], Cancellation)).GroupBy(row => (row.View, GlobalSlot.DayOf(row.Slot)))) Assert.Single(files);
    }

    /// <summary>Times narrow which files are read, and never which rows.</summary>
    [Theory]
    [InlineData("log_entries", "time_ns")]
    [InlineData("measures", "time_ns")]
    [InlineData("frames", "begin_ns")]
    [InlineData("frame_rollups", "time_ns")]
    [InlineData("measure_rollups", "time_ns")]
    public async Task TimesNarrowFiles(string view, string column)
    {
        for (var i = 0; i < Many; i++) await lake.AppendAsync(Batch(Script(i), late: false));
        await BuildAsync();
        for (var i = 0; i < 3; i++) await lake.AppendAsync(Batch(Script(i), late: false));
        var times = (await AskAsync($"SELECT DISTINCT {column} FROM {view} ORDER BY 1")).Split('\n').Select(text => long.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        var random = new Random(view.Length);
        for (var i = 0; i < 12; i++)
        {
            var (from, to) = (times[random.Next(times.Length)] - random.Next(2), times[random.Next(times.Length)] + random.Next(2));
            var all = await AskAsync($"SELECT count(*) FILTER ({column} >= {from} AND {column} < {to}) FROM {view}");
            Assert.Equal(all, await AskAsync($"SELECT count(*) FROM {view} WHERE {column} >= {from} AND {column} < {to}"));
            if (view is "frames") continue; // a range beside the SQL asks for what overlaps it
            Assert.Equal(all, await AskAsync($"SELECT count(*) FROM {view}", new QueryOptions { Range = new QueryRange(from, to) }));
        }
    }

    [Fact]
    public async Task FilesThatAreGoneAreDoneWithout()
    {
        for (var i = 0; i < 5; i++) await lake.AppendAsync(Batch(Script(i), late: false));
        await BuildAsync();
        var answer = await AskAsync("SELECT * FROM frames ORDER BY ALL");
        foreach (var path in await FilesAsync()) await lake.Store.Objects.DeleteAsync(path, Cancellation);
        Assert.Equal(answer, await AskAsync("SELECT * FROM frames ORDER BY ALL"));
    }

    Task<BuildTotals> BuildAsync() => new GlobalBuild(lake.Store, Tenant.Default, TimeProvider.System).RunAsync(Cancellation);

    async Task<string[]> FilesAsync() =>
        [.. (await lake.Store.Catalog.ReadPartitionsAsync(Tenant.Default, null, [Guid.Empty], Cancellation)).Select(row => row.Path).Where(path => path.Length > 0)];

    /// <summary>Those that have rows of a process.</summary>
    async Task<string[]> FilesOfAsync(Guid processId)
    {
        using var files = new GlobalFiles();
        var having = new List<string>();
        foreach (var path in await FilesAsync())
            if (files.HasAny(await lake.Store.Objects.LocalFileAsync(path, Cancellation), [processId])) having.Add(path);
        return [.. having];
    }

    async Task<string> AskAsync(string question, QueryOptions? options = null)
    {
        var csv = await lake.CsvAsync(question.Replace("{where}", "", StringComparison.Ordinal), options);
        return csv[(csv.IndexOf('\n') + 1)..].TrimEnd('\n');
    }

    async Task AssertSameAsync(string when, params string[] asked)
    {
        var processes = (await lake.Store.Catalog.ReadProcessesAsync(Tenant.Default, null, Cancellation)).Select(process => $"'{process.ProcessId}'").ToArray();
        foreach (var question in asked.Length > 0 ? asked : questions)
        {
            var oneByOne = new List<string>();
            foreach (var some in processes.Chunk(Views.MostProcesses))
            {
                var csv = await lake.CsvAsync(question.Replace("{where}", $"WHERE process_id IN ({string.Join(", ", some)})", StringComparison.Ordinal));
                oneByOne.AddRange(csv.TrimEnd('\n').Split('\n').Skip(1));
            }
            Assert.NotEmpty(oneByOne);
            Assert.Equal((when, string.Join('\n', oneByOne.Order(StringComparer.Ordinal))), (when, string.Join('\n', (await AskAsync(question)).Split('\n').Order(StringComparer.Ordinal))));
        }
    }

    static BatchWriter Batch(EventScript script, bool late)
    {
        var batch = script.Records();
        foreach (var block in script.Blocks.Where(block => block.Delivery == (late ? Delivery.AfterAllOthers : Delivery.Normal))) batch.AddBlock(block.Bytes);
        return batch;
    }

    /// <summary>A small process with two blocks of each stream, of which the first comes late.</summary>
    static EventScript Script(int seed)
    {
        const long MinuteNs = 60_000_000_000;
        var random = new Random(seed);
        var text = new StringBuilder($"start {DateTime.UtcNow.Date.AddHours(random.Next(24)):yyyy-MM-ddTHH:mm:ssZ}\n");
        foreach (var half in (int[])[0, 1])
        {
            var at = half * 40 * MinuteNs;
            for (var i = 0; i < 6; i++)
            {
                at += random.NextInt64(MinuteNs);
                var end = at + random.NextInt64(20_000_000);
                text.Append(CultureInfo.InvariantCulture, $"log {at} {(i % 2 == 0 ? "info" : "error")} main \"{{user}} {i}\" u{(seed == 9 && i == 2 ? 77 : random.Next(8))}\n");
                text.Append(CultureInfo.InvariantCulture, $"metric {at} main heap bytes {random.Next(-5, 1_000_000)}\n");
                text.Append(CultureInfo.InvariantCulture, $"count {at} main clicks 1 {random.Next(3)}\n");
                text.Append(CultureInfo.InvariantCulture, $"frame {at} {end} main {(i % 3 == 0 ? "physics" : "frame")} {half * 6 + i}\n");
            }
            foreach (var stream in (string[])["log", "metric", "frames"]) text.Append(CultureInfo.InvariantCulture, $"{stream} cut{(half == 0 ? " late" : "")}\n");
        }
        return EventScript.Parse(text.ToString());
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Dapper;
using Legion.Format;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Store;
using Legion.Tests.Cli;
using Legion.Tests.Lakehouse;
using Legion.Tests.Support;

namespace Legion.Tests.EndToEnd;

/// <summary>
/// Four programs build the same partitions at a time; one is killed while it builds, another stopped for longer than a claim lasts. The same for every kind of lake.
/// <c>LEGION_KILLS</c> says how many rounds, <c>LEGION_SEED</c> with which choices.
/// </summary>
public abstract partial class BuilderSuite
{
    const int Builders = 4;
    const int KilledExitCode = 128 + 9;

    /// <summary>SIGSTOP and SIGCONT of Linux.</summary>
    const int Stop = 19, Continue = 18;

    static readonly int rounds = TestNumber.Of("LEGION_KILLS", 2);
    static readonly int seed = TestNumber.Of("LEGION_SEED", 1);

    static readonly string[] views = ["spans", "log_entries", "call_tree"];

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private protected abstract Task<LakeUnderTest> NewLakeAsync();

    [Fact]
    public async Task Builders_that_are_killed_and_stopped_publish_each_partition_once()
    {
        using var lake = await NewLakeAsync();
        var store = lake.Open();
        var random = new Random(seed);
        var script = EventScript.Parse(RandomEvents.Of(random, 300));
        var blocks = script.Blocks.ToArray();
        random.Shuffle(blocks);
        var append = new BlockAppend(store, TimeProvider.System);
        using var single = new TestLake();
        var expected = new Dictionary<PartitionKey, long>();
        var interrupted = 0;
        for (var round = 0; round < rounds; round++)
        {
            // Some more blocks, which make some partitions stale and lead to others.
            var some = blocks[(blocks.Length * round / rounds)..(blocks.Length * (round + 1) / rounds)];
            var batch = script.Records();
            foreach (var block in some) batch.AddBlock(block.Bytes);
            await append.AppendAsync(Tenant.Default, Batch.Read(batch.ToArray()), Cancellation);
            // The same slots here and there, and those of now: who asks first cuts them.
            var snapshot = Assert.Single(await ProcessSnapshot.ReadAsync(store.Catalog, Tenant.Default, [script.ProcessId], Cancellation));
            await single.AppendAsync(round == 0 ? script.Records() : new BatchWriter());
            foreach (var slot in snapshot.Slots) await single.Store.Catalog.AddSlotAsync(Tenant.Default, script.ProcessId, slot.Number, slot.BeginNs, Cancellation);
            var same = new BatchWriter();
            foreach (var block in some) same.AddBlock(block.Bytes);
            await single.AppendAsync(same);
            var rows = await RowsAsync(single.Lake, script.ProcessId);
            foreach (var row in await store.Catalog.ReadPartitionsAsync(Tenant.Default, null, null, Cancellation)) expected[row.Key] = row.Generation;

            using var ended = new CancellationTokenSource();
            var reading = ReadAsync(lake, script.ProcessId, rows, ended.Token);
            var builders = Enumerable.Range(0, Builders).Select(number => new Builder(lake, script.ProcessId, views[(number + round) % views.Length])).ToArray();
            interrupted += await InterruptAsync(lake, builders, random);
            foreach (var builder in builders) await builder.EndAsync();
            await ended.CancelAsync();
            Assert.True(await reading > 0, "nobody read meanwhile");

            // Whoever built: each partition that was missing or stale has one generation more, all others the one they had.
            foreach (var view in views) await lake.RunAsync("materialize", view, "--process", $"{script.ProcessId}", "--json");
            await AssertGenerationsAsync(store, single, expected);
            Assert.Equal(rows, await RowsAsync(new Lake(store), script.ProcessId));
        }
        Assert.True(interrupted > 0, "nobody was interrupted while he built");
        await AssertSweptAsync(lake, store);
    }

    /// <summary>Kills one builder and stops another, each while it has a claim.</summary>
    /// <returns>How many were met so: one may end before.</returns>
    static async Task<int> InterruptAsync(LakeUnderTest lake, Builder[] builders, Random random)
    {
        random.Shuffle(builders);
        await using var catalog = lake.Connect();
        await catalog.OpenAsync(Cancellation);
        var met = 0;
        if (await StopBuildingAsync(builders[0]) is { } killed)
        {
            killed.Kill();
            met++;
        }
        if (await StopBuildingAsync(builders[1]) is { } stopped)
        {
            met++;
            // Until its claims are over, others have taken them, or somebody published what it builds.
            while (await ClaimsAsync(stopped) is { Length: > 0 } claims && claims.Max() > NowNs()) await Task.Delay(50, Cancellation);
            Signal(stopped, Continue);
        }
        return met;

        async Task<Process?> StopBuildingAsync(Builder builder)
        {
            while (builder.Current is { HasExited: false } process)
            {
                // A claim lasts some milliseconds: it is looked for all the time, and may be over when the program stands.
                if ((await ClaimsAsync(process)).Length == 0) continue;
                Signal(process, Stop);
                if ((await ClaimsAsync(process)).Length > 0) return process;
                Signal(process, Continue);
            }
            return null;
        }

        async Task<long[]> ClaimsAsync(Process process) => [.. await catalog.QueryAsync<long>(
            "SELECT claimed_until_ns FROM claims WHERE claimed_by LIKE @who", new { who = $"{Environment.MachineName}/{process.Id}/%" })];
    }

    /// <summary>Asks again and again: whoever builds or is interrupted, the answer is the same.</summary>
    /// <returns>How often.</returns>
    static async Task<int> ReadAsync(LakeUnderTest lake, Guid processId, string expected, CancellationToken ended)
    {
        var asked = new Lake(lake.Open());
        var times = 0;
        do
        {
            Assert.Equal(expected, await RowsAsync(asked, processId));
            times++;
        }
        while (!ended.IsCancellationRequested);
        return times;
    }

    static async Task AssertGenerationsAsync(LakeStore store, TestLake single, Dictionary<PartitionKey, long> before)
    {
        var now = (await store.Catalog.ReadPartitionsAsync(Tenant.Default, null, null, Cancellation)).Where(row => views.Contains(row.View)).ToArray();
        var alone = (await single.Store.Catalog.ReadPartitionsAsync(Tenant.Default, null, null, Cancellation)).Where(row => views.Contains(row.View)).ToDictionary(row => row.Key);
        Assert.Equal(alone.Keys.OrderBy(key => (key.View, key.Slot)), now.Select(row => row.Key).OrderBy(key => (key.View, key.Slot)));
        foreach (var row in now)
        {
            var known = before.GetValueOrDefault(row.Key);
            Assert.True(row.Generation == alone[row.Key].Generation, $"{row.Key}: generation {known} became {row.Generation}, where one builder alone has {alone[row.Key].Generation}");
            Assert.Equal(alone[row.Key].Rows, row.Rows);
        }
    }

    /// <summary>What killed builders left goes, what is named is there.</summary>
    static async Task AssertSweptAsync(LakeUnderTest lake, LakeStore store)
    {
        var swept = JsonDocument.Parse(await lake.RunAsync("lake", "sweep", "--older-than", "0s", "--json")).RootElement;
        Assert.Equal(0, swept.GetProperty("unknown").GetInt64());
        var named = (await store.Catalog.ReadPartitionsAsync(Tenant.Default, null, null, Cancellation)).Where(row => row.Path.Length > 0).Select(row => row.Path).Order(StringComparer.Ordinal).ToArray();
        var there = new List<string>();
        await foreach (var stored in store.Objects.ListAsync(StoreNames.ViewsPrefix, Cancellation)) there.Add(stored.Key);
        Assert.Equal(named, there.Order(StringComparer.Ordinal));
        if (store.Location.Folder is { } folder)
            Assert.DoesNotContain(Directory.EnumerateFiles(Path.Combine(folder, StoreNames.TemporaryFolder), "*", SearchOption.AllDirectories), file => Path.GetFileName(file) != "lock");
        await lake.RunAsync("lake", "verify");
    }

    static async Task<string> RowsAsync(Lake lake, Guid processId)
    {
        var text = new List<string>();
        foreach (var view in views)
        {
            using var result = await lake.QueryAsync($"SELECT CAST(COLUMNS(*) AS VARCHAR) FROM {view} WHERE process_id = $process ORDER BY ALL",
                new QueryOptions { Parameters = new Dictionary<string, object?> { ["process"] = processId } }, Cancellation);
            using var rows = result.ReadRows(Cancellation);
            while (rows.Read()) text.Add(string.Join(',', Enumerable.Range(0, rows.Columns.Count).Select(i => Convert.ToString(rows[i], CultureInfo.InvariantCulture))));
        }
        return string.Join('\n', text);
    }

    static long NowNs() => (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;

    /// <summary>Does nothing to a program that has ended.</summary>
    static void Signal(Process process, int signal)
    {
        if (!process.HasExited) _ = Kill(process.Id, signal);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);

    /// <summary>A program that builds a view; where it is killed, another takes its place.</summary>
    sealed class Builder
    {
        readonly Task building;

        public Builder(LakeUnderTest lake, Guid processId, string view) => building = BuildAsync(lake, ["materialize", view, "--process", $"{processId}", "--json", .. lake.Arguments]);

        /// <summary>The one that runs, or the last that did.</summary>
        public Process? Current { get; private set; }

        public Task EndAsync() => building;

        async Task BuildAsync(LakeUnderTest lake, string[] command)
        {
            while (true)
            {
                var process = Current = LegionProgram.Start(lake.Environment, command);
                var (output, error) = (process.StandardOutput.ReadToEndAsync(Cancellation), process.StandardError.ReadToEndAsync(Cancellation));
                await process.WaitForExitAsync(Cancellation);
                if (process.ExitCode == 0) return;
                Assert.True(process.ExitCode == KilledExitCode, $"exit code {process.ExitCode}: {await output}{await error}");
            }
        }
    }
}

/// <summary>A folder with SQLite.</summary>
public sealed class EmbeddedBuilderTests : BuilderSuite
{
    private protected override Task<LakeUnderTest> NewLakeAsync()
    {
        var lake = LakeUnderTest.Embedded();
        LakeStore.OpenOrCreate(LakeLocation.Parse(lake.Arguments[^1]));
        return Task.FromResult(lake);
    }
}

/// <summary>S3 with MariaDB.</summary>
public sealed class RemoteBuilderTests(S3Gateway gateway, MariaDbServer database) : BuilderSuite
{
    private protected override Task<LakeUnderTest> NewLakeAsync() => LakeUnderTest.RemoteAsync(gateway, database);
}

using System.Text.Json;
using Legion.Cli.Serving;
using Legion.Lakehouse;
using Legion.Store;
using Legion.Tests.Cli;
using Legion.Tests.Lakehouse;
using Legion.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Legion.Tests.Serving;

/// <summary>What a service, or a command, does for partitions that are there.</summary>
public sealed class UpkeepLoopTests : IDisposable
{
    readonly TestLake lake = new();
    readonly EventScript script = EventScript.Parse(RandomEvents.Of(new Random(3), 300));

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_service_has_an_hour()
    {
        var clock = new ManualClock();
        await BuildAsync();
        await LoopOf(clock).TryAsync(Cancellation);
        var compacted = Assert.Single(await CompactedAsync());

        // What it compacted is gone, and nobody does it again within the hour.
        await lake.Store.Catalog.DropPartitionsAsync(Tenant.Default, compacted.View, null, Cancellation);
        clock.Advance(TimeSpan.FromMinutes(30));
        await LoopOf(clock).TryAsync(Cancellation);
        Assert.Empty(await CompactedAsync());
        clock.Advance(TimeSpan.FromMinutes(30));
        await LoopOf(clock).TryAsync(Cancellation);
        Assert.Single(await CompactedAsync());
    }

    [Fact]
    public async Task The_command_says_what_it_compacted()
    {
        await BuildAsync();
        var outcome = await LegionProgram.RunAsync("lake", "compact", "--lake", lake.Folder, "--json");
        Assert.Equal(("", 0), (outcome.Error, outcome.ExitCode));
        var said = JsonDocument.Parse(outcome.Output).RootElement;
        var compacted = Assert.Single(await CompactedAsync());
        Assert.Equal((1, compacted.Bytes), (said.GetProperty("files").GetInt64(), said.GetProperty("bytes").GetInt64()));
        Assert.InRange(said.GetProperty("partitions").GetInt64(), CompactedSlots.FewestFiles, 64);
        Assert.Equal("compacted 0 partitions into 0 files (0 bytes)\n", (await LegionProgram.RunAsync("lake", "compact", "--lake", lake.Folder)).Output);
    }

    public void Dispose() => lake.Dispose();

    UpkeepLoop LoopOf(TimeProvider clock) => new(lake.Store, clock, NullLogger<UpkeepLoop>.Instance);

    async Task BuildAsync()
    {
        await script.DeliverAsync(lake, beforeLate: () => Task.CompletedTask);
        await lake.Lake.MaterializeAsync("measures", script.ProcessId, cancellation: Cancellation);
    }

    async Task<IReadOnlyList<PartitionRow>> CompactedAsync() =>
        [.. (await lake.Store.Catalog.ReadPartitionsAsync(Tenant.Default, null, null, Cancellation)).Where(row => CompactedSlots.ViewOf(row.View) is not null)];
}

using Legion.Cli.Serving;
using Legion.Format;
using Legion.Lakehouse;
using Legion.Store;
using Legion.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Legion.Tests.Serving;

/// <summary>A service brings what has arrived into files of many processes, and nobody waits for that to see it.</summary>
public sealed class GlobalLoopTests : IDisposable
{
    readonly TestLake lake = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => lake.Dispose();

    [Fact]
    public async Task WhatArrivesIsSeenAtOnceAndThenInFiles()
    {
        var clock = new ManualClock();
        var loop = new GlobalLoop(lake.Store, clock, NullLogger<GlobalLoop>.Instance);
        // More than a query reads one by one.
        for (var round = 1; round <= 3; round++)
        {
            for (var i = 0; i < 40; i++)
            {
                var script = EventScript.Parse($"frame {i} {i + 1000} main frame 0\nlog {i} info main hello");
                await script.DeliverAsync(lake, () => Task.CompletedTask);
            }
            if (round > 1) await AssertFramesAsync(40 * round);
            await loop.TryAsync(Cancellation);
            await AssertFramesAsync(40 * round);
            var state = await lake.Store.Catalog.ReadGlobalAsync(Tenant.Default, GlobalView.Of(Views.Frames)!.Name, Guid.Empty, 10, Cancellation);
            Assert.Empty(state.Processes);
            Assert.Equal(40 * round, state.Partitions.Sum(row => row.Rows));
        }
    }

    [Fact]
    public async Task FilesThatWereMergedGoWhenNoQueryCanBeAboutToReadThem()
    {
        var clock = new ManualClock();
        var loop = new GlobalLoop(lake.Store, clock, NullLogger<GlobalLoop>.Instance);
        await EventScript.Parse("log 5 info main first").DeliverAsync(lake, () => Task.CompletedTask);
        await loop.TryAsync(Cancellation);
        var first = Assert.Single(await lake.Store.Catalog.ReadPartitionsAsync(Tenant.Default, "all_log_entries", [Guid.Empty], Cancellation));
        await EventScript.Parse("log 5 info main second").DeliverAsync(lake, () => Task.CompletedTask);
        await loop.TryAsync(Cancellation);
        Assert.DoesNotContain(await lake.Store.Catalog.ReadPartitionsAsync(Tenant.Default, "all_log_entries", [Guid.Empty], Cancellation), row => row.Path == first.Path);
        Assert.True(await lake.Store.Objects.HasAsync(first.Path, Cancellation));
        clock.Advance(TimeSpan.FromMinutes(10));
        await loop.TryAsync(Cancellation);
        Assert.False(await lake.Store.Objects.HasAsync(first.Path, Cancellation));
    }

    async Task AssertFramesAsync(int expected)
    {
        Assert.Equal($"frames,logs\n{expected},{expected}\n", await lake.CsvAsync("SELECT (SELECT count(*) FROM frames) AS frames, (SELECT count(*) FROM log_entries) AS logs"));
        Assert.Equal($"frames\n{expected}\n", await lake.CsvAsync("SELECT sum(count) AS frames FROM frame_rollups WHERE step = 'hour'"));
    }
}

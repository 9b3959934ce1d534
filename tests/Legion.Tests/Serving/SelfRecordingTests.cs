using Legion.Ingestion;
using Legion.Sdk;
using Legion.Store;
using Legion.Tests.Cli;
using Legion.Tests.Sdk;
using Legion.Tests.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Serving;

/// <summary>The service records itself into its own lake, and nothing of how it does.</summary>
[Collection(SdkCollection.Name)]
public sealed class SelfRecordingTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WhatAServiceDoesIsInItsLakeAsAProcess()
    {
        using var lake = new TestLake();
        using (var service = await ServedLake.StartRecordedAsync(lake.Folder))
        {
            using var client = new HttpClient { BaseAddress = service.Url };
            var recording = new Store.Recording();
            using var content = new ByteArrayContent(recording.Batch(recording.Blocks(3)).ToArray());
            content.Headers.ContentType = new(Legion.Format.Batch.MediaType);
            using var answer = await client.PostAsync("/v1/append", content, Cancellation);
            answer.EnsureSuccessStatusCode();
            service.Terminate();
            Assert.Equal(0, await service.WaitForExitAsync());
        }
        var own = Assert.Single(await lake.Store.Catalog.ReadProcessesAsync(Tenant.Default, null, Cancellation), process => process.Exe == "legion serve");
        Assert.NotNull(own.EndNs);
        Assert.Equal("name,value\nlegion.ingestion.blocks,3\n", await lake.CsvAsync($"SELECT name, sum(value)::BIGINT AS value FROM measures WHERE process_id = '{own.ProcessId}' AND name = 'legion.ingestion.blocks' GROUP BY name"));
        Assert.Equal("name\nfind\ninsert\nput\nregister\n",
            await lake.CsvAsync($"SELECT DISTINCT name FROM async_spans WHERE process_id = '{own.ProcessId}' AND target = '{AppendPhases.SourceName}' ORDER BY name"));
    }

    [Fact]
    public async Task AnIdleRecordingDoesNotGrowFromItsOwnUploads()
    {
        using var lake = new TestLake();
        // What is asked for from time to time is left out: what remains would come of the uploads alone.
        var options = SelfRecording.Options(lake.Store, "test", _ => { });
        options = options with { Bridges = options.Bridges with { Runtime = false, System = false, MeterInterval = TimeSpan.FromDays(1) } };
        using var recording = Telemetry.Start(options);
        Telemetry.Metric("first", 1);
        Assert.True(Telemetry.Flush(TimeSpan.FromMinutes(1)));
        var stored = recording.Statistics.Recorded;
        for (var i = 0; i < 5; i++) Assert.True(Telemetry.Flush(TimeSpan.FromMinutes(1)));
        Assert.Equal(stored, recording.Statistics.Recorded);
        Assert.Single(await lake.Store.Catalog.ReadBlocksAsync(Tenant.Default, null, Cancellation));
    }
}

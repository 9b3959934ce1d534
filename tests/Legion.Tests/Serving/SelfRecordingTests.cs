using System.Text.Json;
using Legion.Ingestion;
using Legion.Lakehouse;
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
        var own = Assert.Single(await lake.Store.Catalog.ReadProcessesAsync(Tenant.System, null, Cancellation));
        Assert.Equal("legion serve", own.Exe);
        Assert.NotNull(own.EndNs);
        var system = new Lake(lake.Store, Tenant.System);
        Assert.Equal("name,value\nlegion.ingestion.blocks,3\n", await lake.CsvAsync($"SELECT name, sum(value)::BIGINT AS value FROM measures WHERE process_id = '{own.ProcessId}' AND name = 'legion.ingestion.blocks' GROUP BY name", of: system));
        Assert.Equal("name\nfind\ninsert\nput\nregister\n",
            await lake.CsvAsync($"SELECT DISTINCT name FROM async_spans WHERE process_id = '{own.ProcessId}' AND target = '{AppendPhases.SourceName}' ORDER BY name", of: system));
    }

    [Fact]
    public async Task TheCommandLineFindsTheServiceInATenantOfItsOwnAlone()
    {
        using var lake = new TestLake();
        using (var service = await ServedLake.StartRecordedAsync(lake.Folder))
        {
            service.Terminate();
            Assert.Equal(0, await service.WaitForExitAsync());
        }
        Assert.Empty((await JsonAsync("processes", "--json", "--lake", lake.Folder)).EnumerateArray());
        Assert.Equal(0, (await JsonAsync("lake", "info", "--json", "--lake", lake.Folder)).GetProperty("processes").GetInt32());

        string[] system = ["--lake", lake.Folder, "--tenant", "system"];
        var own = Assert.Single((await JsonAsync(["processes", "--json", .. system])).EnumerateArray());
        Assert.Equal("legion serve", own.GetProperty("exe").GetString());
        Assert.Equal(1, (await JsonAsync(["lake", "info", "--json", .. system])).GetProperty("processes").GetInt32());
        Assert.True((await JsonAsync(["materialize", "measures", "--json", .. system])).GetProperty("rows").GetInt64() > 0);
        var measured = Assert.Single((await JsonAsync(["query", "SELECT DISTINCT process_id FROM measures", "--format", "json", .. system])).EnumerateArray());
        Assert.Equal(own.GetProperty("process_id").GetString(), measured.GetProperty("process_id").GetString());
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
        Assert.Single(await lake.Store.Catalog.ReadBlocksAsync(Tenant.System, null, Cancellation));
    }

    static async Task<JsonElement> JsonAsync(params string[] arguments)
    {
        var outcome = await LegionProgram.RunAsync(arguments);
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        return JsonDocument.Parse(outcome.Output).RootElement;
    }
}

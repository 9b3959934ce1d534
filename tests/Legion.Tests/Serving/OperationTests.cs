using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using Legion.Cli.Serving.Metrics;
using Legion.Lakehouse;
using Legion.Store;
using Legion.Tests.Access;
using Legion.Tests.Format;
using Legion.Tests.Store;

namespace Legion.Tests.Serving;

/// <summary>What those who run the service ask it.</summary>
public sealed class OperationTests : IAsyncLifetime
{
    readonly ServedKeys service = new();

    public ValueTask InitializeAsync() => service.InitializeAsync();

    public ValueTask DisposeAsync() => service.DisposeAsync();

    [Fact]
    public async Task MetricsAreForThisMachineAndForThoseWhoMayRead()
    {
        Assert.Equal(200, (await AskAsync(null)).Status);
        // A proxy on this machine asks for somebody else.
        foreach (var header in (string[])["X-Forwarded-For", "Forwarded", "Via"])
        {
            Assert.Equal(401, (await AskAsync(null, (header, "1.1 proxy"))).Status);
            Assert.Equal(200, (await AskAsync(await service.NewKeyAsync(KeyRole.Read), (header, "1.1 proxy"))).Status);
            Assert.Equal(403, (await AskAsync(await service.NewKeyAsync(KeyRole.Ingest), (header, "1.1 proxy"))).Status);
        }
    }

    [Fact]
    public async Task MetricsCountWhatWasSentAndRefused()
    {
        var recording = new Recording();
        var key = await service.NewKeyAsync(KeyRole.Ingest);
        var batch = recording.Batch(recording.Blocks(3)).ToArray();
        foreach (var expected in (int[])[200, 200]) Assert.Equal(expected, (await AppendAsync(key, batch)).Status);
        Assert.Equal(400, (await AppendAsync(key, [1, 2, 3])).Status);
        var seen = await AskAsync(null);
        Assert.Equal("text/plain", seen.MediaType);
        foreach (var line in (string[])
        [
            "legion_ingestion_batches_total 2",
            $"legion_ingestion_bytes_total {2 * batch.Length}",
            "legion_ingestion_blocks_total{code=\"stored\"} 3",
            "legion_ingestion_blocks_total{code=\"exists\"} 3",
            "legion_ingestion_refusals_total{reason=\"malformed\"} 1",
            "legion_ingestion_append_duration_seconds_count 2",
            "legion_ingestion_in_flight_bytes 0",
        ])
            Assert.Contains($"\n{line}\n", seen.Body, StringComparison.Ordinal);
        Assert.Matches("""\nhttp_server_request_duration_seconds_count\{[^}]*http_response_status_code="200",http_route="/v1/append"[^}]*\} 2\n""", seen.Body);
        Assert.Contains("\ndotnet_process_memory_working_set_bytes ", seen.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task MetricsCountWhatIsTakenForStoredAndNotKept()
    {
        var (recording, key) = (new Recording(), await service.NewKeyAsync(KeyRole.Ingest));
        var erasure = new LakeErasure(service.Lake.Store, Tenant.Default, TimeProvider.System);
        await erasure.BeginAsync(recording.ProcessId, TestContext.Current.CancellationToken);
        Assert.Equal(200, (await AppendAsync(key, recording.Batch(recording.Blocks(3)).ToArray())).Status);
        var seen = await AskAsync(null);
        Assert.Contains("\nlegion_ingestion_blocks_total{code=\"exists\"} 3\n", seen.Body, StringComparison.Ordinal);
        Assert.Contains("\nlegion_ingestion_blocks_unwanted_total{reason=\"erased\"} 3\n", seen.Body, StringComparison.Ordinal);
    }

    [Fact(Timeout = 120_000)]
    public async Task WhatFailsIsNamedAndWhyIsNot()
    {
        // The catalog is still the open file that it was.
        Assert.Equal((200, """{"status":"ready","failed":[]}"""), await ReadyAsync());
        Directory.Move(service.Lake.Folder, service.Lake.Folder + ".away");
        try
        {
            (int, string) seen;
            while ((seen = await ReadyAsync()).Item1 == 200) TestContext.Current.CancellationToken.ThrowIfCancellationRequested(); // what was found counts for a second
            Assert.Equal((503, """{"status":"failing","failed":["store"]}"""), seen);
            Assert.Equal(200, (await service.SendAsync(HttpMethod.Get, "/health", null)).Status);
        }
        finally
        {
            Directory.Move(service.Lake.Folder + ".away", service.Lake.Folder);
        }
        while ((await ReadyAsync()).Status != 200) TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
    }

    [Fact]
    public void EachInstrumentOfTheServiceIsDocumented()
    {
        var names = new SortedSet<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name.StartsWith("Legion.", StringComparison.Ordinal) && instrument.Meter.Scope == service.App.Services.GetService(typeof(IMeterFactory))) names.Add(new MetricFamily(instrument).Name);
        };
        listener.Start();
        var document = File.ReadAllText(Path.Combine(RepositoryTree.Root, "ingestion", "Legion.Ingestion", "README.md"));
        Assert.Equal(names, Regex.Matches(document, @"(?m)^\| `(legion_\w+)`").Select(match => match.Groups[1].Value).Order());
    }

    async Task<(int Status, string Body)> ReadyAsync()
    {
        var seen = await service.SendAsync(HttpMethod.Get, "/ready", null);
        return (seen.Status, seen.Body);
    }

    Task<ServedKeys.Seen> AskAsync(string? key, params (string Name, string Value)[] headers) => service.SendAsync(HttpMethod.Get, "/metrics", key, null, headers);

    Task<ServedKeys.Seen> AppendAsync(string key, byte[] batch)
    {
        var content = new ByteArrayContent(batch);
        content.Headers.ContentType = new(Legion.Format.Batch.MediaType);
        return service.SendAsync(HttpMethod.Post, "/v1/append", key, content);
    }
}

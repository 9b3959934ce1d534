using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text.Json;
using Legion.Format;
using Legion.Store;
using Legion.Tests.Store;

namespace Legion.Tests.Cli;

/// <summary>Invariant 2 of the architecture: an acknowledged block is durable and stored exactly once, whatever is killed.</summary>
public sealed class KillTests
{
    const int Rounds = 10, Uploaders = 3, BlocksPerBatch = 4, MostAcknowledgementsBeforeKill = 12;

    int interrupted;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WhatWasAcknowledgedBeforeAKillIsThereOnce()
    {
        using var lake = new TemporaryLake();
        var random = new Random(2026);
        var acknowledged = new ConcurrentDictionary<Guid, byte[]>();
        var unanswered = new ConcurrentQueue<(Recording Recording, byte[][] Blocks)>();

        for (var round = 0; round < Rounds; round++)
        {
            using var service = await ServedLake.StartAsync(lake.Folder, "--role", "ingestion");
            using var killed = new CancellationTokenSource();
            var left = random.Next(1, MostAcknowledgementsBeforeKill);
            void Acknowledged()
            {
                if (Interlocked.Decrement(ref left) != 0) return;
                service.Kill();
                killed.Cancel();
            }
            await Task.WhenAll(Enumerable.Range(0, Uploaders).Select(_ => Task.Run(() => UploadAsync(service.Url, acknowledged, unanswered, Acknowledged, killed.Token))));
        }

        var rows = await lake.Store.Catalog.ReadBlocksAsync(Tenant.Default, null, Cancellation);
        Assert.Equal(rows.Count, rows.Select(row => row.BlockId).Distinct().Count());
        var byId = rows.ToDictionary(row => row.BlockId);
        Assert.NotEmpty(acknowledged);
        Assert.True(interrupted > 0, "no kill met a request on its way");
        foreach (var (id, block) in acknowledged)
        {
            var row = byId[id];
            Assert.Equal(block, await lake.Store.Objects.ReadAsync(row.ObjectKey, row.ObjectOffset, row.Bytes, Cancellation));
        }
        foreach (var row in rows) await lake.Store.Objects.ReadAsync(row.ObjectKey, row.ObjectOffset, row.Bytes, Cancellation);
    }

    /// <summary>Uploads batches, those first that a killed service left without an answer, until the service is gone.</summary>
    async Task UploadAsync(
        Uri url, ConcurrentDictionary<Guid, byte[]> acknowledged, ConcurrentQueue<(Recording Recording, byte[][] Blocks)> unanswered, Action wasAcknowledged, CancellationToken killed)
    {
        using var client = new HttpClient { BaseAddress = url };
        var recording = new Recording();
        while (!killed.IsCancellationRequested)
        {
            if (!unanswered.TryDequeue(out var batch)) batch = (recording, recording.Blocks(BlocksPerBatch));
            try
            {
                using var content = new ByteArrayContent(batch.Recording.Batch(batch.Blocks).ToArray());
                content.Headers.ContentType = MediaTypeHeaderValue.Parse(Batch.MediaType);
                using var response = await client.PostAsync("/v1/append", content, Cancellation);
                response.EnsureSuccessStatusCode();
                var answer = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(Cancellation)).RootElement;
                foreach (var (block, code) in batch.Blocks.Zip(answer.GetProperty("blocks").EnumerateArray()))
                {
                    Assert.Contains(code.GetProperty("code").GetString(), (string[])["stored", "exists"]);
                    acknowledged[code.GetProperty("block").GetGuid()] = block;
                }
            }
            catch (Exception cause) when (cause is HttpRequestException or IOException)
            {
                unanswered.Enqueue(batch);
                Interlocked.Increment(ref interrupted);
                return;
            }
            wasAcknowledged();
        }
    }
}

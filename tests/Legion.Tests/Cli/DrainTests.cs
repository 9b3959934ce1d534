using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Legion.Format;
using Legion.Store;
using Legion.Tests.Store;

namespace Legion.Tests.Cli;

/// <summary>How <c>legion serve</c> ends when it is told to, under load.</summary>
public sealed class DrainTests
{
    const int Uploaders = 3;

    readonly ConcurrentDictionary<Guid, bool> acknowledged = new();
    readonly TaskCompletionSource underLoad = new(TaskCreationOptions.RunContinuationsAsynchronously), allRefused = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int refused;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WhatRunsIsAnsweredWhatComesIsRefusedAndNothingAcknowledgedIsLost()
    {
        using var lake = new TemporaryLake();
        using var service = await ServedLake.StartAsync(lake.Folder, "--drain-delay", "500ms", "--drain-timeout", "5m");
        using var client = new HttpClient { BaseAddress = service.Url };
        Assert.Equal("ready", await StatusAsync(client));
        using var slow = await HalfSentAsync(service.Url);
        using var ended = new CancellationTokenSource();
        var uploads = Enumerable.Range(0, Uploaders).Select(_ => Task.Run(() => UploadAsync(service.Url, ended.Token))).ToArray();
        await await Task.WhenAny([underLoad.Task, .. uploads]).WaitAsync(Cancellation);

        service.Terminate();
        while (await StatusAsync(client) != "ending") Cancellation.ThrowIfCancellationRequested();
        // The slow request holds the end up, and so others can be seen to be refused.
        await await Task.WhenAny([allRefused.Task, .. uploads]).WaitAsync(Cancellation);
        using (var alive = await client.GetAsync("/health", Cancellation)) Assert.Equal(HttpStatusCode.OK, alive.StatusCode);

        Assert.StartsWith("HTTP/1.1 200 OK\r\n", await slow.FinishAsync(), StringComparison.Ordinal);
        Assert.Equal(0, await service.WaitForExitAsync());
        await ended.CancelAsync();
        await Task.WhenAll(uploads);
        var stored = (await lake.Store.Catalog.ReadBlocksAsync(Tenant.Default, null, Cancellation)).Select(row => row.BlockId).ToHashSet();
        Assert.DoesNotContain(acknowledged.Keys, block => !stored.Contains(block));
    }

    [Fact]
    public async Task AnIdleServiceEndsAtOnce()
    {
        using var lake = new TemporaryLake();
        using var service = await ServedLake.StartAsync(lake.Folder);
        service.Terminate();
        Assert.Equal(0, await service.WaitForExitAsync());
    }

    [Fact]
    public async Task WhoWaitsForSomethingToHappenIsSentAway()
    {
        using var lake = new TemporaryLake();
        using var service = await ServedLake.StartAsync(lake.Folder, "--drain-timeout", "10m");
        using var client = new HttpClient { BaseAddress = service.Url };
        var recording = new Recording();
        using var content = new ByteArrayContent(recording.Batch(recording.Block()).ToArray());
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(Batch.MediaType);
        (await client.PostAsync("/v1/append", content, Cancellation)).EnsureSuccessStatusCode();
        var address = $"/api/processes/{recording.ProcessId}/live";
        var version = JsonDocument.Parse(await client.GetStringAsync(address, Cancellation)).RootElement.GetProperty("version").GetString();
        var waiting = client.GetAsync($"{address}?after={version}", Cancellation);
        await client.GetStringAsync(address, Cancellation); // comes after it

        service.Terminate();
        Assert.Equal(0, await service.WaitForExitAsync());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await waiting).StatusCode);
    }

    static async Task<string> StatusAsync(HttpClient client)
    {
        using var answer = await client.GetAsync("/ready", Cancellation);
        var status = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(Cancellation)).RootElement.GetProperty("status").GetString()!;
        Assert.Equal(status == "ready" ? HttpStatusCode.OK : HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        return status;
    }

    static async Task<HalfSentBatch> HalfSentAsync(Uri url)
    {
        var client = new TcpClient();
        await client.ConnectAsync(url.Host, url.Port, Cancellation);
        var recording = new Recording();
        var batch = recording.Batch(recording.Block()).ToArray();
        var head = $"POST /v1/append HTTP/1.1\r\nHost: {url.Authority}\r\nContent-Type: {Batch.MediaType}\r\nContent-Length: {batch.Length}\r\n\r\n";
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head), Cancellation);
        await client.GetStream().WriteAsync(batch.AsMemory(0, batch.Length / 2), Cancellation);
        return new HalfSentBatch(client, batch[(batch.Length / 2)..]);
    }

    /// <summary>Uploads until told otherwise. An answer, once begun, must arrive whole; before that the service may be gone.</summary>
    async Task UploadAsync(Uri url, CancellationToken ended)
    {
        using var client = new HttpClient { BaseAddress = url };
        var recording = new Recording();
        while (!ended.IsCancellationRequested)
        {
            using var content = new ByteArrayContent(recording.Batch(recording.Blocks(2)).ToArray());
            content.Headers.ContentType = MediaTypeHeaderValue.Parse(Batch.MediaType);
            HttpResponseMessage response;
            try
            {
                response = await client.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/v1/append") { Content = content }, HttpCompletionOption.ResponseHeadersRead, Cancellation);
            }
            catch (HttpRequestException)
            {
                continue; // The service is gone.
            }
            using (response)
            {
                var body = await response.Content.ReadAsByteArrayAsync(Cancellation);
                if (response.StatusCode == HttpStatusCode.ServiceUnavailable)
                {
                    Assert.NotNull(response.Headers.RetryAfter?.Delta);
                    if (!Encoding.UTF8.GetString(body).Contains("the service is ending", StringComparison.Ordinal)) continue; // too much at once
                    Assert.True(response.Headers.ConnectionClose);
                    if (Interlocked.Increment(ref refused) == Uploaders) allRefused.SetResult();
                    continue;
                }
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                foreach (var block in JsonDocument.Parse(body).RootElement.GetProperty("blocks").EnumerateArray()) acknowledged[block.GetProperty("block").GetGuid()] = true;
                if (acknowledged.Count > 20) underLoad.TrySetResult();
            }
        }
    }

    /// <summary>A request of which the service waits for the rest.</summary>
    sealed class HalfSentBatch(TcpClient client, byte[] rest) : IDisposable
    {
        /// <summary>Sends the rest and reads until the service closes the connection.</summary>
        public async Task<string> FinishAsync()
        {
            await client.GetStream().WriteAsync(rest, Cancellation);
            using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
            return await reader.ReadToEndAsync(Cancellation);
        }

        public void Dispose() => client.Dispose();
    }
}

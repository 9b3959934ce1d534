using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Legion.Format;
using Recording = Legion.Tests.Store.Recording;

namespace Legion.Tests.EndToEnd;

/// <summary>Programs that send batches, and exports of OpenTelemetry, to a service: each again until it is taken. They hold that refusals come soon and say when to come again.</summary>
sealed class Uploads
{
    const int Senders = 3;

    /// <summary>What a refusal may take, a wait for a turn included, on a machine that does much else.</summary>
    static readonly TimeSpan longestAnswer = TimeSpan.FromSeconds(25);

    /// <summary>How long a service may take to notice.</summary>
    static readonly TimeSpan longestChange = TimeSpan.FromSeconds(90);

    readonly HttpClient client;
    readonly CancellationTokenSource ending = new();
    readonly ConcurrentBag<byte[]> blocks = [];
    readonly ConcurrentBag<string> spans = [];
    readonly Task[] sending;
    int refusedBatches, refusedExports;

    public Uploads(Uri url)
    {
        client = new HttpClient { BaseAddress = url };
        sending = [.. Enumerable.Range(0, Senders).SelectMany(sender => (Task[])[Task.Run(SendBatchesAsync), Task.Run(() => SendExportsAsync(sender))])];
    }

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Waits until some more of either were acknowledged.</summary>
    public Task AcknowledgedAsync(int more)
    {
        var (batches, exports) = (blocks.Count + more, spans.Count + more);
        return UntilAsync(() => blocks.Count >= batches && spans.Count >= exports);
    }

    /// <summary>Waits until some more of either were refused.</summary>
    public Task RefusedAsync(int more)
    {
        var (batches, exports) = (refusedBatches + more, refusedExports + more);
        return UntilAsync(() => Volatile.Read(ref refusedBatches) >= batches && Volatile.Read(ref refusedExports) >= exports);
    }

    /// <returns>Blocks and names of spans that were acknowledged, all that were sent.</returns>
    public async Task<(IReadOnlyCollection<byte[]> Blocks, IReadOnlyCollection<string> Spans)> EndAsync()
    {
        await ending.CancelAsync();
        await Task.WhenAll(sending);
        client.Dispose();
        return (blocks, spans);
    }

    async Task UntilAsync(Func<bool> isSo)
    {
        var began = Stopwatch.GetTimestamp();
        while (!isSo())
        {
            if (sending.FirstOrDefault(sender => sender.IsCompleted) is { } failed) await failed;
            Assert.True(Stopwatch.GetElapsedTime(began) < longestChange, $"{blocks.Count} blocks and {spans.Count} spans were acknowledged, {refusedBatches} batches and {refusedExports} exports refused");
            await Task.Delay(20, Cancellation);
        }
    }

    async Task SendBatchesAsync()
    {
        var recording = new Recording();
        while (!ending.IsCancellationRequested)
        {
            var some = recording.Blocks(4);
            var answer = await SendAsync("/v1/append", Batch.MediaType, recording.Batch(some).ToArray(), () => Interlocked.Increment(ref refusedBatches));
            foreach (var code in JsonDocument.Parse(answer).RootElement.GetProperty("blocks").EnumerateArray()) Assert.Contains(code.GetProperty("code").GetString(), (string[])["stored", "exists"]);
            foreach (var block in some) blocks.Add(block);
        }
    }

    async Task SendExportsAsync(int sender)
    {
        for (var turn = 0; !ending.IsCancellationRequested; turn++)
        {
            var name = $"pay {sender} {turn}";
            var export = $$$"""
                {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop {{{sender}}}"}}]},
                "scopeSpans":[{"spans":[{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"{{{turn + 1:x16}}}",
                "name":"{{{name}}}","startTimeUnixNano":"{{{1_790_000_000_000_000_000 + turn}}}","endTimeUnixNano":"{{{1_790_000_000_000_001_000 + turn}}}"}]}]}]}
                """;
            Assert.Equal("{}", Encoding.UTF8.GetString(await SendAsync("/v1/traces", "application/json", Encoding.UTF8.GetBytes(export), () => Interlocked.Increment(ref refusedExports))));
            spans.Add(name);
        }
    }

    /// <returns>The answer to what was taken at last.</returns>
    async Task<byte[]> SendAsync(string path, string mediaType, byte[] body, Action refused)
    {
        while (true)
        {
            using var content = new ByteArrayContent(body) { Headers = { ContentType = MediaTypeHeaderValue.Parse(mediaType) } };
            var began = Stopwatch.GetTimestamp();
            using var response = await client.PostAsync(path, content, Cancellation);
            var took = Stopwatch.GetElapsedTime(began);
            var answer = await response.Content.ReadAsByteArrayAsync(Cancellation);
            if (response.StatusCode == HttpStatusCode.OK) return answer;
            Assert.True(response.StatusCode == HttpStatusCode.ServiceUnavailable, $"{path} was answered {(int)response.StatusCode}: {Encoding.UTF8.GetString(answer)}");
            Assert.True(took < longestAnswer, $"{path} was refused after {took}");
            refused();
            await Task.Delay(response.Headers.RetryAfter?.Delta ?? throw new InvalidOperationException($"{path} was refused without a time to come again"), Cancellation);
        }
    }
}

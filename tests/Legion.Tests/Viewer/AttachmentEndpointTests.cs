using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Legion.Lakehouse;
using Legion.Lakehouse.Timeline;
using Legion.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Viewer;

/// <summary>Files that a process sent along: those of a window, what is in one, and what a browser may make of it.</summary>
public sealed class AttachmentEndpointTests : IAsyncLifetime
{
    const string Hostile = "<img src=x onerror=alert(1)>";
    const string Policy = "default-src 'none'; sandbox; frame-ancestors 'none'";
    const long BeginNs = 1767225600_000_000_000; // 2026-01-01, when scripts start

    /// <summary>The chunks of the fifth lie in two blocks, with one of another between them; of the sixth one is missing.</summary>
    static readonly EventScript script = EventScript.Parse($"""
        main begin 100 outer
        main end 900000
        chunk 1000 2 0 GIF89aPixels IMAGE/GIF "{Hostile}"
        chunk 1000 1 0 <script>alert(1)</script> image/png page.png
        chunk 3000 3 0 GIF89aPixels image/gif shot.gif
        chunk 4000 4 0 <svg><script>alert(1)</script></svg> image/svg+xml ../../a:b.svg
        chunk 5000 5 0 hel|lo text/plain greeting.txt
        chunk 5100 7 0 other text/html other.html
        attachments cut
        chunk 600000 5 1 hel|lo text/plain greeting.txt
        chunk 700000 6 0 first|second text/plain half.txt
        chunk 50000000 8 0 RIFF1234WEBPVP8 image/webp small.webp
        chunk 60000000 9 0 RIFF1234WAVEfmt image/webp sound.webp
        """);

    readonly TestLake lake = new();
    ViewerHost host = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await script.DeliverAsync(lake, beforeLate: () => Task.CompletedTask);
        host = await ViewerHost.StartAsync(lake.Lake);
    }

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        lake.Dispose();
    }

    [Fact]
    public async Task ThoseOfAWindowAreTheFirstOfTheirBucket()
    {
        // Of two that were sent at one time, the one of the least id comes first.
        Assert.Equal(["page.png image/png 25 True at 1000-1000 x2", "shot.gif image/gif 12 True at 3000-3000 x1"], await WindowAsync(1000, 4000));
        Assert.Equal(["page.png image/png 25 True at 1000-5100 x6", "half.txt text/plain 5 False at 700000-700000 x1"], await WindowAsync(0, 600 * 10_000));
        Assert.Equal(["shot.gif image/gif 12 True at 3000-3000 x1"], await WindowAsync(1001, 3001));
        Assert.Empty(await WindowAsync(10_000, 20_000));
    }

    [Fact]
    public async Task HoweverManyThereAreAnAnswerFitsAScreen()
    {
        var many = EventScript.Parse(string.Join('\n', Enumerable.Range(0, 3000).Select(i => $"chunk {1000 + i * 10} {i + 1} 0 x text/plain file")));
        await many.DeliverAsync(lake, beforeLate: () => Task.CompletedTask);
        var files = (await JsonAsync($"/buckets?from_ns={BeginNs}&to_ns={BeginNs + 40_000}", many.ProcessId)).GetProperty("attachments").EnumerateArray().ToArray();
        Assert.InRange(files.Length, 100, ProcessTimeline.MarkSteps);
        Assert.Equal(3000, files.Sum(file => file.GetProperty("count").GetInt32()));
    }

    [Theory]
    [InlineData(1, "<script>alert(1)</script>", "application/octet-stream", "attachment; filename=page.png; filename*=UTF-8''page.png")]
    [InlineData(2, "GIF89aPixels", "image/gif", null)]
    [InlineData(3, "GIF89aPixels", "image/gif", "inline; filename=shot.gif; filename*=UTF-8''shot.gif")]
    [InlineData(4, "<svg><script>alert(1)</script></svg>", "application/octet-stream", null)]
    [InlineData(5, "hello", "application/octet-stream", "attachment; filename=greeting.txt; filename*=UTF-8''greeting.txt")]
    [InlineData(8, "RIFF1234WEBPVP8", "image/webp", null)]
    [InlineData(9, "RIFF1234WAVEfmt", "application/octet-stream", null)]
    [InlineData(7, "other", "application/octet-stream", "attachment; filename=other.html; filename*=UTF-8''other.html")]
    public async Task AFileIsGivenOutAsWhatIsInIt(int id, string content, string mediaType, string? disposition)
    {
        var answer = await host.GetAsync($"/api/processes/{script.ProcessId}/attachments/{Id(id)}");
        Assert.Equal((200, mediaType), ((int)answer.StatusCode, answer.Content.Headers.ContentType?.ToString()));
        Assert.Equal(content, await answer.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(Policy, Assert.Single(answer.Headers.GetValues("Content-Security-Policy")));
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("same-origin", Assert.Single(answer.Headers.GetValues("Cross-Origin-Resource-Policy")));
        var told = Assert.Single(answer.Content.Headers.GetValues("Content-Disposition"));
        if (disposition is not null) Assert.Equal(disposition, told);
        Assert.Equal(mediaType.StartsWith("image/", StringComparison.Ordinal) ? "inline" : "attachment", told.Split(';')[0]);
        Assert.False(told.AsSpan().ContainsAny("/\\:\r\n"));
    }

    [Fact]
    public async Task AFileThatABrowserHasIsNotSentAgain()
    {
        var address = $"/api/processes/{script.ProcessId}/attachments/{Id(3)}";
        var first = await host.GetAsync(address);
        using var again = new HttpRequestMessage(HttpMethod.Get, address);
        again.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        Assert.Equal(HttpStatusCode.NotModified, (await host.Client.SendAsync(again, Cancellation)).StatusCode);
    }

    [Theory]
    [InlineData("00000006-0000-0000-0000-000000000000", 404, "5 bytes arrived, which are not all of it")]
    [InlineData("00000063-0000-0000-0000-000000000000", 404, "has no attachment")]
    [InlineData("nothing", 400, "expected attachment as a UUID, saw 'nothing'")]
    [InlineData("buckets", 400, "expected from_ns and to_ns, saw none")]
    public async Task WhatIsNotThereIsSaidInASentence(string attachment, int status, string sentence)
    {
        var answer = await host.GetAsync($"/api/processes/{script.ProcessId}/attachments/{attachment}");
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Contains(sentence, (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("error").GetString());
    }

    [Fact]
    public async Task AnotherTenantSeesNoneOfIt()
    {
        var other = new Lake(lake.Store, new Tenant("other"));
        await Assert.ThrowsAsync<NotInLakeException>(() => new AttachmentFiles(other).ReadAsync(script.ProcessId, Id(3), Cancellation));
        await Assert.ThrowsAsync<NotInLakeException>(() => new ProcessTimeline(other).AttachmentsAsync(script.ProcessId, TimeWindow.Of(BeginNs, BeginNs + 10_000)!.Value, Cancellation));
    }

    /// <summary>As scripts number them.</summary>
    static Guid Id(int number) => new(number, 0, 0, new byte[8]);

    async Task<IEnumerable<string>> WindowAsync(long from, long to) =>
        (await JsonAsync($"/buckets?from_ns={BeginNs + from}&to_ns={BeginNs + to}", script.ProcessId)).GetProperty("attachments").EnumerateArray().Select(file =>
            $"{Of(file, "name")} {Of(file, "media_type")} {Of(file, "bytes")} {file.GetProperty("complete").GetBoolean()} at {long.Parse(Of(file, "time_ns")) - BeginNs}-{long.Parse(Of(file, "last_ns")) - BeginNs} x{file.GetProperty("count")}");

    static string Of(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    async Task<JsonElement> JsonAsync(string page, Guid process)
    {
        var answer = await host.GetAsync($"/api/processes/{process}/attachments{page}");
        Assert.Equal(200, (int)answer.StatusCode);
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
    }
}

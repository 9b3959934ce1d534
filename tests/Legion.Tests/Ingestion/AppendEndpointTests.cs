using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Legion.Format;
using Legion.Ingestion;
using Legion.Store;
using Legion.Tests.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Ingestion;

public sealed class AppendEndpointTests : IAsyncLifetime
{
    static readonly IngestionLimits Limits = new() { BatchBytes = 1 << 20 };

    readonly IngestionServer server = new(limits: Limits);
    readonly Recording recording = new();
    readonly HttpClient client = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await server.InitializeAsync();
        client.BaseAddress = server.Url;
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task ABatchIsAnsweredBlockByBlock()
    {
        var block = recording.Block();
        var other = recording.Block(spans: 9, id: Recording.IdOf(block));
        var damaged = recording.Block();
        damaged[0] = 0;

        var (status, answer) = await PostAsync(recording.Batch(block, block, other, damaged).ToArray());

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(["stored", "exists", "conflict", "refused"], Codes(answer));
        Assert.Equal([Recording.IdOf(block), Recording.IdOf(block), Recording.IdOf(block), Guid.Empty], answer.GetProperty("blocks").EnumerateArray().Select(one => one.GetProperty("block").GetGuid()));
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("blocks")[0].GetProperty("reason").ValueKind);
        Assert.Contains("magic", answer.GetProperty("blocks")[3].GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("error").ValueKind);
        Assert.Equal(FormatLimits.Version, answer.GetProperty("versions")[0].GetInt32());
    }

    [Fact]
    public async Task WhatIsMissingIs424AndNamesIt()
    {
        var batch = new BatchWriter();
        batch.AddBlock(recording.Block());

        var (status, answer) = await PostAsync(batch.ToArray());

        Assert.Equal(HttpStatusCode.FailedDependency, status);
        Assert.Equal(["missing"], Codes(answer));
        var missing = answer.GetProperty("missing");
        Assert.Equal(WellKnown.Schema.Hash.ToString(), Assert.Single(missing.GetProperty("schemas").EnumerateArray()).GetString());
        Assert.Equal(recording.ProcessId, Assert.Single(missing.GetProperty("processes").EnumerateArray()).GetGuid());
        Assert.Equal(recording.StreamId, Assert.Single(missing.GetProperty("streams").EnumerateArray()).GetGuid());
    }

    [Fact]
    public async Task AnEmptyBatchIsAHeartbeat()
    {
        var (status, answer) = await PostAsync(new BatchWriter().ToArray());
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Empty(Codes(answer));
    }

    public static TheoryData<string, byte[]> Unreadable
    {
        get
        {
            var batch = new Recording().Batch(new Recording().Block()).ToArray();
            byte[] With(int position) => [.. batch[..position], (byte)(batch[position] ^ 1), .. batch[(position + 1)..]];
            return new()
            {
                { "nothing", [] },
                { "text", "hello"u8.ToArray() },
                { "cut off", batch[..^1] },
                { "a byte too many", [.. batch, 0] },
                { "another magic", With(0) },
                { "another version", With(4) },
                { "another number of items", With(8) },
                { "another size", With(12) },
                { "an item's length", With(24) },
                { "an item's bytes", With(40) },
            };
        }
    }

    [Theory]
    [MemberData(nameof(Unreadable))]
    public async Task ABatchThatCannotBeReadIs400AndStoresNothing(string what, byte[] bytes)
    {
        var (status, answer) = await PostAsync(bytes);
        Assert.True(status == HttpStatusCode.BadRequest, what);
        Assert.False(string.IsNullOrEmpty(answer.GetProperty("error").GetString()));
        Assert.Equal(FormatLimits.Version, answer.GetProperty("versions")[0].GetInt32());
        Assert.Empty(await server.Lake.Catalog.ReadProcessesAsync(Tenant.Default, null, Cancellation));
    }

    [Theory]
    [InlineData("application/octet-stream", null)]
    [InlineData(Batch.MediaType + "x", null)]
    [InlineData(Batch.MediaType, "gzip")]
    public async Task AnotherMediaTypeIs415(string mediaType, string? encoding)
    {
        var (status, _) = await PostAsync(recording.Batch().ToArray(), mediaType, encoding);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, status);
    }

    [Fact]
    public async Task AMediaTypeMayHaveParameters()
    {
        var (status, _) = await PostAsync(recording.Batch().ToArray(), Batch.MediaType + "; version=1");
        Assert.Equal(HttpStatusCode.OK, status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ABodyOverTheLimitIs413(bool saysItsLength)
    {
        using var content = new ByteArrayContent(new byte[Limits.BatchBytes + 1]);
        var (status, answer) = await PostAsync(content, chunked: !saysItsLength);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
        Assert.Contains($"{Limits.BatchBytes}", answer.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ABodyThatDoesNotSayItsLengthIsStored()
    {
        using var content = new ByteArrayContent(recording.Batch(recording.Block()).ToArray());
        var (status, answer) = await PostAsync(content, chunked: true);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(["stored"], Codes(answer));
    }

    [Fact]
    public async Task ADiskThatRefusesIs503AndNothingIsAcknowledged()
    {
        var batch = recording.Batch(recording.Block()).ToArray();
        var blocks = Path.Combine(server.Folder, "blocks");
        await File.WriteAllTextAsync(blocks, "a file where a folder is needed", Cancellation);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await PostAsync(batch)).Status);

        File.Delete(blocks);
        var (status, answer) = await PostAsync(batch);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(["stored"], Codes(answer));
    }

    [Fact]
    public async Task HealthNamesTheVersions()
    {
        using var response = await client.GetAsync("/v1/health", Cancellation);
        var answer = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(Cancellation)).RootElement;
        Assert.Equal((HttpStatusCode.OK, "ok"), (response.StatusCode, answer.GetProperty("status").GetString()));
    }

    Task<(HttpStatusCode Status, JsonElement Answer)> PostAsync(byte[] bytes, string mediaType = Batch.MediaType, string? encoding = null)
    {
        var content = new ByteArrayContent(bytes);
        if (encoding is not null) content.Headers.ContentEncoding.Add(encoding);
        return PostAsync(content, mediaType: mediaType);
    }

    async Task<(HttpStatusCode Status, JsonElement Answer)> PostAsync(HttpContent content, bool chunked = false, string mediaType = Batch.MediaType)
    {
        using var response = await SendAsync(content, chunked, mediaType);
        return (response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(Cancellation)).RootElement);
    }

    async Task<HttpResponseMessage> SendAsync(HttpContent content, bool chunked = false, string mediaType = Batch.MediaType)
    {
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(mediaType);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/append") { Content = content };
        request.Headers.TransferEncodingChunked = chunked;
        return await client.SendAsync(request, Cancellation);
    }

    static IEnumerable<string?> Codes(JsonElement answer) => answer.GetProperty("blocks").EnumerateArray().Select(block => block.GetProperty("code").GetString());
}

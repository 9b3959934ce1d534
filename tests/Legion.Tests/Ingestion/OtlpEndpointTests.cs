using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Legion.Ingestion;
using Legion.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Ingestion;

public sealed class OtlpEndpointTests : IAsyncLifetime
{
    const int MostBytes = 1 << 20;

    readonly IngestionServer server = new(limits: new IngestionLimits { ExportBytes = MostBytes, InFlightBytes = 4 * MostBytes });
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

    [Theory]
    [InlineData("traces", ExportSignal.Traces)]
    [InlineData("metrics", ExportSignal.Metrics)]
    [InlineData("logs", ExportSignal.Logs)]
    public async Task ARequestIsFiledAsItCame(string path, ExportSignal signal)
    {
        byte[] body = [1, 2, 3];
        using var answer = await PostAsync(path, body, "application/x-protobuf; charset=utf-8");
        Assert.Equal((HttpStatusCode.OK, "application/x-protobuf", 0), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType, (await answer.Content.ReadAsByteArrayAsync(Cancellation)).Length));

        var arrival = Assert.Single(await server.Lake.Catalog.ReadArrivalsAsync(Tenant.Default, Cancellation));
        Assert.Equal((signal, ArrivalRow.Protobuf, false, 3, (string?)null), (arrival.Signal, arrival.MediaType, arrival.IsGzip, arrival.Bytes, arrival.Failure));
        Assert.Equal(body, await server.Lake.Objects.ReadAsync(arrival.ObjectKey, 0, 3, Cancellation));
    }

    [Fact]
    public async Task CompressedJsonStaysCompressed()
    {
        var body = Gzip("""{"resourceLogs":[]}"""u8);
        using var answer = await PostAsync("logs", body, "application/json", "gzip");
        Assert.Equal((HttpStatusCode.OK, "{}"), (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancellation)));
        Assert.Equal("application/json", answer.Content.Headers.ContentType!.MediaType);

        var arrival = Assert.Single(await server.Lake.Catalog.ReadArrivalsAsync(Tenant.Default, Cancellation));
        Assert.Equal((ArrivalRow.Json, true), (arrival.MediaType, arrival.IsGzip));
        Assert.Equal(body, await server.Lake.Objects.ReadAsync(arrival.ObjectKey, 0, arrival.Bytes, Cancellation));
    }

    public static TheoryData<string, string, string?, byte[], HttpStatusCode, string> Refused => new()
    {
        { "another type", "text/plain", null, [1], HttpStatusCode.UnsupportedMediaType, "expected media type application/x-protobuf or application/json, saw 'text/plain'" },
        { "another encoding", "application/json", "br", [1], HttpStatusCode.UnsupportedMediaType, "expected content encoding gzip or none, saw 'br'" },
        { "not gzip", "application/json", "gzip", new byte[20], HttpStatusCode.BadRequest, "" },
        { "half of a gzip", "application/json", "gzip", Gzip(new byte[100_000])[..60], HttpStatusCode.BadRequest, "expected gzip of" },
        { "a gzip of nothing at all", "application/json", "gzip", [], HttpStatusCode.BadRequest, "saw 0" },
        { "too large", "application/json", null, new byte[MostBytes + 1], HttpStatusCode.RequestEntityTooLarge, $"expected at most {MostBytes} bytes in a request" },
        { "a bomb", "application/json", "gzip", Gzip(new byte[50 * MostBytes]), HttpStatusCode.RequestEntityTooLarge, $"expected at most {MostBytes} bytes in a request" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task WhatIsRefusedLeavesNothing(string what, string mediaType, string? encoding, byte[] body, HttpStatusCode status, string reason)
    {
        using var answer = await PostAsync("traces", body, mediaType, encoding);
        Assert.True(answer.StatusCode == status, $"{what}: {answer.StatusCode}");
        Assert.Null(answer.Headers.RetryAfter);
        if (mediaType == "application/json")
        {
            using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancellation));
            Assert.True(json.RootElement.GetProperty("code").GetInt32() > 0);
            Assert.Contains(reason, json.RootElement.GetProperty("message").GetString(), StringComparison.Ordinal);
        }
        Assert.Empty(await server.Lake.Catalog.ReadArrivalsAsync(Tenant.Default, Cancellation));
        await foreach (var left in server.Lake.Objects.ListAsync(StoreNames.ArrivalsPrefix, Cancellation)) Assert.Fail(left.Key);
    }

    [Fact]
    public async Task WhatIsInFlightIsGivenBack()
    {
        for (var i = 0; i < 8; i++)
        {
            using var large = await PostAsync("logs", new byte[MostBytes + 1], "application/json");
            using var good = await PostAsync("logs", new byte[MostBytes], "application/json");
            Assert.Equal(HttpStatusCode.OK, good.StatusCode);
        }
    }

    Task<HttpResponseMessage> PostAsync(string path, byte[] body, string mediaType, string? encoding = null)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(mediaType);
        if (encoding is not null) content.Headers.ContentEncoding.Add(encoding);
        return client.PostAsync($"/v1/{path}", content, Cancellation);
    }

    static byte[] Gzip(ReadOnlySpan<byte> bytes)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal)) gzip.Write(bytes);
        return compressed.ToArray();
    }
}

using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Compression;
using Legion.Ingestion;
using Legion.Store;
using Legion.Tests.Support;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Legion.Tests.Ingestion;

/// <summary>The methods of OpenTelemetry's gRPC services, asked by a library that knows gRPC and nothing of OpenTelemetry.</summary>
public sealed class OtlpGrpcTests : IAsyncLifetime
{
    const int MostBytes = 1 << 20;

    static readonly Marshaller<byte[]> asTheyAre = new(bytes => bytes, bytes => bytes);

    readonly IngestionServer server = new(limits: new IngestionLimits { ExportBytes = MostBytes, TenantRequestsPerSecond = 10, TenantBurst = TimeSpan.FromSeconds(1) }, protocols: HttpProtocols.Http2);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await server.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
    }

    [Theory]
    [InlineData("opentelemetry.proto.collector.trace.v1.TraceService", ExportSignal.Traces)]
    [InlineData("opentelemetry.proto.collector.metrics.v1.MetricsService", ExportSignal.Metrics)]
    [InlineData("opentelemetry.proto.collector.logs.v1.LogsService", ExportSignal.Logs)]
    public async Task ACallIsFiledAndAnsweredEmpty(string service, ExportSignal signal)
    {
        Assert.Empty(await CallAsync(service, [1, 2, 3]));
        var arrival = Assert.Single(await server.Lake.Catalog.ReadArrivalsAsync(Tenant.Default, Cancellation));
        Assert.Equal((signal, ArrivalRow.Protobuf, false, 3), (arrival.Signal, arrival.MediaType, arrival.IsGzip, arrival.Bytes));
        Assert.Equal([1, 2, 3], await server.Lake.Objects.ReadAsync(arrival.ObjectKey, 0, 3, Cancellation));
    }

    [Fact]
    public async Task ACompressedMessageStaysCompressed()
    {
        Assert.Empty(await CallAsync(TraceService, new byte[500_000], "gzip"));
        var arrival = Assert.Single(await server.Lake.Catalog.ReadArrivalsAsync(Tenant.Default, Cancellation));
        Assert.True(arrival is { IsGzip: true, Bytes: < 5000 });
    }

    [Fact]
    public async Task WhatIsTooLargeIsExhaustedAndNotToBeSentAgain()
    {
        foreach (var compression in (string?[])[null, "gzip"])
        {
            var refusal = await Assert.ThrowsAsync<RpcException>(() => CallAsync(TraceService, new byte[2 * MostBytes], compression));
            Assert.Equal(StatusCode.ResourceExhausted, refusal.StatusCode);
            Assert.Equal($"expected at most {MostBytes} bytes in a request", refusal.Status.Detail);
            Assert.False(IsRetryable(refusal));
        }
        Assert.Empty(await server.Lake.Catalog.ReadArrivalsAsync(Tenant.Default, Cancellation));
    }

    [Fact]
    public async Task WhoSendsTooOftenIsToldWhenToSendAgain()
    {
        var refusals = new List<RpcException>();
        for (var i = 0; i < 200 && refusals.Count == 0; i++)
        {
            try
            {
                await CallAsync(TraceService, [1]);
            }
            catch (RpcException refusal)
            {
                refusals.Add(refusal);
            }
        }
        Assert.Equal(StatusCode.ResourceExhausted, Assert.Single(refusals).StatusCode);
        Assert.True(IsRetryable(refusals[0]));
    }

    [Fact]
    public async Task AnotherCompressionIsNotKnown()
    {
        var refusal = await Assert.ThrowsAsync<RpcException>(() => CallAsync(TraceService, new byte[100], "odd"));
        Assert.Equal(StatusCode.Unimplemented, refusal.StatusCode);
    }

    const string TraceService = "opentelemetry.proto.collector.trace.v1.TraceService";

    async Task<byte[]> CallAsync(string service, byte[] message, string? compression = null)
    {
        using var asked = GrpcChannel.ForAddress(server.Url, new GrpcChannelOptions { CompressionProviders = [new GzipCompressionProvider(System.IO.Compression.CompressionLevel.Optimal), new OddCompression()] });
        var headers = new Metadata();
        if (compression is not null) headers.Add("grpc-internal-encoding-request", compression);
        using var call = asked.CreateCallInvoker().AsyncUnaryCall(new Method<byte[], byte[]>(MethodType.Unary, service, "Export", asTheyAre, asTheyAre), null,
            new CallOptions(headers, cancellationToken: Cancellation), message);
        return await call.ResponseAsync;
    }

    /// <summary>Whether the details have a google.rpc.RetryInfo, which decides for exporters.</summary>
    static bool IsRetryable(RpcException refusal) =>
        refusal.Trailers.GetValueBytes("grpc-status-details-bin") is { } details && details.AsSpan().IndexOf("google.rpc.RetryInfo"u8) >= 0;

    sealed class OddCompression : ICompressionProvider
    {
        public string EncodingName => "odd";
        public Stream CreateCompressionStream(Stream stream, System.IO.Compression.CompressionLevel? compressionLevel) => new System.IO.Compression.DeflateStream(stream, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true);
        public Stream CreateDecompressionStream(Stream stream) => throw new NotSupportedException();
    }
}

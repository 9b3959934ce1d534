using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Legion.Cli;
using Legion.Cli.Serving;
using Legion.Store;
using Legion.Tests.Cli;
using Legion.Tests.Format;
using Legion.Tests.Store;

namespace Legion.Tests.Otlp;

/// <summary>The service as a program: where exporters send to is open, and what they send can be asked for.</summary>
public sealed class ServedExportTests : IDisposable
{
    readonly TemporaryLake lake = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => lake.Dispose();

    [Fact]
    public async Task WhatIsSentToTheServiceIsInTheViewsSoon()
    {
        var (http, grpc) = (FreePort(), FreePort());
        using var service = await ServedLake.StartAsync(lake.Folder, "--otlp-urls", $"http://127.0.0.1:{http};grpc://127.0.0.1:{grpc}", "--redact", "drop:password");
        using var client = new HttpClient();
        var lines = await File.ReadAllLinesAsync(Path.Combine(RepositoryTree.Root, "tests", "data", "otlp", "collector.json"), Cancellation);
        // On a port of its own, and on the service's.
        foreach (var (line, url) in ((string, Uri)[])[(lines[0], new($"http://127.0.0.1:{http}/v1/traces")), (lines[2], new(service.Url, "/v1/logs"))])
        {
            using var content = new StringContent(line, MediaTypeHeaderValue.Parse("application/json"));
            using var answer = await client.PostAsync(url, content, Cancellation);
            Assert.Equal("{}", await answer.Content.ReadAsStringAsync(Cancellation));
        }
        using (var call = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{grpc}/opentelemetry.proto.collector.metrics.v1.MetricsService/Export")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(new byte[5]) { Headers = { ContentType = new("application/grpc") } },
        })
        {
            using var answer = await client.SendAsync(call, Cancellation);
            await answer.Content.ReadAsByteArrayAsync(Cancellation);
            Assert.Equal("0", answer.TrailingHeaders.GetValues("grpc-status").Single());
        }

        // The service has all the time a loaded machine needs; no attempt reads what is not there.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(TimeSpan.FromMinutes(2));
        while ((await lake.Store.Catalog.ReadArrivalTotalsAsync(Tenant.Default, patience.Token)).Waiting > 0) await Task.Delay(20, patience.Token);
        var run = await LegionProgram.RunAsync("query", "--lake", lake.Folder, "--format", "csv",
            "SELECT s.name, l.n, s.properties->>'password' AS gone FROM async_spans s, (SELECT count(*) AS n FROM log_entries) l WHERE s.process_id IN (SELECT process_id FROM processes) AND s.parent_id IS NOT NULL");
        Assert.Equal("name,n,gone\nPOST /pay,2,\n", run.Output.ReplaceLineEndings("\n"));
    }

    [Theory]
    [InlineData("none", "", "")]
    [InlineData("http://localhost:4318;grpc://localhost:4317", "http://localhost:4318,http://localhost:4317", "4317")]
    [InlineData("grpc://0.0.0.0:4317", "http://0.0.0.0:4317", "4317")]
    public void AddressesOfExportersAreRead(string text, string urls, string grpcPorts)
    {
        var addresses = BesideAddresses.Parse(text);
        Assert.Equal(urls, string.Join(',', addresses.Urls));
        Assert.Equal(grpcPorts, string.Join(',', addresses.GrpcPorts));
        Assert.Equal(!text.Contains("0.0.0.0", StringComparison.Ordinal), addresses.AreLoopback);
    }

    [Theory]
    [InlineData("http://localhost:4318;grpc://localhost:4318")]
    [InlineData("grpc://localhost")]
    [InlineData("ftp://localhost:1")]
    [InlineData("")]
    public void AddressesThatMakeNoSenseAreRefused(string text) => Assert.Throws<CommandFailure>(() => BesideAddresses.Parse(text));

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

using System.Diagnostics;
using System.Diagnostics.Metrics;
using Legion.Tests.Format;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Legion.Tests.Otlp;

/// <summary>What OpenTelemetry's own SDK sends, over both protocols, is in the lake as it was meant.</summary>
public abstract class ExporterTests(HttpProtocols protocols) : IAsyncLifetime
{
    const string AllSpans = "WITH every AS (SELECT * FROM async_spans WHERE process_id IN (SELECT process_id FROM processes)) ";

    // Sources are the whole process's: other tests must not hear these.
    readonly string scope = $"shop-{Guid.NewGuid():N}";

    readonly ExportLake lake = new(protocols);

    public ValueTask InitializeAsync() => lake.InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        await lake.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task TracesOverTwoPrograms()
    {
        using var source = new ActivitySource(scope + ".front");
        using var other = new ActivitySource(scope + ".back");
        using (Traces(source.Name, "front"))
        using (Traces(other.Name, "back"))
        {
            Activity.Current = null;
            using var request = source.StartActivity("GET /cart", ActivityKind.Server)!;
            request.SetTag("http.status_code", 200).SetTag("tags", new[] { "a", "b" }).SetTag("ratio", 0.5).SetTag("thread.name", "main");
            using var call = source.StartActivity("call", ActivityKind.Client)!;
            using (var served = other.StartActivity("POST /price", ActivityKind.Server, new ActivityContext(call.TraceId, call.SpanId, ActivityTraceFlags.Recorded, isRemote: true),
                links: [new ActivityLink(request.Context, new ActivityTagsCollection { ["why"] = "batch" })])!)
            {
                served.AddEvent(new ActivityEvent("cache miss", new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), new ActivityTagsCollection { ["key"] = 7 }));
                served.SetStatus(ActivityStatusCode.Error, "no price");
            }
        }
        await lake.WorkAsync();

        Assert.Equal(["back|POST /price|server|front|call", "front|GET /cart|server||", "front|call|client|front|GET /cart"], await lake.RowsAsync(AllSpans + """
            SELECT p.exe, s.name, s.properties->>'kind', q.exe, parent.name FROM every s JOIN processes p USING (process_id)
            LEFT JOIN every parent ON parent.trace_id = s.trace_id AND parent.span_id = s.parent_id LEFT JOIN processes q ON q.process_id = parent.process_id ORDER BY 1, 2
            """));
        Assert.Equal(["200|[\"a\",\"b\"]|0.5|main|True|True"], await lake.RowsAsync(AllSpans + $"""
            SELECT properties->>'http.status_code', properties->>'tags', properties->>'ratio', thread, duration_ns = end_ns - begin_ns AND duration_ns > 0, target = '{scope}.front' FROM every WHERE name = 'GET /cart'
            """));
        Assert.Equal(["error|no price|cache miss|1767323045000000000|7|batch|True"], await lake.RowsAsync(AllSpans + """
            SELECT s.properties->>'status', s.properties->>'status_description', s.properties->>'events'->0->>'name', s.properties->>'events'->0->>'time_ns', s.properties->>'events'->0->'tags'->>'key',
                s.properties->>'links'->0->'tags'->>'why', (s.properties->>'links'->0->>'span_id')::UBIGINT = linked.span_id
            FROM every s JOIN every linked ON linked.name = 'GET /cart' WHERE s.name = 'POST /price'
            """));
        Assert.Equal(["front|dotnet|1.2|trace"], await lake.RowsAsync("""
            SELECT exe, properties->>'telemetry.sdk.language', properties->>'service.version', string_agg(DISTINCT b.class, ',') FROM processes JOIN blocks b USING (process_id) WHERE exe = 'front' GROUP BY ALL
            """));
        Assert.Empty(await lake.RowsAsync("SELECT * FROM problems"));
    }

    [Fact]
    public async Task MetricsOfEachKind()
    {
        using var meter = new Meter(scope);
        using (var provider = global::OpenTelemetry.Sdk.CreateMeterProviderBuilder().SetResourceBuilder(Resource("front")).AddMeter(scope)
            .AddView("size", new Base2ExponentialBucketHistogramConfiguration())
            .AddView("latency", new ExplicitBucketHistogramConfiguration { Boundaries = [1, 10, 100] })
            .AddOtlpExporter((exporter, reader) =>
            {
                Point(exporter, "metrics");
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = int.MaxValue;
            }).Build())
        {
            meter.CreateCounter<long>("orders", "{order}").Add(3, new KeyValuePair<string, object?>("shop", "a"));
            meter.CreateUpDownCounter<double>("queue").Add(-1.5);
            meter.CreateGauge<double>("load", "%").Record(12.5);
            var latency = meter.CreateHistogram<double>("latency", "ms");
            foreach (var value in (double[])[0.5, 5, 5, 50, 500]) latency.Record(value);
            var size = meter.CreateHistogram<double>("size", "By");
            foreach (var value in (double[])[0, 1, 2, 4, 1000]) size.Record(value);
            provider.ForceFlush();
        }
        await lake.WorkAsync();

        // The end flushes once more: the points of one flush are those of one time.
        Assert.Equal(
        [
            "latency.count||total|5|{}", "latency.max|ms|gauge|500|{}", "latency.min|ms|gauge|0.5|{}", "latency.sum|ms|total|560.5|{}", "load|%|gauge|12.5|{}", "orders|{order}|total|3|{\"shop\":\"a\"}",
            "queue||total|-1.5|{}", "size.count||total|5|{}", "size.max|By|gauge|1000|{}", "size.min|By|gauge|0|{}", "size.sum|By|total|1007|{}",
        ], await lake.RowsAsync("SELECT DISTINCT name, unit, kind, value, properties FROM measures ORDER BY name"));
        Assert.Equal(["""{"bounds":[1,10,100],"counts":[1,2,1,1]}"""], await lake.RowsAsync("SELECT DISTINCT buckets FROM measures WHERE name = 'latency.count'"));

        // As SCHEMA.md computes it: within a few percent of the 1000 that it is.
        Assert.Equal(["True"], await lake.RowsAsync($"SELECT DISTINCT p99 BETWEEN 1000 AND 1050 FROM ({DocumentedPercentile("size.count")})"));
    }

    [Fact]
    public async Task LogsWithScopesAndTraces()
    {
        using var source = new ActivitySource(scope);
        Activity? activity;
        using (Traces(scope, "front"))
        using (var logs = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Trace).AddOpenTelemetry(options =>
        {
            options.SetResourceBuilder(Resource("front"));
            options.IncludeFormattedMessage = true;
            options.AddOtlpExporter(exporter => Point(exporter, "logs"));
        })))
        {
            Activity.Current = null;
            var log = logs.CreateLogger(scope);
            using (activity = source.StartActivity("work"))
            {
                log.LogWarning(new EventId(7, "Slow"), "order {Order} took {Ms} ms", 42, 1.5);
                log.LogError(new InvalidOperationException("<b>no</b>"), "failed");
            }
        }
        await lake.WorkAsync();

        Assert.Equal(["warn|13|order 42 took 1.5 ms|order {Order} took {Ms} ms|42|1.5", "error|17|failed|failed||"], await lake.RowsAsync(
            "SELECT level, severity, message, template, properties->>'Order', properties->>'Ms' FROM log_entries ORDER BY time_ns, severity"));
        Assert.Equal(["<b>no</b>|True|True"], await lake.RowsAsync($"""
            SELECT properties->>'exception.message', target = '{scope}', properties->>'trace_id' = '{activity!.TraceId.ToHexString()}' FROM log_entries WHERE level = 'error'
            """));
        Assert.Equal(["work"], await lake.RowsAsync("""
            SELECT s.name FROM log_entries l JOIN async_spans s ON s.span_id = (l.properties->>'span_id')::UBIGINT AND s.process_id IN (SELECT process_id FROM processes) WHERE l.level = 'warn'
            """));
        // Spans and logs of one resource are of one process.
        Assert.Equal(["front|log,trace"], await lake.RowsAsync("SELECT exe, string_agg(DISTINCT b.class, ',' ORDER BY b.class) FROM processes JOIN blocks b USING (process_id) GROUP BY exe"));
    }

    static string DocumentedPercentile(string name)
    {
        var document = File.ReadAllText(Path.Combine(RepositoryTree.Root, "lakehouse", "Legion.Lakehouse", "SCHEMA.md"));
        const string Metric = "http.server.request.duration.count";
        return document.Split("```\n").Single(part => part.Contains("AS p99", StringComparison.Ordinal) && part.Contains(Metric, StringComparison.Ordinal)).Replace(Metric, name, StringComparison.Ordinal);
    }

    TracerProvider Traces(string source, string service) => global::OpenTelemetry.Sdk.CreateTracerProviderBuilder().SetResourceBuilder(Resource(service)).AddSource(source)
        .AddOtlpExporter(exporter => Point(exporter, "traces")).Build();

    static ResourceBuilder Resource(string service) => ResourceBuilder.CreateEmpty().AddTelemetrySdk().AddService(service, serviceVersion: "1.2", autoGenerateServiceInstanceId: false);

    void Point(OtlpExporterOptions exporter, string signal)
    {
        var isGrpc = protocols == HttpProtocols.Http2;
        exporter.Protocol = isGrpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
        exporter.Endpoint = isGrpc ? lake.Server.Url : new Uri(lake.Server.Url, $"/v1/{signal}");
    }
}

public sealed class HttpExporterTests() : ExporterTests(HttpProtocols.Http1);

public sealed class GrpcExporterTests() : ExporterTests(HttpProtocols.Http2);

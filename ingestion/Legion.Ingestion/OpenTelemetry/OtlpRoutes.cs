using Legion.Store;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Legion.Ingestion;

/// <summary>Where OpenTelemetry's exporters send to: the paths of OTLP over HTTP, and the methods of its gRPC services.</summary>
static class OtlpRoutes
{
    static readonly (ExportSignal Signal, string Path, string Method)[] Signals =
    [
        (ExportSignal.Traces, "/v1/traces", "/opentelemetry.proto.collector.trace.v1.TraceService/Export"),
        (ExportSignal.Metrics, "/v1/metrics", "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"),
        (ExportSignal.Logs, "/v1/logs", "/opentelemetry.proto.collector.logs.v1.LogsService/Export"),
    ];

    public static void MapOtlp(this IEndpointRouteBuilder routes, ExportFiling filing)
    {
        foreach (var (signal, path, method) in Signals)
        {
            routes.MapPost(path, context => OtlpHttp.ExportAsync(context, signal, filing)).WithMetadata(new RouteAccess(KeyRole.Ingest));
            routes.MapPost(method, context => OtlpGrpc.ExportAsync(context, signal, filing)).WithMetadata(new RouteAccess(KeyRole.Ingest));
        }
    }
}

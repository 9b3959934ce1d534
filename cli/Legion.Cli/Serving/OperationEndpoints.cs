using System.Text.Json;
using Legion.Cli.Serving.Metrics;
using Legion.Store;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Legion.Cli.Serving;

/// <summary>
/// What those who run the service ask: <c>GET /health</c>, whether the program lives, whatever becomes of its lake;
/// <c>GET /ready</c>, whether requests should be sent here; <c>GET /metrics</c>, what it has done, for Prometheus.
/// </summary>
static class OperationEndpoints
{
    static readonly string[] methods = [HttpMethods.Get, HttpMethods.Head];

    public static void MapOperation(this WebApplication app, Readiness readiness, Drain drain, PrometheusMetrics metrics)
    {
        void Map(string pattern, RouteAccess access, RequestDelegate answer) => app.MapMethods(pattern, methods, answer).WithMetadata(access, new Drain.ToTheEnd());

        Map("/health", RouteAccess.Public, context => AnswerAsync(context.Response, "alive", []));
        Map("/ready", RouteAccess.Public, async context =>
        {
            if (drain.HasBegun) await AnswerAsync(context.Response, "ending", []);
            else if (await readiness.FindFailedAsync() is { Count: > 0 } failed) await AnswerAsync(context.Response, "failing", failed);
            else await AnswerAsync(context.Response, "ready", []);
        });
        Map("/metrics", new RouteAccess(KeyRole.Read) { IsOpenToThisMachine = true }, metrics.AnswerAsync);
    }

    /// <param name="failed">What of the lake cannot be used. Why stands in the log, as anybody may ask.</param>
    static async Task AnswerAsync(HttpResponse response, string status, IReadOnlyList<string> failed)
    {
        response.StatusCode = status is "alive" or "ready" ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        response.ContentType = "application/json";
        response.Headers.CacheControl = "no-store";
        if (HttpMethods.IsHead(response.HttpContext.Request.Method)) return;
        await using var json = new Utf8JsonWriter(response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("status", status);
        json.WriteStartArray("failed");
        foreach (var part in failed) json.WriteStringValue(part);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}

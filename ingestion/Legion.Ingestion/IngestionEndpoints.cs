using System.Diagnostics;
using System.Diagnostics.Metrics;
using Legion.Format;
using Legion.Store;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Legion.Ingestion;

/// <summary>
/// <c>POST /v1/append</c>, <c>POST /v1/commands</c> and <c>GET /v1/health</c>, which a load balancer asks without a key.
/// Each says as <see cref="RouteAccess"/> who may use it; the host sees to that, and keeps the <see cref="Credential"/> with the request.
/// The status decides what clients do with their data (FORMAT.md, "Upload"): what is not known to be stored is answered 503, never 500.
/// </summary>
public static partial class IngestionEndpoints
{
    const string RetryAfterSeconds = "1";

    /// <summary>Load balancers give up after some seconds.</summary>
    static readonly TimeSpan longestHealth = TimeSpan.FromSeconds(2);

    /// <param name="arrivals">Who works on requests of OpenTelemetry in this process; null where nobody does.</param>
    public static void MapIngestion(this IEndpointRouteBuilder routes, LakeStore lake, TimeProvider clock, IngestionLimits limits, ArrivalNotice? arrivals = null)
    {
        var admission = new Admission(limits, clock);
        var log = routes.ServiceProvider.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(IngestionEndpoints).FullName!);
        var news = new NewsForProcesses(lake.Catalog, clock, log);
        var counts = new IngestionCounts(routes.ServiceProvider.GetRequiredService<IMeterFactory>());
        var append = new BlockAppend(lake, clock) { Phases = counts.Phases };
        counts.Observe("in_flight", "By", "Bytes reserved for bodies that are being read or stored.", () => admission.ReservedBytes);
        counts.Observe("requests_in_flight", "{request}", "Requests that are read, wait for their turn or are stored.", () => admission.TakenPlaces);

        routes.MapPost("/v1/append", context => AppendAsync(context, append, news, admission, limits, counts, log)).WithMetadata(new RouteAccess(KeyRole.Ingest));
        routes.MapOtlp(new ExportFiling(new ArrivalAppend(lake, clock, arrivals), admission, limits, counts, log));
        routes.MapPost("/v1/commands", new CommandEndpoint(lake.Catalog, news, admission, counts, clock).PostAsync).WithMetadata(new RouteAccess(KeyRole.Admin));
        routes.MapGet("/v1/health", context => HealthAsync(context, lake)).WithMetadata(RouteAccess.Public);
    }

    static async Task AppendAsync(HttpContext context, BlockAppend append, NewsForProcesses news, Admission admission, IngestionLimits limits, IngestionCounts counts, ILogger log)
    {
        var (request, response) = (context.Request, context.Response);
        if (!IsBatch(request))
        {
            counts.Refused(Refusal.MediaType);
            await AnswerJson.WriteErrorAsync(response, StatusCodes.Status415UnsupportedMediaType, $"expected media type {Batch.MediaType} without a content encoding, saw '{request.ContentType}'");
            return;
        }
        try
        {
            using var admitted = await admission.AdmitAsync(context, limits.BatchBytes);
            if (!admitted.IsIn)
            {
                counts.Refused(admitted.Refused.Reason);
                admitted.Refused.ApplyTo(response);
                await AnswerJson.WriteErrorAsync(response, admitted.Refused.Status, admitted.Refused.Sentence);
                return;
            }
            var tenant = Asking.TenantOf(context);
            var (answer, told) = await admitted.StoreAsync(async (bytes, patience) =>
            {
                var arrived = Stopwatch.GetTimestamp();
                var answer = await append.AppendAsync(tenant, Batch.Read(bytes), patience);
                counts.Appended(bytes.Length, answer, Stopwatch.GetElapsedTime(arrived));
                return (answer, await news.FindAsync(tenant, answer.Processes));
            }, context.RequestAborted);
            await AnswerJson.WriteAsync(response, answer.IsMissingSomething ? StatusCodes.Status424FailedDependency : StatusCodes.Status200OK, answer, told);
        }
        catch (InvalidDataException cause)
        {
            counts.Refused(Refusal.Malformed);
            await AnswerJson.WriteErrorAsync(response, StatusCodes.Status400BadRequest, cause.Message);
        }
        catch (Exception cause) when (cause is ConnectionResetException || cause is OperationCanceledException && context.RequestAborted.IsCancellationRequested)
        {
            // The client is gone and hears nothing; it sends the batch again.
        }
        catch (BadHttpRequestException cause) when (cause.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            counts.Refused(Refusal.TooLarge);
            await AnswerJson.WriteErrorAsync(response, StatusCodes.Status413PayloadTooLarge, Admission.TooLarge(limits.BatchBytes).Sentence);
        }
        catch (Exception cause) when (cause is not BadHttpRequestException && !response.HasStarted)
        {
            counts.Refused(Refusal.Store);
            AppendFailed(log, cause);
            await AgainLaterAsync(response, cause is StoreUnavailableException ? cause.Message : "the batch could not be stored; the server's log says why");
        }
    }

    static async Task HealthAsync(HttpContext context, LakeStore lake)
    {
        try
        {
            await lake.Catalog.HasObjectAsync(Tenant.Default, "", context.RequestAborted).WaitAsync(longestHealth, context.RequestAborted);
            await AnswerJson.WriteHealthAsync(context.Response);
        }
        catch (Exception cause) when (cause is StoreUnavailableException or TimeoutException)
        {
            await AgainLaterAsync(context.Response, cause.Message);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Who asked is gone.
        }
    }

    static bool IsBatch(HttpRequest request)
    {
        var mediaType = request.ContentType.AsSpan();
        var parameters = mediaType.IndexOf(';');
        if (parameters >= 0) mediaType = mediaType[..parameters];
        return mediaType.Trim().Equals(Batch.MediaType, StringComparison.OrdinalIgnoreCase)
            && (request.Headers.ContentEncoding.Count == 0 || request.Headers.ContentEncoding == "identity");
    }

    static Task AgainLaterAsync(HttpResponse response, string error)
    {
        response.Headers.RetryAfter = RetryAfterSeconds;
        return AnswerJson.WriteErrorAsync(response, StatusCodes.Status503ServiceUnavailable, error);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A batch could not be stored")]
    static partial void AppendFailed(ILogger log, Exception cause);
}

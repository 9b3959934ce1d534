using System.Net.Mime;
using Legion.Lakehouse;
using Legion.Store;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Legion.Cli.Serving;

/// <summary>
/// Erases again what the ledger says was erased and the catalog does not know of, as after a restore that was killed, or where a database was brought back from its own snapshot.
/// Until that is known to be done, nobody is shown anything.
/// </summary>
sealed class ErasureReplay(LakeStore lake, TimeProvider clock)
{
    const string Refusal = """{"error":"what was erased is being erased again; try again later"}""";

    readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when it was done once.</summary>
    public Task Done => done.Task;

    public void Use(WebApplication app) => app.Use(PassAsync);

    /// <returns>How many erasures were done again.</returns>
    /// <exception cref="StoreUnavailableException">The disk or the database refused, or another program is about it.</exception>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var replayed = await LakeErasure.ReplayAllAsync(lake, clock, cancellation);
        done.TrySetResult();
        return replayed;
    }

    async Task PassAsync(HttpContext context, RequestDelegate next)
    {
        if (done.Task.IsCompleted || !ShowsData(context.GetEndpoint()))
        {
            await next(context);
            return;
        }
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        context.Response.Headers.RetryAfter = "1";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.ContentType = MediaTypeNames.Application.Json;
        if (!HttpMethods.IsHead(context.Request.Method)) await context.Response.WriteAsync(Refusal);
    }

    /// <summary>What the role read is for, but for what watches the service.</summary>
    static bool ShowsData(Endpoint? route) => route?.Metadata.GetMetadata<RouteAccess>() is { Needed: KeyRole.Read } && route.Metadata.GetMetadata<Drain.ToTheEnd>() is null;
}

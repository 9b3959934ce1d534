using Legion.Store;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Legion.Cli.Serving;

/// <summary>
/// The end of a service in steps, so that nobody loses an answer: first it says that it is not ready, which makes load balancers send elsewhere;
/// then it refuses what still comes, and finishes what runs; then it may stop.
/// </summary>
sealed class Drain(TimeSpan delay, TimeSpan timeout)
{
    const string RetryAfterSeconds = "1";
    const string Refusal = """{"error":"the service is ending; send this again, to another one or later"}""";

    readonly TaskCompletionSource idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly CancellationTokenSource ending = new();
    volatile bool isRefusing;
    volatile bool hasBegun;
    int running;

    /// <summary>What a route carries that answers until the service stops, as those who watch it ask for it.</summary>
    public sealed record ToTheEnd;

    public bool HasBegun => hasBegun;

    public void Use(WebApplication app) => app.Use(PassAsync);

    /// <summary>Goes through the steps; done when no request runs any more, or those that do have had their time.</summary>
    /// <param name="hurry">Ends the waiting.</param>
    public async Task RunAsync(TimeProvider clock, CancellationToken hurry)
    {
        hasBegun = true;
        if (delay > TimeSpan.Zero) await Task.Delay(delay, clock, hurry).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        isRefusing = true;
        await ending.CancelAsync();
        if (Interlocked.CompareExchange(ref running, 0, 0) == 0) return;
        await idle.Task.WaitAsync(timeout, clock, hurry).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    async Task PassAsync(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<ToTheEnd>() is not null)
        {
            await next(context);
            return;
        }
        // Counted before it is asked whether requests are still taken: the end counts after it says so, and one of the two sees the other.
        Interlocked.Increment(ref running);
        try
        {
            if (hasBegun && HttpProtocol.IsHttp11(context.Request.Protocol)) context.Response.Headers.Connection = "close";
            if (isRefusing) await RefuseAsync(context);
            else if (context.GetEndpoint()?.Metadata.GetMetadata<RouteAccess>() is { Waits: true }) await WaitAsync(context, next);
            else await next(context);
        }
        finally
        {
            if (Interlocked.Decrement(ref running) == 0 && isRefusing) idle.TrySetResult();
        }
    }

    /// <summary>A request that waits for something to happen is refused like one that comes now.</summary>
    async Task WaitAsync(HttpContext context, RequestDelegate next)
    {
        var aborted = context.RequestAborted;
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(aborted, ending.Token);
        context.RequestAborted = waiting.Token;
        await next(context);
        context.RequestAborted = aborted;
        if (ending.IsCancellationRequested && !aborted.IsCancellationRequested && !context.Response.HasStarted) await RefuseAsync(context);
    }

    static async Task RefuseAsync(HttpContext context)
    {
        try
        {
            // A connection that is closed while its sender still sends is reset, and takes the answer with it. Nothing is kept of the body, whatever its size.
            if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = null;
            await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
        }
        catch (Exception cause) when (cause is IOException or OperationCanceledException)
        {
            return; // The sender is gone and hears nothing.
        }
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        context.Response.Headers.RetryAfter = RetryAfterSeconds;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = Refusal.Length;
        if (!HttpMethods.IsHead(context.Request.Method)) await context.Response.WriteAsync(Refusal);
    }
}

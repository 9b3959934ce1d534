using System.Net;
using System.Text.Json;
using Legion.Store;
using Legion.Viewer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Legion.Cli.Serving;

/// <summary>
/// Stands before every route where keys are needed, and lets through who may use it. The credential stays with the request.
/// A wrong status loses data (FORMAT.md, "Upload"): 401 and 403 are about the key alone, and a catalog that cannot be asked is 503.
/// </summary>
sealed class AccessGate(Credentials credentials)
{
    // The same sentence for what is no key, unknown, expired or revoked: only its owner needs to know which.
    const string NoKey = "expected a key in the header Authorization, as Bearer KEY";
    const string BadKey = "the key is not accepted";
    const string Unavailable = "keys cannot be looked up at the moment; try again";

    /// <summary>A catalog that takes longer stands still.</summary>
    static readonly TimeSpan longest = TimeSpan.FromSeconds(10);

    const string Scheme = "Bearer ";
    const string GrpcMediaType = "application/grpc";
    const string Challenge = "Bearer realm=\"legion\"";

    static readonly string[] forwarding = ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via"];

    public static void Use(WebApplication app, Credentials credentials) => app.Use(new AccessGate(credentials).PassAsync);

    async Task PassAsync(HttpContext context, RequestDelegate next)
    {
        // Where there is no route, there is nothing to guard.
        if (context.GetEndpoint() is not { } route || IsOpen(route.Metadata.GetMetadata<RouteAccess>(), context) || await IsLetInAsync(context, route.Metadata.GetMetadata<RouteAccess>()?.Needed))
            await next(context);
    }

    /// <summary>A route that says nothing of itself is for nobody.</summary>
    static bool IsOpen(RouteAccess? access, HttpContext context) => access is { Needed: null } || access is { IsOpenToThisMachine: true } && IsOfThisMachine(context);

    /// <summary>A proxy on this machine passes on what others ask, and says so.</summary>
    static bool IsOfThisMachine(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address) && !Array.Exists(forwarding, name => context.Request.Headers.ContainsKey(name));

    async Task<bool> IsLetInAsync(HttpContext context, KeyRole? needed)
    {
        Credential? credential;
        var shown = KeyIn(context.Request);
        try
        {
            credential = shown is null ? null : await credentials.FindAsync(context, shown).WaitAsync(longest, context.RequestAborted);
        }
        catch (Exception cause) when (cause is StoreUnavailableException or TimeoutException)
        {
            context.Response.Headers.RetryAfter = "1";
            await RefuseAsync(context.Response, StatusCodes.Status503ServiceUnavailable, Unavailable);
            return false;
        }
        if (credential is null)
        {
            context.Response.Headers.WWWAuthenticate = shown is null ? Challenge : Challenge + ", error=\"invalid_token\"";
            await RefuseAsync(context.Response, StatusCodes.Status401Unauthorized, shown is null ? NoKey : BadKey);
            return false;
        }
        if (needed is not { } role || !credential.Role.Suffices(role))
        {
            await RefuseAsync(context.Response, StatusCodes.Status403Forbidden,
                needed is { } wanted ? $"expected a key of role {wanted.Name()}, saw one of role {credential.Role.Name()}" : "no key opens this");
            return false;
        }
        context.Features.Set(credential);
        return true;
    }

    /// <summary>A header comes before a cookie: who sets one means it.</summary>
    static string? KeyIn(HttpRequest request) => request.Headers.Authorization switch
    {
        { Count: 0 } => SignIn.KeyOf(request),
        [{ } header] when header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) => header[Scheme.Length..].Trim(),
        _ => "",
    };

    static async Task RefuseAsync(HttpResponse response, int status, string error)
    {
        if (response.HttpContext.Request.ContentType?.StartsWith(GrpcMediaType, StringComparison.Ordinal) == true)
        {
            // Clients of gRPC read the sentence from here alone. Without a message the trailers are the headers.
            response.ContentType = GrpcMediaType;
            response.Headers["grpc-status"] = status switch { StatusCodes.Status401Unauthorized => "16", StatusCodes.Status403Forbidden => "7", _ => "14" };
            response.Headers["grpc-message"] = Uri.EscapeDataString(error);
            return;
        }
        response.StatusCode = status;
        response.ContentType = "application/json";
        response.Headers.CacheControl = "no-store";
        if (HttpMethods.IsHead(response.HttpContext.Request.Method)) return;
        await using var json = new Utf8JsonWriter(response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("error", error);
        json.WriteEndObject();
    }
}

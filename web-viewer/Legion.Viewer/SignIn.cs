using Legion.Store;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Legion.Viewer;

/// <summary>
/// How a browser comes to send a key or a token: a form posts it once, and a cookie that no script can read keeps it until the browser is closed.
/// An address never carries one, so that links can be passed on. The cookie counts for looking, and where a page of ours asks for making a link of what is seen and for removing a report,
/// whatever its key may do: browsers send it with what pages of other ports of this host have them do.
/// </summary>
public static class SignIn
{
    internal const string Path = "/sign-in";
    const string CookieName = "legion_key";
    const string KeyField = "key", NextField = "next";

    /// <summary>Far more than a key and an address.</summary>
    const int MostFormBytes = 16 << 10;

    /// <summary>Browsers keep no cookie of more than 4,096 bytes, and say nothing. Keys are short; tokens need not be.</summary>
    const int MostKeyCharacters = 3_800;

    /// <param name="find">Whose a key or a token is; null where it is not accepted.</param>
    /// <param name="note">Told whose it was, and whether that opens anything here, before the answer leaves.</param>
    public static void MapSignIn(this IEndpointRouteBuilder routes, Func<HttpContext, string, Task<Credential?>> find, Func<HttpContext, Credential?, bool, Task> note)
    {
        routes.MapPost(Path, context => SignInAsync(context, find, note)).WithMetadata(RouteAccess.Public);
        routes.MapPost("/sign-out", SignOutAsync).WithMetadata(RouteAccess.Public);
    }

    /// <summary>The key that the request's cookie brings, where a cookie counts; otherwise null.</summary>
    public static string? KeyOf(HttpRequest request) =>
        (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || AsksAsPage(request)) && request.Cookies.TryGetValue(CookieName, out var key) ? key : null;

    /// <summary>No script sets the header; browsers send it on https and on the machine's own addresses alone.</summary>
    static bool AsksAsPage(HttpRequest request) =>
        (HttpMethods.IsPost(request.Method) && (request.Path == ViewerEndpoints.LinksPath || request.Path == ViewerEndpoints.QueryPath)
            || HttpMethods.IsDelete(request.Method) && request.Path.StartsWithSegments(ViewerEndpoints.ReportsPath, StringComparison.Ordinal)) && request.Headers["Sec-Fetch-Site"] == "same-origin";

    static async Task SignInAsync(HttpContext context, Func<HttpContext, string, Task<Credential?>> find, Func<HttpContext, Credential?, bool, Task> note)
    {
        var (request, response) = (context.Request, context.Response);
        PagePolicy.Apply(response.Headers);
        if (IsFromElsewhere(request))
        {
            await Answer.Error(StatusCodes.Status403Forbidden, "expected the form of this service, saw that of another site").WriteAsync(context);
            return;
        }
        if (!request.HasFormContentType || request.ContentLength is not <= MostFormBytes)
        {
            await Answer.Error(StatusCodes.Status400BadRequest, $"expected a form of at most {MostFormBytes} bytes and its length").WriteAsync(context);
            return;
        }
        try
        {
            var form = await request.ReadFormAsync(context.RequestAborted);
            var (key, next) = (form[KeyField].ToString().Trim(), LocalAddress(form[NextField].ToString()));
            var credential = key.Length <= MostKeyCharacters ? await find(context, key) : null;
            // A key that may only append is a good key and opens nothing here.
            var isLetIn = credential is not null && credential.Role.Suffices(KeyRole.Read);
            await note(context, credential, isLetIn);
            if (isLetIn)
            {
                response.Cookies.Append(CookieName, key, Options(request));
                SeeOther(response, next);
            }
            else
            {
                SeeOther(response, $"{Path}?refused=1&next={Uri.EscapeDataString(next)}");
            }
        }
        catch (InvalidDataException)
        {
            await Answer.Error(StatusCodes.Status400BadRequest, "the form cannot be read").WriteAsync(context);
        }
        catch (StoreUnavailableException)
        {
            await Answer.Error(StatusCodes.Status503ServiceUnavailable, "keys cannot be looked up at the moment; try again").WriteAsync(context);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // The reader is gone and hears nothing.
        }
    }

    /// <summary>Has the browser forget the key. The key itself stays good.</summary>
    static async Task SignOutAsync(HttpContext context)
    {
        PagePolicy.Apply(context.Response.Headers);
        if (IsFromElsewhere(context.Request))
        {
            await Answer.Error(StatusCodes.Status403Forbidden, "expected the form of this service, saw that of another site").WriteAsync(context);
            return;
        }
        context.Response.Cookies.Delete(CookieName, Options(context.Request));
        SeeOther(context.Response, Path);
    }

    static CookieOptions Options(HttpRequest request) => new() { HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = request.IsHttps, Path = "/", IsEssential = true };

    static void SeeOther(HttpResponse response, string address)
    {
        response.StatusCode = StatusCodes.Status303SeeOther;
        response.Headers.Location = address;
        response.Headers.CacheControl = "no-store";
    }

    /// <summary>Whether a browser says that a page of another site sends this. Programs, and browsers on plain http, say nothing.</summary>
    internal static bool IsFromElsewhere(HttpRequest request) => request.Headers["Sec-Fetch-Site"] is { Count: > 0 } site && site != "same-origin";

    /// <summary>The address where it is one of this service, otherwise the first page's: a link must not lead through here to somewhere else.</summary>
    static string LocalAddress(string address) =>
        address.StartsWith('/') && !address.StartsWith("//", StringComparison.Ordinal) && address.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0 && !address.Contains('\\') ? address : "/";
}

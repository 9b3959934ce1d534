using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace Legion.Viewer;

/// <summary>The files that browsers load.</summary>
static class Pages
{
    /// <summary>Every page is the same file; what it shows stands in its address.</summary>
    public static Task<Answer> Index(Question question) => Task.FromResult(File("index.html", Keeping.Unchanged));

    /// <summary>The same file; what it shows lies in a frame.</summary>
    public static Task<Answer> Report(Question question) => Task.FromResult(File("index.html", Keeping.Unchanged) with { Policy = PagePolicy.OfReportPage });

    public static Task<Answer> Asset(Question question) => Task.FromResult(File("assets/" + question.Route("file"), Keeping.Forever));

    public static Task<Answer> Cell(Question question) => Task.FromResult(File("cells/" + question.Route("file"), Keeping.Unchanged));

    static Answer File(string name, Keeping keeping) => !ViewerAssets.TryRead(name, out var bytes)
        ? Answer.Error(StatusCodes.Status404NotFound, $"there is no file '{name}'")
        : new Answer(StatusCodes.Status200OK, MediaType(name), bytes, keeping)
        {
            Tag = keeping == Keeping.Unchanged ? $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes.Span).AsSpan(0, 12))}\"" : null,
        };

    static string MediaType(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".svg" => "image/svg+xml",
        ".woff2" => "font/woff2",
        _ => "application/octet-stream",
    };
}

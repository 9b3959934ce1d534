using Legion.Store;
using Microsoft.AspNetCore.Http;

namespace Legion.Viewer;

/// <summary>What a browser may do with anything the viewer sends. Telemetry is hostile text: no script, style or frame but our own, no string that becomes markup.</summary>
static class PagePolicy
{
    const string ContentSecurity =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; " +
        "require-trusted-types-for 'script'; trusted-types svelte-trusted-html; frame-ancestors 'none'";

    /// <summary>Of the page that shows a report: it alone has a frame, with what this service sends.</summary>
    public const string OfReportPage = ContentSecurity + "; frame-src 'self'";

    /// <summary>Of a file that somebody sent along: whatever it is, it loads and runs nothing, and is of no origin.</summary>
    const string FileSecurity = "default-src 'none'; sandbox; frame-ancestors 'none'";

    public static void ApplyToFile(IHeaderDictionary headers) => headers.ContentSecurityPolicy = FileSecurity;

    /// <summary>Of a report: whoever opens it, it is of no origin, loads nothing and runs what is named. Its charts have styles of their own, and the page that shows it is ours.</summary>
    /// <param name="scripts">Hashes that were known when it was published (<see cref="ReportRow.Scripts"/>), never what the page says.</param>
    /// <exception cref="InvalidDataException">They are something else.</exception>
    public static string OfReport(string scripts) => ReportRow.AreScripts(scripts)
        ? $"sandbox allow-scripts; default-src 'none'; script-src {(scripts.Length == 0 ? "'none'" : scripts)}; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
        : throw new InvalidDataException("expected the scripts of a report by their hashes, saw something else");

    public static void Apply(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = ContentSecurity;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer"; // an address names processes and what was searched for
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
    }
}

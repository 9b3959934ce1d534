using Microsoft.AspNetCore.Http;

namespace Legion.Viewer;

/// <summary>What a browser may do with anything the viewer sends. Telemetry is hostile text: no script, style or frame but our own, no string that becomes markup.</summary>
static class PagePolicy
{
    const string ContentSecurity =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; " +
        "require-trusted-types-for 'script'; trusted-types svelte-trusted-html; frame-ancestors 'none'";

    /// <summary>Of a file that somebody sent along: whatever it is, it loads and runs nothing, and is of no origin.</summary>
    const string FileSecurity = "default-src 'none'; sandbox; frame-ancestors 'none'";

    public static void ApplyToFile(IHeaderDictionary headers) => headers.ContentSecurityPolicy = FileSecurity;

    public static void Apply(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = ContentSecurity;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer"; // an address names processes and what was searched for
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
    }
}

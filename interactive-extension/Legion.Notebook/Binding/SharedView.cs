using System.Globalization;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Store;

namespace Legion.Notebook;

/// <summary>What an address of the viewer shows of a process.</summary>
/// <param name="Range">Its time; without ends where the address names none.</param>
/// <param name="Version">Of a frozen link, the arrival of the last block that it shows; null: all.</param>
sealed record SharedView(Guid Process, QueryRange Range, long? Version)
{
    /// <summary>Reads an address, whichever host it is of: the page of a process, or a short link to one.</summary>
    /// <returns>Null where the text is none.</returns>
    /// <exception cref="NotInLakeException">There is no such link in the lake.</exception>
    /// <exception cref="LinkClosedException">It opens nothing any more.</exception>
    public static async Task<SharedView?> FindAsync(Lake lake, string text, CancellationToken cancel)
    {
        if (PathOf(text) is not { } path)
            return null;
        long? version = null;
        if (path.StartsWith(LinkRow.Path, StringComparison.Ordinal))
        {
            var link = await OpenAsync(path[LinkRow.Path.Length..]);
            (path, version) = (link.Address, link.Version);
        }
        var parts = path.Split('?', 2);
        if (parts[0].Split('/') is not ["", "process", var id, ..] || !Guid.TryParseExact(id, "D", out var process))
            return null;
        var parameters = parts.Skip(1).SelectMany(query => query.Split('&')).Select(parameter => parameter.Split('=', 2)).Where(pair => pair.Length == 2).ToLookup(pair => pair[0], pair => pair[1]);
        if (parameters[LakeLinks.Parameter].FirstOrDefault() is { } named)
            version = (await OpenAsync(named)).Version;
        // What ends at the end that a page shows is still seen.
        return new(process, new(Ns("from"), Ns("to") + 1), version);

        Task<LinkRow> OpenAsync(string linkId) => new LakeLinks(lake).OpenAsync(linkId, cancel);

        long? Ns(string name) => long.TryParse(parameters[name].FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var ns) ? ns : null;
    }

    static string? PathOf(string text) =>
        text.StartsWith(LinkRow.Path, StringComparison.Ordinal) || text.StartsWith("/process/", StringComparison.Ordinal) ? text
        : Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" ? address.PathAndQuery
        : null;
}

using System.Globalization;
using System.Text.RegularExpressions;
using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>A link that is there and opens nothing any more; the message says why.</summary>
public sealed class LinkClosedException(string message) : Exception(message);

/// <summary>
/// The links of a tenant: short addresses of pages of the viewer. One of a process may be frozen: then it shows the process as it was.
/// </summary>
public sealed partial class LakeLinks(Lake lake)
{
    /// <summary>Longer than anybody keeps a link that is to end.</summary>
    static readonly TimeSpan longest = TimeSpan.FromDays(3660);

    /// <summary>What a frozen link is named by in the addresses of pages that it shows.</summary>
    public const string Parameter = "link";

    /// <summary>Makes a link.</summary>
    /// <param name="address">Path and query of a page of the viewer. Where it names a frozen link already, the new one shows the same.</param>
    /// <param name="isFrozen">Shows what is there now, whatever comes later.</param>
    /// <param name="timeToLive">After this it opens nothing; null: it stays.</param>
    /// <param name="by">Who makes it.</param>
    /// <param name="version">Of a frozen one, the arrival of the last block that it shows; null: what the address shows now.</param>
    /// <exception cref="FormatException">The address is none of the viewer, or cannot be frozen; or the time is none.</exception>
    /// <exception cref="NotInLakeException">There is no such process.</exception>
    /// <exception cref="LinkClosedException">The address names a link that opens nothing any more.</exception>
    public async Task<LinkRow> AddAsync(string address, bool isFrozen, TimeSpan? timeToLive, string by, long? version = null, CancellationToken cancellation = default)
    {
        if (address.Length > LinkRow.MostAddressLength) throw new FormatException($"expected an address of at most {LinkRow.MostAddressLength} characters, saw {address.Length}");
        if (Page().Match(address) is not { Success: true } page) throw new FormatException($"expected an address of the viewer such as /process/ID/timeline?from=1&to=2, saw '{address}'");
        if (timeToLive is { } time && (time <= TimeSpan.Zero || time > longest)) throw new FormatException($"expected a link to open for a time up to {longest.TotalDays:0} days, saw {time.TotalDays:0.##}");
        Guid? processId = page.Groups["process"] is { Success: true, Value: var text } ? Guid.ParseExact(text, "D") : null;
        if (isFrozen && processId is null) throw new FormatException($"expected the page of a process, as no other can be frozen, saw '{address}'");

        var (plain, named) = Without(address);
        var known = named is null ? null : await OpenAsync(named, cancellation);
        if (!isFrozen) version = null;
        else version ??= known?.ProcessId == processId ? known?.Version : null;
        if (isFrozen) version ??= await lake.FindVersionAsync(processId!.Value, cancellation);
        var nowNs = lake.NowNs;
        var row = new LinkRow(LinkRow.NewId(), processId, plain, version, nowNs, by, timeToLive is { } left ? nowNs + left.Ticks * TimeSpan.NanosecondsPerTick : null);
        return await lake.Store.Catalog.AddLinkAsync(lake.Tenant, row, cancellation) ? row
            : throw new NotInLakeException($"there is no process '{processId}' in this lake: `legion processes` lists those there are");
    }

    /// <summary>The link of an id.</summary>
    /// <exception cref="NotInLakeException">There is none.</exception>
    /// <exception cref="LinkClosedException">It has expired, or what it showed is gone.</exception>
    public async Task<LinkRow> OpenAsync(string linkId, CancellationToken cancellation = default)
    {
        var row = LinkRow.IsId(linkId) ? await lake.Store.Catalog.FindLinkAsync(lake.Tenant, linkId, cancellation) : null;
        if (row is null) throw new NotInLakeException($"there is no link '{linkId}' in this lake, or it is another tenant's");
        if (row.HasExpired(lake.NowNs))
            throw new LinkClosedException(string.Create(CultureInfo.InvariantCulture, $"the link '{linkId}' expired on {DateTime.UnixEpoch.AddTicks(row.ExpiresNs!.Value / TimeSpan.NanosecondsPerTick):yyyy-MM-dd HH:mm} UTC"));
        return row.IsEmpty ? throw new LinkClosedException($"what the link '{linkId}' showed is gone: it was erased, or the time for which it is kept is over") : row;
    }

    /// <summary>An address without the parameter that names a frozen link, and that.</summary>
    static (string Address, string? Link) Without(string address)
    {
        var (path, parameters) = address.IndexOf('?') is >= 0 and var at ? (address[..at], address[(at + 1)..].Split('&')) : (address, []);
        const string Prefix = Parameter + "=";
        var others = parameters.Where(parameter => !parameter.StartsWith(Prefix, StringComparison.Ordinal)).ToArray();
        return (others.Length == 0 ? path : $"{path}?{string.Join('&', others)}", parameters.FirstOrDefault(parameter => parameter.StartsWith(Prefix, StringComparison.Ordinal))?[Prefix.Length..]);
    }

    /// <summary>The list of processes, a page of one, or a query. No spaces or other characters that addresses escape.</summary>
    [GeneratedRegex(@"^/(query|process/(?<process>[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12})(/[a-z]+)?)?(\?[!-~]*)?$", RegexOptions.ExplicitCapture)]
    private static partial Regex Page();
}

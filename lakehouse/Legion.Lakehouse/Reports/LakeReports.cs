using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>The reports of a tenant: notebooks with their outputs, as pages that whoever may read opens in the viewer.</summary>
public sealed partial class LakeReports(Lake lake)
{
    /// <summary>Most bytes of a page. A chart of a hundred million spans is half a megabyte, the library of charts one and a half.</summary>
    public const int MostBytes = 16 << 20;

    /// <summary>Most processes that a page may name: each is looked up as it is published.</summary>
    const int MostProcesses = 10_000;

    /// <summary>Longer than anybody keeps a report that is to end.</summary>
    static readonly TimeSpan longest = TimeSpan.FromDays(3660);

    /// <summary>Publishes a page.</summary>
    /// <param name="title">Null: what the page says.</param>
    /// <param name="timeToLive">After this it opens nothing; null: it stays.</param>
    /// <param name="by">Who publishes it.</param>
    /// <param name="read">Says whether it is a report.</param>
    /// <exception cref="FormatException">The page is no report, the time is none, or it shows what was erased.</exception>
    /// <exception cref="ReportTooLargeException">The page is too large.</exception>
    public async Task<ReportRow> PublishAsync(ReadOnlyMemory<byte> html, string? title, TimeSpan? timeToLive, string by, ReportReader read, CancellationToken cancellation = default)
    {
        if (html.Length > MostBytes) throw TooLarge(html.Length);
        if (timeToLive is { } time && (time <= TimeSpan.Zero || time > longest)) throw new FormatException($"expected a report to open for a time up to {longest.TotalDays:0} days, saw {time.TotalDays:0.##}");
        var content = read(html);
        var named = ProcessesIn(html.Span);
        var nowNs = lake.NowNs;
        var key = StoreNames.ReportObject(new ReportObjectName((int)(nowNs / (TimeSpan.NanosecondsPerTick * TimeSpan.TicksPerDay)), lake.Tenant, Guid.CreateVersion7(DateTimeOffset.UnixEpoch.AddTicks(nowNs / TimeSpan.NanosecondsPerTick))));
        var row = new ReportRow(ReportRow.NewId(), OneLine(title is { Length: > 0 } ? title : content.Title), nowNs, by, timeToLive is { } left ? nowNs + left.Ticks * TimeSpan.NanosecondsPerTick : null,
            key, html.Length, Convert.ToHexStringLower(SHA256.HashData(html.Span)), string.Join(' ', content.Scripts));
        if (!ReportRow.AreScripts(row.Scripts)) throw new FormatException("expected scripts by their hashes, saw something else");
        if (!await lake.Store.Objects.PutAsync(key, [html], cancellation)) throw new StoreUnavailableException($"cannot put object '{key}': the key is taken");
        var outcome = await lake.Store.Catalog.AddReportAsync(lake.Tenant, row, named, cancellation);
        if (outcome == ReportOutcome.Added) return row;
        await lake.Store.Objects.DeleteAsync(key, cancellation);
        throw outcome == ReportOutcome.Erased
            ? new FormatException("the report shows a process that was erased; run its notebook again and publish what it shows now")
            : new StoreUnavailableException("the report took too long to be published; publish it again");
    }

    /// <param name="search">Of these stands in the title or the name of who published it, whatever the case; empty: all.</param>
    /// <returns>Those that open, newest first.</returns>
    public async Task<IReadOnlyList<ReportRow>> ListAsync(string search, CancellationToken cancellation = default) =>
    [
        .. (await lake.Store.Catalog.ReadReportsAsync(lake.Tenant, cancellation)).Where(report => !report.HasExpired(lake.NowNs)
            && (report.Title.Contains(search, StringComparison.OrdinalIgnoreCase) || report.CreatedBy.Contains(search, StringComparison.OrdinalIgnoreCase))),
    ];

    /// <summary>The report of an id.</summary>
    /// <exception cref="NotInLakeException">There is none.</exception>
    /// <exception cref="ReportClosedException">It has expired, was removed, or what it showed is gone.</exception>
    public async Task<ReportRow> OpenAsync(string reportId, CancellationToken cancellation = default)
    {
        var row = ReportRow.IsId(reportId) ? await lake.Store.Catalog.FindReportAsync(lake.Tenant, reportId, cancellation) : null;
        if (row is null) throw new NotInLakeException($"there is no report '{reportId}' in this lake, or it is another tenant's");
        if (row.IsEmpty) throw new ReportClosedException($"the report '{reportId}' is gone: it was removed, what it showed was erased, or the time for which it is kept is over");
        return !row.HasExpired(lake.NowNs) ? row
            : throw new ReportClosedException(string.Create(CultureInfo.InvariantCulture, $"the report '{reportId}' expired on {DateTime.UnixEpoch.AddTicks(row.ExpiresNs!.Value / TimeSpan.NanosecondsPerTick):yyyy-MM-dd HH:mm} UTC"));
    }

    /// <summary>The page of a report.</summary>
    /// <exception cref="InvalidDataException">The object is another one than was published.</exception>
    /// <exception cref="ReportClosedException">The report went meanwhile.</exception>
    public async Task<ReadOnlyMemory<byte>> ReadAsync(ReportRow report, CancellationToken cancellation = default)
    {
        try
        {
            return await ReadAsync(lake.Store.Objects, report, cancellation);
        }
        catch (Exception cause) when (cause is FileNotFoundException or EndOfStreamException)
        {
            await OpenAsync(report.ReportId, cancellation);
            throw new InvalidDataException($"cannot read the report '{report.ReportId}': {cause.Message}", cause);
        }
    }

    /// <summary>Takes a report away for good.</summary>
    /// <exception cref="NotInLakeException">There is none.</exception>
    /// <exception cref="ReportClosedException">It is gone already.</exception>
    public async Task RemoveAsync(string reportId, CancellationToken cancellation = default)
    {
        await OpenAsync(reportId, cancellation);
        await lake.Store.Catalog.EmptyReportAsync(lake.Tenant, reportId, lake.NowNs, cancellation);
        await new DoomedObjects(lake.Store, lake.Tenant).DeleteAsync(null, cancellation);
    }

    public static ReportTooLargeException TooLarge(long bytes) => new(string.Create(CultureInfo.InvariantCulture, $"expected a report of at most {MostBytes:N0} bytes, saw {bytes:N0}; show less in its charts and tables"));

    /// <exception cref="FileNotFoundException">The object is not there.</exception>
    /// <exception cref="EndOfStreamException">Not all of it.</exception>
    /// <exception cref="InvalidDataException">It is another one than was published.</exception>
    internal static async Task<byte[]> ReadAsync(IObjectStore objects, ReportRow report, CancellationToken cancellation)
    {
        var bytes = await objects.ReadAsync(report.ObjectKey, 0, report.Bytes, cancellation);
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes));
        return sha256 == report.Sha256 ? bytes : throw new InvalidDataException($"cannot show the report '{report.ReportId}': expected content of hash {report.Sha256}, saw {sha256}");
    }

    static string OneLine(string title)
    {
        var line = string.Join(' ', new string([.. title.Select(letter => char.IsControl(letter) ? ' ' : letter)]).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= ReportRow.MostTitleLength ? line : line[..(ReportRow.MostTitleLength - (char.IsHighSurrogate(line[ReportRow.MostTitleLength - 1]) ? 1 : 0))];
    }

    /// <summary>Ids that stand in a page as text: they may be of processes.</summary>
    static HashSet<Guid> ProcessesIn(ReadOnlySpan<byte> html)
    {
        var text = Encoding.UTF8.GetString(html);
        var found = new HashSet<Guid>();
        foreach (var match in Id().EnumerateMatches(text))
            if (found.Add(Guid.ParseExact(text.AsSpan(match.Index, match.Length), "D")) && found.Count > MostProcesses)
                throw new FormatException($"expected a report that names at most {MostProcesses} processes, saw more");
        return found;
    }

    [GeneratedRegex("[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}", RegexOptions.ExplicitCapture)]
    private static partial Regex Id();
}

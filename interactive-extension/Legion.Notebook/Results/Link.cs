using System.Globalization;
using System.Net;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Store;

namespace Legion.Notebook;

/// <summary>A short address at which a viewer shows the same view.</summary>
[TypeFormatterSource(typeof(DisplayFormatters), PreferredMimeTypes = [MimeType.Html, MimeType.Plain])]
public sealed record Link : IDisplayForms
{
    internal Link(Uri viewer, LinkRow row)
    {
        Address = new Uri(viewer, LinkRow.Path + row.LinkId);
        Page = new Uri(viewer, row.Address);
        IsFrozen = row.Version is not null;
        Expires = row.ExpiresNs is { } ns ? DateTime.UnixEpoch.AddTicks(ns / TimeSpan.NanosecondsPerTick) : null;
    }

    public Uri Address { get; }

    /// <summary>The page that it leads to.</summary>
    public Uri Page { get; }

    /// <summary>Whether it shows what was there when it was made, whatever comes later.</summary>
    public bool IsFrozen { get; }

    /// <summary>When it stops opening, UTC; null: never.</summary>
    public DateTime? Expires { get; }

    /// <summary>Of a view: a log's page for a log, that of metrics for an explorer of them, otherwise the timeline, each at the time that it shows; of a flame chart as it is laid out.</summary>
    internal static Uri PageOf(Uri viewer, Guid process, object? view)
    {
        if (view is MetricExplorer explorer)
            return explorer.LinkIn(viewer);
        var page = view is LogView ? "logs" : "timeline";
        var time = MagicTimes.Selected(view) is { } range ? string.Create(CultureInfo.InvariantCulture, $"?from={range.BeginNs}&to={range.EndNs}") : "";
        return new Uri(viewer, $"/process/{process}/{page}{time}{(time.Length > 0 && view is FlameView flame ? flame.LinkOptions() : "")}");
    }

    /// <summary>The version of the process that a view was read from; null where it does not say.</summary>
    internal static long? VersionOf(Guid process, object? view) =>
        ReceiptOf(view) is { Snapshot: { } snapshot } && QuerySnapshot.Parse(snapshot).Processes.TryGetValue(process, out var version) ? version : null;

    static Receipt? ReceiptOf(object? view) => view switch
    {
        FlameView flame => flame.Receipt,
        LogView log => log.Receipt,
        MetricExplorer explorer => explorer.Receipt,
        _ => null,
    };

    public override string ToString() => Address.AbsoluteUri + Note();

    string Note() => (IsFrozen, Expires) switch
    {
        (false, null) => "",
        (true, null) => " (frozen)",
        (var frozen, { } time) => string.Create(CultureInfo.InvariantCulture, $" ({(frozen ? "frozen; " : "")}opens until {time:yyyy-MM-dd HH:mm} UTC)"),
    };

    string? IDisplayForms.Form(string mimeType) => mimeType switch
    {
        MimeType.Html => $"<a href=\"{WebUtility.HtmlEncode(Address.AbsoluteUri)}\" target=\"_blank\" rel=\"noopener noreferrer\">{WebUtility.HtmlEncode(Address.AbsoluteUri)}</a>{WebUtility.HtmlEncode(Note())}",
        MimeType.Plain => ToString(),
        _ => null,
    };
}

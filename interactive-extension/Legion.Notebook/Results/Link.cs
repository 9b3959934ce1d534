using System.Globalization;
using System.Net;

namespace Legion.Notebook;

/// <summary>An address at which a viewer shows the same view.</summary>
[TypeFormatterSource(typeof(DisplayFormatters), PreferredMimeTypes = [MimeType.Html, MimeType.Plain])]
public sealed record Link(Uri Address) : IDisplayForms
{
    /// <summary>Of a view: a log's page for a log, that of metrics for an explorer of them, otherwise the timeline, each at the time that it shows; of a flame chart as it is laid out.</summary>
    internal static Link Of(Uri viewer, Guid process, object? view)
    {
        if (view is MetricExplorer explorer)
            return new(explorer.LinkIn(viewer));
        var page = view is LogView ? "logs" : "timeline";
        var time = MagicTimes.Selected(view) is { } range ? string.Create(CultureInfo.InvariantCulture, $"?from={range.BeginNs}&to={range.EndNs}") : "";
        return new(new Uri(viewer, $"/process/{process}/{page}{time}{(time.Length > 0 && view is FlameView flame ? flame.LinkOptions() : "")}"));
    }

    public override string ToString() => Address.AbsoluteUri;

    string? IDisplayForms.Form(string mimeType) => mimeType switch
    {
        MimeType.Html => $"<a href=\"{WebUtility.HtmlEncode(Address.AbsoluteUri)}\" target=\"_blank\" rel=\"noopener noreferrer\">{WebUtility.HtmlEncode(Address.AbsoluteUri)}</a>",
        MimeType.Plain => ToString(),
        _ => null,
    };
}

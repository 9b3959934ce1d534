using System.Collections;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Legion.Lakehouse.Sql;
using Legion.Lakehouse.Timeline;
using Microsoft.Data.Analysis;

namespace Legion.Notebook;

/// <summary>
/// The metrics of a process, the program's own first, and some of them over time. In its live cell others are chosen and a time is selected;
/// both are here, too.
/// </summary>
[TypeFormatterSource(typeof(DisplayFormatters), PreferredMimeTypes = [MimeType.Cell, MimeType.Html, MimeType.Plain])]
public sealed class MetricExplorer : IReadOnlyList<SeriesSummary>, IDisplayForms, ILiveResult
{
    /// <summary>Of the table that stands where no script runs, beside an image.</summary>
    const int MostTableCharacters = 40_000;

    readonly SeriesValues _values;
    readonly MetricCell _report;
    readonly MetricCell _saved;
    readonly MetricQuestions _questions;
    readonly IReadOnlyList<string> _first;
    readonly TimeRange _shown;
    readonly TimeRange _bounds;
    readonly Uri? _viewer;

    // A reference, so that whoever reads it has begin, end and names of the same selection.
    volatile Picked? _picked;

    sealed record Picked(TimeRange? Range, IReadOnlyList<string> Names);

    /// <param name="report">For where nobody can be asked for more.</param>
    /// <param name="saved">Less, for what is saved with a notebook.</param>
    /// <param name="first">Names of those that are drawn until somebody chooses.</param>
    /// <param name="range">The view.</param>
    /// <param name="bounds">The time of the process.</param>
    internal MetricExplorer(Guid process, SeriesValues values, MetricCell report, MetricCell saved, MetricQuestions questions, IReadOnlyList<string> first, TimeRange range, TimeRange bounds, Uri? viewer)
    {
        Process = process;
        _values = values;
        _report = report;
        _saved = saved;
        _questions = questions;
        _first = first;
        _shown = range;
        _bounds = bounds;
        _viewer = viewer;
    }

    Picked? Selected
    {
        get
        {
            SelectionReads.Add(this);
            return _picked;
        }
    }

    public Guid Process { get; }

    public int Count => _values.Series.Count;

    public SeriesSummary this[int index] => _values.Series[index];

    /// <summary>Names of the series that are drawn: those that were chosen in the cell, or else the first few.</summary>
    public IReadOnlyList<string> Names => Selected?.Names ?? _first;

    /// <summary>The time that is selected in the cell; as long as none is, the time that was asked for.</summary>
    public TimeRange Selection => Selected?.Range ?? _shown;

    public long BeginNs => Selection.BeginNs;

    public long EndNs => Selection.EndNs;

    public DateTime Begin => Selection.Begin;

    public DateTime End => Selection.End;

    /// <summary>The same series in the viewer, at the time that is selected; null where the lake was connected without one.</summary>
    public Uri? Link => _viewer is null ? null : LinkIn(_viewer);

    public Receipt Receipt => _values.Receipt;

    /// <summary>A row for each series.</summary>
    public DataFrame ToDataFrame() => new(
        new StringDataFrameColumn("name", this.Select(one => one.Series.Name)),
        new StringDataFrameColumn("unit", this.Select(one => one.Series.Unit)),
        new StringDataFrameColumn("kind", this.Select(one => one.Series.Kind)),
        new Int64DataFrameColumn("samples", this.Select(one => one.Series.Samples)),
        new DoubleDataFrameColumn("least", this.Select(one => one.Least)),
        new DoubleDataFrameColumn("greatest", this.Select(one => one.Greatest)),
        new DoubleDataFrameColumn("last", this.Select(one => one.Last)),
        new DoubleDataFrameColumn("sum", this.Select(one => one.Sum)));

    public IEnumerator<SeriesSummary> GetEnumerator() => _values.Series.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => Table().ToString();

    string? IDisplayForms.Form(string mimeType) => mimeType switch
    {
        MimeType.Cell => _report.ToJson("embedded", Process, [.. _first.Where(name => _report.Window.Series.Any(series => series.Name == name))], _shown, _bounds, Link, Note()),
        MimeType.Html => Html(),
        MimeType.Plain => ToString(),
        _ => null,
    };

    string ILiveResult.AskingCell() => _saved.ToJson("comm", Process, _first, _shown, _bounds, Link, Note());

    void ILiveResult.Select(JsonElement selection) => _picked = selection.ValueKind == JsonValueKind.Null ? null : Read(new(selection));

    Task<LiveAnswer> ILiveResult.AnswerAsync(JsonElement question, CancellationToken cancel) => _questions.AnswerAsync(new(question), cancel);

    internal Uri LinkIn(Uri viewer)
    {
        // Whoever shows the explorer has not used what is selected in it.
        var (range, names) = (_picked?.Range ?? _shown, _picked?.Names ?? _first);
        var link = new StringBuilder();
        link.Append(CultureInfo.InvariantCulture, $"/process/{Process}/metrics?from={range.BeginNs}&to={range.EndNs}");
        foreach (var name in names)
            link.Append("&series=").Append(Uri.EscapeDataString(name));
        return new(viewer, link.ToString());
    }

    static Picked Read(CellMessage selection)
    {
        var names = selection.Texts("names", ProcessTimeline.MostNames);
        if (!selection.Has("begin_ns"))
            return new(null, names);
        var range = new TimeRange(selection.Long("begin_ns"), selection.Long("end_ns"));
        return range.BeginNs <= range.EndNs ? new(range, names) : throw new FormatException($"expected a selection that ends after its begin, saw {range.BeginNs} to {range.EndNs}");
    }

    string Note() => string.Create(CultureInfo.InvariantCulture, $"{Count:N0} metrics{(_values.HasMore ? ", and more that are not listed" : "")}; ") + ReceiptText.OfCost(Receipt);

    string Html()
    {
        var html = new StringBuilder();
        if (_saved.Window.Series.Count > 0)
            html.Append("<img alt=\"").Append(WebUtility.HtmlEncode($"metrics of {Process}, {_shown}")).Append("\" src=\"data:image/svg+xml;base64,")
                .Append(Convert.ToBase64String(Encoding.UTF8.GetBytes(SeriesImage.Draw(_saved.Window, _first, _shown)))).Append("\">");
        html.Append(Table().ToHtml());
        if (Link is { } link)
            html.Append("<p><a href=\"").Append(WebUtility.HtmlEncode(link.AbsoluteUri)).Append("\">open in the viewer</a></p>");
        return html.ToString();
    }

    TableText Table()
    {
        var rows = this.Select(one => new[]
        {
            one.Series.Name, one.Series.Unit, one.Series.Kind, one.Series.Samples.ToString("N0", CultureInfo.InvariantCulture), Number(one.Least), Number(one.Greatest), Number(one.Last),
            one.Series.Kind == "count" ? Number(one.Sum) : "",
        }).ToList();
        var characters = 0;
        var shown = rows.TakeWhile(row => (characters += 60 + row.Sum(cell => WebUtility.HtmlEncode(cell).Length)) <= MostTableCharacters).Count();
        return new([new("metric"), new("unit"), new("kind"), new("samples", true), new("least", true), new("greatest", true), new("last", true), new("sum", true)], rows,
            shown < Count ? string.Create(CultureInfo.InvariantCulture, $"the first {shown:N0} of {Note()}") : Note())
        {
            ShownRows = shown,
        };
    }

    static string Number(double value) => double.IsNaN(value) ? "" : value.ToString("G5", CultureInfo.InvariantCulture);
}

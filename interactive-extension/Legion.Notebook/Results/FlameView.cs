using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Lakehouse.Tiles;
using Legion.Lakehouse.Timeline;

namespace Legion.Notebook;

/// <summary>Spans of a process as a flame chart. What is selected in its live cell is selected here.</summary>
[TypeFormatterSource(typeof(DisplayFormatters), PreferredMimeTypes = [MimeType.Cell, MimeType.Html, MimeType.Plain])]
public sealed class FlameView : IDisplayForms, ILiveResult
{
    // Deeper call paths are not told apart.
    const int MostPathNames = 300;

    readonly FlameCell _report;
    readonly FlameCell _saved;
    readonly FlameTimeline _timeline;
    readonly FlameMerged _merged;
    readonly FlameQuestions _questions;
    readonly TimeRange _shown;
    readonly long _spans;
    readonly FlameQuery _query;

    // A reference, so that whoever reads it has begin and end of the same selection.
    volatile Picked? _picked;

    sealed record Picked(TimeRange Range, SelectedSpan? Span, SelectedAsyncSpan? Async, SelectedPath? Path);

    /// <param name="report">For where nobody can be asked for more.</param>
    /// <param name="saved">Less, for what is saved with a notebook.</param>
    /// <param name="range">The view.</param>
    internal FlameView(FlameCell report, FlameCell saved, FlameTimeline timeline, FlameMerged merged, FlameQuestions questions, TimeRange range, long spans, FlameQuery query, Uri? viewer, Receipt receipt)
    {
        _report = report;
        _saved = saved;
        _timeline = timeline;
        _merged = merged;
        _questions = questions;
        _spans = spans;
        _query = query;
        _shown = range;
        Receipt = receipt;
        if (viewer is not null)
            Link = new Uri(viewer, string.Create(CultureInfo.InvariantCulture, $"/process/{Process}/timeline?from={range.BeginNs}&to={range.EndNs}{LinkOptions()}"));
    }

    public Guid Process => _report.Tiles.Manifest.ProcessId;

    Picked? Selected
    {
        get
        {
            SelectionReads.Add(this);
            return _picked;
        }
    }

    /// <summary>The time that is selected in the cell, of a span or of a range, or the one of which the selected frame has merged spans; as long as nothing is, the time that was asked for.</summary>
    public TimeRange Selection => Selected?.Range ?? _shown;

    /// <summary>The span of a thread that is selected in the cell; null where none is, or a frame that merges many.</summary>
    public SelectedSpan? SelectedSpan => Selected?.Span;

    /// <summary>The async span that is selected in the cell; null where none is.</summary>
    public SelectedAsyncSpan? SelectedAsyncSpan => Selected?.Async;

    /// <summary>The call path of the frame that is selected in the cell while it merges spans; null otherwise.</summary>
    public SelectedPath? SelectedPath => Selected?.Path;

    /// <summary>How it lays spans out at first.</summary>
    public FlameMode Mode => _merged.Mode;

    /// <summary>The function in the middle of a sandwich at first; null in other modes.</summary>
    public string? Function => _merged.Function;

    public long BeginNs => Selection.BeginNs;

    public long EndNs => Selection.EndNs;

    public DateTime Begin => Selection.Begin;

    public DateTime End => Selection.End;

    /// <summary>The same view in the viewer; null where the lake was connected without one.</summary>
    public Uri? Link { get; }

    public Receipt Receipt { get; }

    /// <summary>Names of the threads that it shows.</summary>
    public IReadOnlyList<string> Threads => _report.Tiles.Manifest.Groups.SelectMany(group => group.Streams).Select(stream => stream.Name).ToList();

    /// <summary>Names of the counters that it shows above the threads, those of frames first.</summary>
    public IReadOnlyList<string> Counters => _timeline.Counters;

    public override string ToString() => $"flame chart of {Process}\n{_shown}\nthreads {string.Join(", ", Threads)}\n{CountersLine()}{_merged}{Cost()}";

    string? IDisplayForms.Form(string mimeType) => mimeType switch
    {
        MimeType.Cell => Cell("embedded", _report),
        MimeType.Html => Html(),
        MimeType.Plain => ToString(),
        _ => null,
    };

    string ILiveResult.AskingCell() => Cell("comm", _saved);

    void ILiveResult.Select(JsonElement selection) => _picked = selection.ValueKind == JsonValueKind.Null ? null : Read(new(selection));

    Task<LiveAnswer> ILiveResult.AnswerAsync(JsonElement question, CancellationToken cancel) => _questions.AnswerAsync(new(question), cancel);

    static Picked Read(CellMessage selection)
    {
        var range = new TimeRange(selection.Long("begin_ns"), selection.Long("end_ns"));
        if (range.EndNs < range.BeginNs)
            throw new FormatException($"expected a selection that ends after its begin, saw {range.BeginNs} to {range.EndNs}");
        if (selection.Has("path") && selection.Texts("path", MostPathNames) is { Count: > 0 } path)
            return new(range, null, null, new(path, selection.Has("stream_id") ? selection.Id("stream_id") : null));
        if (!selection.Has("span_id"))
            return new(range, null, null, null);
        return selection.Text("stream_id") == ProcessSpans.AsyncStream
            ? new(range, null, new(selection.Unsigned("span_id"), selection.Text("name"), range), null)
            : new(range, new(selection.Id("stream_id"), selection.Long("span_id"), selection.Text("name"), range), null, null);
    }

    string Cost() => string.Create(CultureInfo.InvariantCulture, $"{_spans:N0} spans as {_report.Tiles.Tiles.Count} tiles of {_report.Tiles.Bytes / 1e3:N0} kB{AsyncCount()}; ") + ReceiptText.OfCost(Receipt, _report.Tiles.Level);

    string AsyncCount() => _report.Timeline.Async is { Spans.Count: > 0 } window ? string.Create(CultureInfo.InvariantCulture, $", {window.Spans.Sum(span => span.Count):N0} async spans") : "";

    string CountersLine() => Counters.Count == 0 ? "" : $"counters {string.Join(", ", Counters)}{(_timeline.LeftOut > 0 ? $", and {_timeline.LeftOut} more that match" : "")}\n";

    /// <summary>What the address of the same view has beside its time.</summary>
    internal string LinkOptions()
    {
        var options = new StringBuilder();
        if (_query.Counters is not null)
            foreach (var name in Counters)
                options.Append("&counter=").Append(Uri.EscapeDataString(name));
        if (Mode != FlameMode.Timeline)
            options.Append("&mode=").Append(Mode.Word());
        if (Function is not null)
            options.Append("&function=").Append(Uri.EscapeDataString(Function));
        if (_query.Color != FlameColor.Name)
            options.Append("&color=").Append(ColorWord());
        return options.ToString();
    }

    string ColorWord() => _query.Color.ToString().ToLowerInvariant();

    string Html()
    {
        var svg = _merged.Shown is { } merged ? MergedImage.Draw(merged, _query.Color) : FlameImage.Draw(_report, _shown, _query.Color);
        var html = new StringBuilder("<img alt=\"").Append(WebUtility.HtmlEncode($"flame chart of {Process}, {_shown}")).Append("\" src=\"data:image/svg+xml;base64,")
            .Append(Convert.ToBase64String(Encoding.UTF8.GetBytes(svg))).Append("\"><p>").Append(WebUtility.HtmlEncode(Cost()));
        if (Link is not null)
            html.Append(" <a href=\"").Append(WebUtility.HtmlEncode(Link.AbsoluteUri)).Append("\">open in the viewer</a>");
        return html.Append("</p>").ToString();
    }

    string Cell(string source, FlameCell cell)
    {
        var tiles = cell.Tiles;
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("module", "flame");
            json.WriteStartObject("model");
            json.WritePropertyName("manifest");
            tiles.Manifest.WriteTo(json);
            json.WriteStartObject("view");
            json.WriteString("begin_ns", _shown.BeginNs.ToString(CultureInfo.InvariantCulture));
            json.WriteString("end_ns", _shown.EndNs.ToString(CultureInfo.InvariantCulture));
            json.WriteEndObject();
            json.WriteStartObject("source");
            json.WriteString("kind", source);
            json.WriteStartObject("tiles");
            foreach (var (name, tile) in tiles.Tiles)
                json.WriteBase64String(name, tile.Span);
            json.WriteEndObject();
            json.WriteEndObject();
            if (Link is not null)
                json.WriteString("link", Link.AbsoluteUri);
            if (_query.HeightPixels is { } height)
                json.WriteNumber("height", height);
            json.WriteString("color", ColorWord());
            json.WriteString("mode", Mode.Word());
            if (Function is not null)
                json.WriteString("function", Function);
            if (cell.Merged.Length > 0)
            {
                json.WritePropertyName("merged");
                json.WriteRawValue(cell.Merged.Span);
            }
            json.WritePropertyName("timeline");
            json.WriteRawValue(cell.Timeline.Json.Span);
            json.WriteEndObject();
            json.WriteString("note", Cost());
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}

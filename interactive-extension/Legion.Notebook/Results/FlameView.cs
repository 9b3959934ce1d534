using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Lakehouse.Tiles;

namespace Legion.Notebook;

/// <summary>Spans of a process as a flame chart. What is selected in its live cell is selected here.</summary>
[TypeFormatterSource(typeof(DisplayFormatters), PreferredMimeTypes = [MimeType.Cell, MimeType.Html, MimeType.Plain])]
public sealed class FlameView : IDisplayForms, ILiveResult
{
    readonly TileSet _tiles;
    readonly TileSet _savedTiles;
    readonly FlameQuestions _questions;
    readonly TimeRange _shown;
    readonly long _spans;
    readonly int? _heightPixels;

    // A reference, so that whoever reads it has begin and end of the same selection.
    volatile Picked? _picked;

    sealed record Picked(TimeRange Range, SelectedSpan? Span);

    /// <param name="tiles">For where nobody can be asked for more.</param>
    /// <param name="savedTiles">Fewer, for what is saved with a notebook.</param>
    /// <param name="range">The view.</param>
    internal FlameView(TileSet tiles, TileSet savedTiles, FlameQuestions questions, TimeRange range, long spans, int? heightPixels, Uri? viewer, Receipt receipt)
    {
        _tiles = tiles;
        _savedTiles = savedTiles;
        _questions = questions;
        _spans = spans;
        _heightPixels = heightPixels;
        _shown = range;
        Receipt = receipt;
        if (viewer is not null)
            Link = new Uri(viewer, string.Create(CultureInfo.InvariantCulture, $"/process/{Process}/timeline?from={range.BeginNs}&to={range.EndNs}"));
    }

    public Guid Process => _tiles.Manifest.ProcessId;

    /// <summary>The time that is selected in the cell, of a span or of a range; as long as nothing is, the time that was asked for.</summary>
    public TimeRange Selection => _picked?.Range ?? _shown;

    /// <summary>The span that is selected in the cell; null where none is.</summary>
    public SelectedSpan? SelectedSpan => _picked?.Span;

    public long BeginNs => Selection.BeginNs;

    public long EndNs => Selection.EndNs;

    public DateTime Begin => Selection.Begin;

    public DateTime End => Selection.End;

    /// <summary>The same view in the viewer; null where the lake was connected without one.</summary>
    public Uri? Link { get; }

    public Receipt Receipt { get; }

    /// <summary>Names of the threads that it shows.</summary>
    public IReadOnlyList<string> Threads => _tiles.Manifest.Groups.SelectMany(group => group.Streams).Select(stream => stream.Name).ToList();

    public override string ToString() => $"flame chart of {Process}\n{_shown}\nthreads {string.Join(", ", Threads)}\n{Cost()}";

    string? IDisplayForms.Form(string mimeType) => mimeType switch
    {
        MimeType.Cell => Cell("embedded", _tiles),
        MimeType.Html => Html(),
        MimeType.Plain => ToString(),
        _ => null,
    };

    string ILiveResult.AskingCell() => Cell("comm", _savedTiles);

    void ILiveResult.Select(JsonElement selection) => _picked = selection.ValueKind == JsonValueKind.Null ? null : Read(new(selection));

    Task<LiveAnswer> ILiveResult.AnswerAsync(JsonElement question, CancellationToken cancel) => _questions.AnswerAsync(new(question), cancel);

    static Picked Read(CellMessage selection)
    {
        var range = new TimeRange(selection.Long("begin_ns"), selection.Long("end_ns"));
        if (range.EndNs < range.BeginNs)
            throw new FormatException($"expected a selection that ends after its begin, saw {range.BeginNs} to {range.EndNs}");
        return new(range, selection.Has("span_id") ? new(selection.Id("stream_id"), selection.Long("span_id"), selection.Text("name"), range) : null);
    }

    string Cost() => string.Create(CultureInfo.InvariantCulture, $"{_spans:N0} spans as {_tiles.Tiles.Count} tiles of {_tiles.Bytes / 1e3:N0} kB; ") + ReceiptText.OfCost(Receipt, _tiles.Level);

    string Html()
    {
        var svg = FlameImage.Draw(_tiles, _shown);
        var html = new StringBuilder("<img alt=\"").Append(WebUtility.HtmlEncode($"flame chart of {Process}, {_shown}")).Append("\" src=\"data:image/svg+xml;base64,")
            .Append(Convert.ToBase64String(Encoding.UTF8.GetBytes(svg))).Append("\"><p>").Append(WebUtility.HtmlEncode(Cost()));
        if (Link is not null)
            html.Append(" <a href=\"").Append(WebUtility.HtmlEncode(Link.AbsoluteUri)).Append("\">open in the viewer</a>");
        return html.Append("</p>").ToString();
    }

    string Cell(string source, TileSet tiles)
    {
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
            if (_heightPixels is { } height)
                json.WriteNumber("height", height);
            json.WriteEndObject();
            json.WriteString("note", Cost());
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}

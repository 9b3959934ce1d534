using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Lakehouse.Tiles;

namespace Legion.Notebook;

/// <summary>Spans of a process as a flame chart, with the tiles it is drawn from.</summary>
[TypeFormatterSource(typeof(DisplayFormatters), PreferredMimeTypes = [MimeType.Cell, MimeType.Html, MimeType.Plain])]
public sealed class FlameView : IDisplayForms
{
    readonly TileSet _tiles;
    readonly long _spans;
    readonly int? _heightPixels;

    internal FlameView(TileSet tiles, TimeRange range, long spans, int? heightPixels, Uri? viewer, Receipt receipt)
    {
        _tiles = tiles;
        _spans = spans;
        _heightPixels = heightPixels;
        Selection = range;
        Receipt = receipt;
        if (viewer is not null)
            Link = new Uri(viewer, string.Create(CultureInfo.InvariantCulture, $"/process/{Process}/timeline?from={BeginNs}&to={EndNs}"));
    }

    public Guid Process => _tiles.Manifest.ProcessId;

    /// <summary>The time that is shown.</summary>
    public TimeRange Selection { get; }

    public long BeginNs => Selection.BeginNs;

    public long EndNs => Selection.EndNs;

    public DateTime Begin => Selection.Begin;

    public DateTime End => Selection.End;

    /// <summary>The same view in the viewer; null where the lake was connected without one.</summary>
    public Uri? Link { get; }

    public Receipt Receipt { get; }

    /// <summary>Names of the threads that it shows.</summary>
    public IReadOnlyList<string> Threads => _tiles.Manifest.Groups.SelectMany(group => group.Streams).Select(stream => stream.Name).ToList();

    public override string ToString() => $"flame chart of {Process}\n{Selection}\nthreads {string.Join(", ", Threads)}\n{Cost()}";

    string? IDisplayForms.Form(string mimeType) => mimeType switch
    {
        MimeType.Cell => Cell(),
        MimeType.Html => Html(),
        MimeType.Plain => ToString(),
        _ => null,
    };

    string Cost() => string.Create(CultureInfo.InvariantCulture, $"{_spans:N0} spans as {_tiles.Tiles.Count} tiles of {_tiles.Bytes / 1e3:N0} kB; ") + ReceiptText.OfCost(Receipt, _tiles.Level);

    string Html()
    {
        var svg = FlameImage.Draw(_tiles, Selection);
        var html = new StringBuilder("<img alt=\"").Append(WebUtility.HtmlEncode($"flame chart of {Process}, {Selection}")).Append("\" src=\"data:image/svg+xml;base64,")
            .Append(Convert.ToBase64String(Encoding.UTF8.GetBytes(svg))).Append("\"><p>").Append(WebUtility.HtmlEncode(Cost()));
        if (Link is not null)
            html.Append(" <a href=\"").Append(WebUtility.HtmlEncode(Link.AbsoluteUri)).Append("\">open in the viewer</a>");
        return html.Append("</p>").ToString();
    }

    string Cell()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("module", "flame");
            json.WriteStartObject("model");
            json.WritePropertyName("manifest");
            _tiles.Manifest.WriteTo(json);
            json.WriteStartObject("view");
            json.WriteString("begin_ns", BeginNs.ToString(CultureInfo.InvariantCulture));
            json.WriteString("end_ns", EndNs.ToString(CultureInfo.InvariantCulture));
            json.WriteEndObject();
            json.WriteStartObject("source");
            json.WriteString("kind", "embedded");
            json.WriteStartObject("tiles");
            foreach (var (name, tile) in _tiles.Tiles)
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

using System.Globalization;
using System.Net;
using System.Text;
using Legion.Lakehouse.Tiles;
using Legion.Lakehouse.Timeline;

namespace Legion.Notebook;

/// <summary>
/// A flame chart as one SVG image, for where no script runs. It is drawn from the same tiles as the live cell;
/// what lies within one pixel is one rectangle, so that its size has a limit.
/// </summary>
static class FlameImage
{
    /// <summary>As base64 this stays below 200 KB, the most that a fallback may weigh in a notebook.</summary>
    public const int MostBytes = 140_000;

    public const int WidthPixels = 1000;
    public const int RowPixels = 14;
    public const int HeaderPixels = 20;

    // Deeper rows are in the live cell; an image that is scrolled through shows nothing at a glance.
    public const int MostRows = 24;

    // About three letters and dots.
    public const int LabelPixels = 36;
    const double LetterPixels = 6.2;

    static readonly string[] Colors = ["#8fb8de", "#a3d9a5", "#f2c38b", "#d9a7c7", "#b5b0e0", "#8fd3d1", "#e8a598", "#c9d68a"];

    /// <summary>As the viewer's, from a microsecond to ten seconds: one for each half of a power of ten.</summary>
    static readonly string[] DurationColors =
    [
        "#9ac7ff", "#88cdfb", "#7ad2f0", "#72d6e2", "#74d8d1", "#7fd9be", "#90d7ab", "#a4d499", "#b8cf8a", "#cbc97f", "#dbc27b", "#e9bb7d", "#f3b586", "#fab094", "#fcaca5",
    ];

    readonly record struct Bar(int X, int EndX, string Name, string Color, bool IsOne);

    sealed record Lane(string Name, int Top, IReadOnlyList<(int Depth, IReadOnlyList<DrawnSpan> Spans)> Rows);

    /// <summary>A rectangle with its times in nanoseconds UTC; a span cut by tiles is in one piece again.</summary>
    readonly record struct DrawnSpan(long BeginNs, long EndNs, ulong Id, string Name, string Color, bool IsOne);

    public static string Draw(FlameCell cell, TimeRange range, FlameColor color)
    {
        var (lanes, height) = Lanes(cell, range, color);
        for (var step = 1; ; step *= 2)
        {
            var svg = Draw(lanes, height, range, step);
            if (Encoding.UTF8.GetByteCount(svg) <= MostBytes || step >= WidthPixels)
                return svg;
        }
    }

    /// <param name="step">Pixels below which rectangles are not told apart.</param>
    static string Draw(IReadOnlyList<Lane> lanes, int height, TimeRange range, int step)
    {
        var paths = new SortedDictionary<string, StringBuilder>(StringComparer.Ordinal);
        var labels = new StringBuilder();
        foreach (var lane in lanes)
        {
            Label(labels, 4, lane.Top + 14, lane.Name, WidthPixels - 8, " font-weight=\"bold\"");
            foreach (var (depth, spans) in lane.Rows)
            {
                var top = lane.Top + HeaderPixels + depth * RowPixels;
                foreach (var bar in Bars(spans, range, step))
                {
                    if (!paths.TryGetValue(bar.Color, out var path))
                        paths.Add(bar.Color, path = new StringBuilder());
                    path.Append(CultureInfo.InvariantCulture, $"M{bar.X} {top}h{bar.EndX - bar.X}v{RowPixels - 1}h-{bar.EndX - bar.X}z");
                    if (bar.IsOne && bar.EndX - bar.X >= LabelPixels)
                        Label(labels, bar.X + 3, top + 10, bar.Name, bar.EndX - bar.X - 6, "");
                }
            }
        }
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WidthPixels}\" height=\"{height}\" viewBox=\"0 0 {WidthPixels} {height}\" font-family=\"sans-serif\" font-size=\"10\" fill=\"#20242a\">");
        svg.Append("<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>");
        Label(svg, 4, 14, string.Create(CultureInfo.InvariantCulture, $"{range.Begin:yyyy-MM-dd HH:mm:ss.ffffff} UTC, {range.Duration.TotalMilliseconds:N3} ms"), WidthPixels - 8, "");
        foreach (var (color, path) in paths)
            svg.Append("<path fill=\"").Append(color).Append("\" d=\"").Append(path).Append("\"/>");
        return svg.Append(labels).Append("</svg>").ToString();
    }

    static (IReadOnlyList<Lane> Lanes, int Height) Lanes(FlameCell cell, TimeRange range, FlameColor color)
    {
        var set = cell.Tiles;
        var rows = set.Tiles.Select(pair => (Group: FlameTiles.GroupOf(pair.Key), Tile: Tile.Read(pair.Value.Span)))
            .Where(item => item.Tile.Level == set.Level)
            .SelectMany(item => item.Tile.Rectangles.Where(rectangle => rectangle.Depth < MostRows).Select(rectangle => (item.Group, rectangle.Lane, rectangle.Depth, Span: SpanOf(item.Tile, rectangle, color))))
            .Where(item => item.Span.EndNs > range.BeginNs && item.Span.BeginNs < range.EndNs)
            .GroupBy(item => (item.Group, item.Lane, item.Depth), item => item.Span)
            .ToDictionary(row => row.Key, row => Join(row.OrderBy(span => span.BeginNs)));
        var lanes = new List<Lane>();
        var top = HeaderPixels;
        foreach (var group in set.Manifest.Groups)
        {
            for (var lane = 0; lane < group.Streams.Count; lane++)
            {
                var own = rows.Where(row => row.Key.Group == group.Number && row.Key.Lane == lane).Select(row => ((int)row.Key.Depth, row.Value)).ToList();
                if (own.Count == 0)
                    continue;
                Add(group.Streams[lane].Name, own);
            }
        }
        if (AsyncRows(cell.Timeline.Async, color) is { Count: > 0 } async)
            Add(ProcessSpans.AsyncStream, async);
        return (lanes, top + 4);

        void Add(string name, IReadOnlyList<(int Depth, IReadOnlyList<DrawnSpan> Spans)> own)
        {
            lanes.Add(new(name, top, own));
            top += HeaderPixels + (own.Max(row => row.Depth) + 1) * RowPixels;
        }
    }

    static List<(int Depth, IReadOnlyList<DrawnSpan> Spans)> AsyncRows(AsyncWindow? window, FlameColor color) =>
        [.. (window?.Spans ?? []).Where(span => span.Lane < MostRows).GroupBy(span => span.Lane).OrderBy(lane => lane.Key)
            .Select(lane => (lane.Key, (IReadOnlyList<DrawnSpan>)[.. lane.Select(span => new DrawnSpan(span.BeginNs, Math.Max(span.EndNs, span.BeginNs + 1), span.Id, span.Name, ColorOf(span.Name, span.DurationNs, span.Lane, color), span.Count == 1))]))];

    static DrawnSpan SpanOf(Tile tile, TileRectangle rectangle, FlameColor color)
    {
        var step = TileGrid.StepNs(tile.Level);
        var begin = tile.BeginNs + rectangle.Offset * step;
        return new(begin, begin + rectangle.Width * step, rectangle.Id, rectangle.Name, ColorOf(rectangle.Name, rectangle.DurationNs, rectangle.Depth, color), rectangle.Count == 1);
    }

    static IReadOnlyList<DrawnSpan> Join(IEnumerable<DrawnSpan> spans)
    {
        var joined = new List<DrawnSpan>();
        foreach (var span in spans)
        {
            if (joined.Count > 0 && joined[^1] is var last && last.Id == span.Id && last.EndNs >= span.BeginNs)
                joined[^1] = last with { EndNs = span.EndNs };
            else
                joined.Add(span);
        }
        return joined;
    }

    static List<Bar> Bars(IReadOnlyList<DrawnSpan> spans, TimeRange range, int step)
    {
        var bars = new List<Bar>();
        var scale = (double)WidthPixels / Math.Max(1, range.EndNs - range.BeginNs);
        foreach (var span in spans)
        {
            var x = (int)(Math.Max(0, span.BeginNs - range.BeginNs) * scale) / step * step;
            var endX = Math.Max(x + step, (int)Math.Min(WidthPixels, (span.EndNs - range.BeginNs) * scale) / step * step);
            if (bars.Count == 0 || x >= bars[^1].EndX)
                bars.Add(new(x, endX, span.Name, span.Color, span.IsOne));
            else if (endX > bars[^1].EndX)
                bars.Add(new(bars[^1].EndX, endX, span.Name, span.Color, span.IsOne));
        }
        // Neighbours of one colour that are too narrow for a label are one rectangle.
        var merged = new List<Bar>();
        foreach (var bar in bars)
        {
            if (merged.Count > 0 && merged[^1] is var last && last.EndX == bar.X && last.EndX - last.X < LabelPixels && bar.EndX - bar.X < LabelPixels && last.Color == bar.Color)
                merged[^1] = last with { EndX = bar.EndX, IsOne = false };
            else
                merged.Add(bar);
        }
        return merged;
    }

    public static void Label(StringBuilder svg, int x, int y, string text, int widthPixels, string attributes)
    {
        var letters = (int)(widthPixels / LetterPixels);
        var shown = text.Length > letters ? string.Concat(text.AsSpan(0, Math.Max(0, letters - 1)), "…") : text;
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{x}\" y=\"{y}\"{attributes}>").Append(Encode(shown)).Append("</text>");
    }

    // XML has no way to write most control characters, and a cut may have left half of a pair.
    static string Encode(string text) =>
        WebUtility.HtmlEncode(string.Concat(text.EnumerateRunes().Select(rune => Rune.IsControl(rune) || rune.Value is 0xFFFE or 0xFFFF ? Rune.ReplacementChar : rune)));

    public static string ColorOf(string name, double durationNs, int depth, FlameColor color) => color switch
    {
        FlameColor.Duration => DurationColors[(int)Math.Clamp(Math.Round(Math.Log10(Math.Max(1, durationNs) / 1e3) * 2), 0, DurationColors.Length - 1)],
        FlameColor.Depth => Colors[depth % Colors.Length],
        _ => Colors[IndexOf(name)],
    };

    // The same name has the same colour in every image: FNV-1a.
    static int IndexOf(string name)
    {
        var hash = 2166136261u;
        foreach (var letter in name)
            hash = (hash ^ letter) * 16777619;
        return (int)(hash % (uint)Colors.Length);
    }
}

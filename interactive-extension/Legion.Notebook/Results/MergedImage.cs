using System.Globalization;
using System.Text;
using Legion.Lakehouse.Timeline;

namespace Legion.Notebook;

/// <summary>A merged flame chart as one SVG image, for where no script runs: as the live cell, without what is thinner than a pixel.</summary>
static class MergedImage
{
    const string LeftOutColor = "#d9dde3";

    readonly record struct Box(double X, double Width, int Row, string Text, string Color);

    sealed record Band(string Title, IReadOnlyList<Box> Boxes, int Rows);

    public static string Draw(MergedSpans spans, FlameColor color)
    {
        var bands = spans.Middle is { } middle ? Sandwich(spans, middle, color) : Threads(spans, color);
        for (var least = 1; ; least *= 2)
        {
            var svg = Draw(spans, bands, least);
            if (Encoding.UTF8.GetByteCount(svg) <= FlameImage.MostBytes || least >= FlameImage.WidthPixels)
                return svg;
        }
    }

    /// <param name="leastPixels">Thinner ones are not drawn.</param>
    static string Draw(MergedSpans spans, IReadOnlyList<Band> bands, int leastPixels)
    {
        var (shapes, labels) = (new StringBuilder(), new StringBuilder());
        var (top, thin) = (FlameImage.HeaderPixels, 0);
        foreach (var band in bands)
        {
            FlameImage.Label(labels, 4, top + 14, band.Title, FlameImage.WidthPixels - 8, " font-weight=\"bold\"");
            top += FlameImage.HeaderPixels;
            foreach (var (x, width, row, text, fill) in band.Boxes)
            {
                if (width < leastPixels)
                {
                    thin++;
                    continue;
                }
                var y = top + row * FlameImage.RowPixels;
                shapes.Append(CultureInfo.InvariantCulture, $"<path fill=\"{fill}\" d=\"M{x:0.#} {y}h{Math.Max(0.5, width - (width > 3 ? 1 : 0)):0.#}v{FlameImage.RowPixels - 1}h-{Math.Max(0.5, width - (width > 3 ? 1 : 0)):0.#}z\"/>");
                if (width >= FlameImage.LabelPixels)
                    FlameImage.Label(labels, (int)x + 3, y + 10, text, (int)width - 6, "");
            }
            top += band.Rows * FlameImage.RowPixels;
        }
        var height = top + 4;
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{FlameImage.WidthPixels}\" height=\"{height}\" viewBox=\"0 0 {FlameImage.WidthPixels} {height}\" font-family=\"sans-serif\" font-size=\"10\" fill=\"#20242a\">");
        svg.Append("<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>");
        FlameImage.Label(svg, 4, 14, string.Create(CultureInfo.InvariantCulture, $"{new TimeRange(spans.FromNs, spans.ToNs)}: {spans.Spans:N0} spans, {spans.Paths:N0} call paths{(spans.LeftOut > 0 ? $"; {spans.LeftOut:N0} of the lightest frames are left out" : "")}{(thin > 0 ? $"; {thin:N0} are too thin to be drawn" : "")}"), FlameImage.WidthPixels - 8, "");
        return svg.Append(shapes).Append(labels).Append("</svg>").ToString();
    }

    static IReadOnlyList<Band> Threads(MergedSpans spans, FlameColor color)
    {
        var widest = Math.Max(1, spans.Trees.Select(tree => tree.TotalNs).DefaultIfEmpty().Max());
        return [.. spans.Trees.Select(tree => BandOf($"{tree.Title}: {ShortTime.OfNs(tree.TotalNs)}", tree, widest, color, isUpward: false))];
    }

    static IReadOnlyList<Band> Sandwich(MergedSpans spans, CallFunction middle, FlameColor color)
    {
        var whole = Math.Max(1, middle.TotalNs);
        var own = new Box(0, FlameImage.WidthPixels, 0, middle.Name, FlameImage.ColorOf(middle.Name, middle.TotalNs / Math.Max(1.0, middle.Count), 0, color));
        var title = string.Create(CultureInfo.InvariantCulture, $"{middle.Name}: {middle.Count:N0} spans, total {ShortTime.OfNs(middle.TotalNs)}, self {ShortTime.OfNs(middle.SelfNs)}");
        return [BandOf("callers", spans.Trees[0], whole, color, isUpward: true), new Band(title, [own], 1), BandOf("callees", spans.Trees[1], whole, color, isUpward: false)];
    }

    /// <param name="whole">Nanoseconds that are as wide as the image.</param>
    static Band BandOf(string title, MergedTree tree, long whole, FlameColor color, bool isUpward)
    {
        var scale = (double)FlameImage.WidthPixels / whole;
        var boxes = new List<Box>();
        // Where the next child of a frame begins, the last of these of the roots.
        var next = new double[tree.Frames.Count + 1];
        var all = tree.Frames.Select(frame => frame.Frame.Depth + (frame.LeftOut > 0 ? 1 : 0)).DefaultIfEmpty(tree.LeftOut > 0 ? 1 : 0).Max();
        var rows = Math.Min(all, FlameImage.MostRows);
        for (var i = 0; i < tree.Frames.Count; i++)
        {
            var (parent, frame, _, _) = tree.Frames[i];
            ref var x = ref next[parent < 0 ? ^1 : parent];
            next[i] = x;
            var width = frame.TotalNs * scale;
            Add(x, width, frame.Depth - 1, frame.Name, FlameImage.ColorOf(frame.Name, frame.TotalNs / Math.Max(1.0, frame.Count), frame.Depth - 1, color));
            x += width;
        }
        for (var i = 0; i < tree.Frames.Count; i++)
            if (tree.Frames[i] is { LeftOut: > 0 } left)
                Add(next[i], left.LeftOutNs * scale, left.Frame.Depth, More(left.LeftOut), LeftOutColor);
        if (tree.LeftOut > 0)
            Add(next[^1], tree.LeftOutNs * scale, 0, More(tree.LeftOut), LeftOutColor);
        var deeper = all > FlameImage.MostRows ? $" (and {all - FlameImage.MostRows} rows deeper)" : "";
        return new(title + deeper, boxes, rows);

        void Add(double x, double width, int row, string text, string fill)
        {
            if (row < rows)
                boxes.Add(new(x, width, isUpward ? rows - 1 - row : row, text, fill));
        }
    }

    static string More(int paths) => string.Create(CultureInfo.InvariantCulture, $"... and {paths:N0} more");
}

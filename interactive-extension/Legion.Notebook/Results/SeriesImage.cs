using System.Globalization;
using System.Text;
using Legion.Lakehouse.Timeline;

namespace Legion.Notebook;

/// <summary>Series over time as one SVG image, for where no script runs: of samples a line in the band between least and greatest, of increments bars.</summary>
static class SeriesImage
{
    /// <summary>As base64 this and a table stay below 200 KB, the most that a fallback may weigh in a notebook.</summary>
    public const int MostBytes = 80_000;

    const int WidthPixels = 1000;
    const int HeaderPixels = 20;
    const int TitlePixels = 16;
    const int CurvePixels = 60;

    /// <summary>What lies within so many pixels is drawn as one: an eye sees no more, and the image keeps its size.</summary>
    const int StepPixels = 3;

    /// <param name="Column">From the left.</param>
    readonly record struct Mark(int Column, double Least, double Greatest, double Value);

    /// <param name="names">In the order in which they are drawn; those that are not in the window are left out.</param>
    public static string Draw(SeriesWindow window, IReadOnlyList<string> names, TimeRange range)
    {
        var shown = names.Select(name => window.Series.FirstOrDefault(series => series.Name == name)).OfType<SeriesBuckets>().ToList();
        var height = HeaderPixels + shown.Count * (TitlePixels + CurvePixels) + 4;
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WidthPixels}\" height=\"{height}\" viewBox=\"0 0 {WidthPixels} {height}\" font-family=\"sans-serif\" font-size=\"10\" fill=\"#20242a\">");
        svg.Append("<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>");
        FlameImage.Label(svg, 4, 14, string.Create(CultureInfo.InvariantCulture, $"{range.Begin:yyyy-MM-dd HH:mm:ss.ffffff} UTC, {ShortTime.Of(range.Duration)}"), WidthPixels - 8, "");
        for (var i = 0; i < shown.Count; i++)
        {
            var part = Draw(shown[i], window.StepNs, range, HeaderPixels + i * (TitlePixels + CurvePixels), PlotlyParts.Colors[i % PlotlyParts.Colors.Length]);
            if (svg.Length + part.Length > MostBytes)
                break;
            svg.Append(part);
        }
        return svg.Append("</svg>").ToString();
    }

    static string Draw(SeriesBuckets series, long stepNs, TimeRange range, int top, string color)
    {
        var isCount = series.Kind == "count";
        var marks = Marks(series, stepNs, range, isCount);
        var svg = new StringBuilder();
        if (marks.Count == 0)
            return "";
        var (low, high) = isCount ? (Math.Min(0, marks.Min(mark => mark.Value)), Math.Max(0, marks.Max(mark => mark.Value))) : (marks.Min(mark => mark.Least), marks.Max(mark => mark.Greatest));
        var bottom = top + TitlePixels + CurvePixels - 4;
        var title = string.Create(CultureInfo.InvariantCulture, $"{low:G4} to {high:G4} {series.Unit}{(isCount ? ", sums of steps" : "")}: {series.Name}");
        FlameImage.Label(svg, 4, top + 12, title, WidthPixels - 8, " font-weight=\"bold\"");
        if (isCount)
        {
            var bars = new StringBuilder();
            foreach (var mark in marks)
                bars.Append(CultureInfo.InvariantCulture, $"M{X(mark)} {Y(0)}V{Y(mark.Value)}h{StepPixels}V{Y(0)}z");
            svg.Append("<path fill=\"").Append(color).Append("\" d=\"").Append(bars).Append("\"/>");
        }
        else
        {
            var (band, line) = (new StringBuilder(), new StringBuilder());
            foreach (var (i, mark) in marks.Index())
            {
                band.Append(CultureInfo.InvariantCulture, $"{(i == 0 ? 'M' : 'L')}{X(mark)} {Y(mark.Greatest)}");
                line.Append(CultureInfo.InvariantCulture, $"{(i == 0 ? 'M' : 'L')}{X(mark)} {Y(mark.Value)}");
            }
            foreach (var mark in marks.Reverse())
                band.Append(CultureInfo.InvariantCulture, $"L{X(mark)} {Y(mark.Least)}");
            // A single sample has no line.
            if (marks.Count == 1)
                line.Append(CultureInfo.InvariantCulture, $"h{StepPixels}");
            svg.Append("<path fill=\"").Append(color).Append("\" fill-opacity=\"0.25\" d=\"").Append(band).Append("z\"/>");
            svg.Append("<path fill=\"none\" stroke=\"").Append(color).Append("\" d=\"").Append(line).Append("\"/>");
        }
        return svg.ToString();

        static int X(Mark mark) => mark.Column * StepPixels;
        string Y(double value) => (bottom - (high > low ? (value / 2 - low / 2) / (high / 2 - low / 2) : 0.5) * (CurvePixels - 8)).ToString("F1", CultureInfo.InvariantCulture);
    }

    static IReadOnlyList<Mark> Marks(SeriesBuckets series, long stepNs, TimeRange range, bool isCount)
    {
        var scale = (double)WidthPixels / StepPixels / Math.Max(1, range.EndNs - range.BeginNs);
        var marks = new List<Mark>();
        foreach (var bucket in series.Buckets)
        {
            var column = (int)Math.Clamp(bucket.At * stepNs * scale, 0, WidthPixels / StepPixels);
            if (marks.Count > 0 && marks[^1] is var last && last.Column == column)
                marks[^1] = new(column, Math.Min(last.Least, bucket.Least), Math.Max(last.Greatest, bucket.Greatest), isCount ? last.Value + bucket.Value : bucket.Value);
            else
                marks.Add(new(column, bucket.Least, bucket.Greatest, bucket.Value));
        }
        return marks;
    }
}

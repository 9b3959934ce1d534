using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Data.Analysis;

namespace Legion.Notebook;

/// <summary>
/// Charts of DataFrames as Plotly figures. They are JSON alone: what draws them is the notebook's.
/// </summary>
[TypeFormatterSource(typeof(DisplayFormatters), PreferredMimeTypes = [MimeType.Plotly, MimeType.Plain])]
public sealed class Chart : IDisplayForms
{
    // A line has no more pixels than this; each pair stands for the lowest and the highest point of its stretch.
    const int MostPoints = 20_000;

    readonly string _summary;

    Chart(JsonObject figure, string summary)
    {
        Figure = figure;
        _summary = summary;
    }

    /// <summary>The Plotly figure, with data and layout. What is changed in it before it is shown shows.</summary>
    public JsonObject Figure { get; }

    /// <summary>A line through the rows in their order. Of very many, each stretch shows its lowest and its highest.</summary>
    /// <exception cref="ArgumentException">The frame has no such column, or <paramref name="y"/> is none of numbers.</exception>
    public static Chart Line(DataFrame frame, string x, string y, string? title = null)
    {
        var (xs, ys) = (Column(frame, x), Numbers(frame, y));
        var rows = Thinned(ys);
        return Of("line", new() { ["type"] = "scatter", ["mode"] = "lines", ["line"] = new JsonObject { ["width"] = 1.5 } }, Values(xs, rows), Values(ys, rows), x, y, title);
    }

    /// <summary>A bar for each row.</summary>
    /// <exception cref="ArgumentException">The frame has no such column, or <paramref name="y"/> is none of numbers.</exception>
    public static Chart Bar(DataFrame frame, string x, string y, string? title = null)
    {
        var (xs, ys) = (Column(frame, x), Numbers(frame, y));
        return Of("bar", new() { ["type"] = "bar" }, Values(xs, All(frame)), Values(ys, All(frame)), x, y, title);
    }

    /// <summary>A dot for each row; of very many for one of several, which the title says.</summary>
    /// <exception cref="ArgumentException">The frame has no such column, or <paramref name="y"/> is none of numbers.</exception>
    public static Chart Scatter(DataFrame frame, string x, string y, string? title = null)
    {
        var (xs, ys) = (Column(frame, x), Numbers(frame, y));
        var step = (ys.Length + MostPoints - 1) / MostPoints;
        var rows = All(frame).Where(row => row % Math.Max(1, step) == 0).ToList();
        var shown = step <= 1 ? title : $"{title ?? $"{y} by {x}"} (1 of {step} rows)";
        return Of("scatter", new() { ["type"] = "scatter", ["mode"] = "markers" }, Values(xs, rows), Values(ys, rows), x, y, shown);
    }

    /// <summary>How often the column has values of each range.</summary>
    /// <param name="bins">Ranges at most; the chart chooses where it is not given.</param>
    /// <exception cref="ArgumentException">The frame has no such column, or it is none of numbers.</exception>
    public static Chart Histogram(DataFrame frame, string x, int? bins = null, string? title = null)
    {
        var trace = new JsonObject { ["type"] = "histogram" };
        if (bins is not null)
            trace["nbinsx"] = bins;
        return Of("histogram", trace, Values(Numbers(frame, x), All(frame)), null, x, "count", title);
    }

    /// <summary>A chart of a figure that somebody made otherwise.</summary>
    /// <param name="summary">What is read of it where no script runs.</param>
    internal static Chart OfFigure(JsonObject figure, string summary) => new(figure, summary);

    public override string ToString() => _summary;

    string? IDisplayForms.Form(string mimeType) => mimeType switch
    {
        MimeType.Plotly => Figure.ToJsonString(),
        MimeType.Plain => _summary,
        _ => null,
    };

    static Chart Of(string kind, JsonObject trace, JsonArray xs, JsonArray? ys, string x, string y, string? title)
    {
        trace["name"] = ys is null ? x : y;
        trace["marker"] = new JsonObject { ["color"] = PlotlyParts.Colors[0] };
        trace["x"] = xs;
        if (ys is not null)
            trace["y"] = ys;
        var layout = PlotlyParts.Layout(title);
        layout["xaxis"] = PlotlyParts.Axis(x);
        layout["yaxis"] = PlotlyParts.Axis(y);
        var summary = string.Create(CultureInfo.InvariantCulture, $"{kind} chart of {y} by {x}: {xs.Count:N0} points");
        return new(new JsonObject { ["data"] = new JsonArray(trace), ["layout"] = layout }, title is null ? summary : $"{title}\n{summary}");
    }

    static DataFrameColumn Column(DataFrame frame, string name) =>
        frame.Columns.FirstOrDefault(column => column.Name == name)
        ?? throw new ArgumentException($"found no column '{name}'{Lakehouse.NearestName.Suggestion(name, frame.Columns.Select(column => column.Name))}");

    static DataFrameColumn Numbers(DataFrame frame, string name)
    {
        var column = Column(frame, name);
        return column.IsNumericColumn() ? column : throw new ArgumentException($"cannot draw column '{name}': expected numbers, saw {column.DataType.Name}");
    }

    static IEnumerable<long> All(DataFrame frame)
    {
        for (var row = 0L; row < frame.Rows.Count; row++)
            yield return row;
    }

    static IEnumerable<long> Thinned(DataFrameColumn ys)
    {
        var stretches = MostPoints / 2;
        for (var stretch = 0L; stretch < (ys.Length <= MostPoints ? ys.Length : stretches); stretch++)
        {
            if (ys.Length <= MostPoints)
            {
                yield return stretch;
                continue;
            }
            var (begin, end) = (stretch * ys.Length / stretches, (stretch + 1) * ys.Length / stretches);
            var (low, high) = (begin, begin);
            for (var row = begin; row < end; row++)
            {
                if (Number(ys[row]) < Number(ys[low]))
                    low = row;
                if (Number(ys[row]) > Number(ys[high]))
                    high = row;
            }
            yield return Math.Min(low, high);
            if (low != high)
                yield return Math.Max(low, high);
        }
    }

    static double Number(object? value) => value is null ? double.NaN : Convert.ToDouble(value, CultureInfo.InvariantCulture);

    static JsonArray Values(DataFrameColumn column, IEnumerable<long> rows) => new(rows.Select(row => Value(column[row])).ToArray());

    static JsonNode? Value(object? value) => value switch
    {
        null or double.NaN or float.NaN or double.PositiveInfinity or double.NegativeInfinity or float.PositiveInfinity or float.NegativeInfinity => null,
        string text => PlotlyParts.Text(text),
        bool flag => flag,
        DateTime time => PlotlyParts.Time(time),
        // A number of JavaScript; whole numbers beyond 2^53 lose digits that no axis shows.
        float or double or decimal => JsonValue.Create(Convert.ToDouble(value, CultureInfo.InvariantCulture)),
        ulong number => JsonValue.Create(number),
        _ => JsonValue.Create(Convert.ToInt64(value, CultureInfo.InvariantCulture)),
    };
}

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
        trace["marker"] = new JsonObject { ["color"] = "#2f6db5" };
        trace["x"] = xs;
        if (ys is not null)
            trace["y"] = ys;
        var layout = new JsonObject
        {
            ["title"] = new JsonObject { ["text"] = Text(title ?? ""), ["x"] = 0.02 },
            ["xaxis"] = Axis(x),
            ["yaxis"] = Axis(y),
            ["height"] = 340,
            ["margin"] = new JsonObject { ["l"] = 64, ["r"] = 16, ["t"] = title is null ? 16 : 44, ["b"] = 48 },
            ["font"] = new JsonObject { ["family"] = "system-ui, sans-serif", ["size"] = 12, ["color"] = "#20242a" },
            ["paper_bgcolor"] = "#ffffff",
            ["plot_bgcolor"] = "#ffffff",
            ["hovermode"] = "closest",
        };
        var summary = string.Create(CultureInfo.InvariantCulture, $"{kind} chart of {y} by {x}: {xs.Count:N0} points");
        return new(new JsonObject { ["data"] = new JsonArray(trace), ["layout"] = layout }, title is null ? summary : $"{title}\n{summary}");
    }

    static JsonObject Axis(string title) => new()
    {
        ["title"] = new JsonObject { ["text"] = Text(title) },
        ["gridcolor"] = "#e4e7eb",
        ["linecolor"] = "#9aa3ad",
        ["zeroline"] = false,
        ["automargin"] = true,
    };

    // Plotly reads a little markup in titles; what comes from telemetry is text.
    static string Text(string text) => text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;");

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
        string text => Text(text),
        bool flag => flag,
        DateTime time => time.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture),
        // A number of JavaScript; whole numbers beyond 2^53 lose digits that no axis shows.
        float or double or decimal => JsonValue.Create(Convert.ToDouble(value, CultureInfo.InvariantCulture)),
        ulong number => JsonValue.Create(number),
        _ => JsonValue.Create(Convert.ToInt64(value, CultureInfo.InvariantCulture)),
    };
}

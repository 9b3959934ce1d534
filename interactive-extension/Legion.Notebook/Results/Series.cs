using System.Globalization;
using System.Text.Json.Nodes;
using Legion.Lakehouse.Sql;
using Microsoft.Data.Analysis;

namespace Legion.Notebook;

/// <summary>One line of a chart of metrics.</summary>
/// <param name="Name">Of the metric.</param>
/// <param name="Unit">Of the values; empty where it has none.</param>
/// <param name="By">The value of the property by which lines are told apart; empty for none.</param>
/// <param name="Aggregate">What the values are of the samples of a step: avg, p99, rate.</param>
public sealed record SeriesLine(string Name, string Unit, string By, string Aggregate)
{
    readonly List<long> _timesNs = [];
    readonly List<double> _values = [];

    /// <summary>Begins of the steps that have samples, nanoseconds UTC, ascending.</summary>
    public IReadOnlyList<long> TimesNs => _timesNs;

    /// <summary>One for each time; NaN where there is none.</summary>
    public IReadOnlyList<double> Values => _values;

    internal void Add(long timeNs, double value)
    {
        _timesNs.Add(timeNs);
        _values.Add(value);
    }

    internal string Label => By.Length > 0 ? $"{Name} {By}, {Aggregate}" : $"{Name}, {Aggregate}";
}

/// <summary>Metrics over time, summed up by steps.</summary>
[TypeFormatterSource(typeof(DisplayFormatters), PreferredMimeTypes = [MimeType.Plotly, MimeType.Plain])]
public sealed class Series : IDisplayForms
{
    static readonly string[] Dashes = ["solid", "dot", "dash", "dashdot"];

    internal Series(Guid process, TimeRange range, TimeSpan step, IReadOnlyList<SeriesLine> lines, Receipt receipt)
    {
        Process = process;
        Selection = range;
        Step = step;
        Lines = lines;
        Receipt = receipt;
    }

    public Guid Process { get; }

    /// <summary>The time that is shown.</summary>
    public TimeRange Selection { get; }

    /// <summary>Each value stands for the samples of so much time.</summary>
    public TimeSpan Step { get; }

    public IReadOnlyList<SeriesLine> Lines { get; }

    public Receipt Receipt { get; }

    /// <summary>A row for each value of each line.</summary>
    public DataFrame ToDataFrame()
    {
        var rows = Lines.SelectMany(line => line.TimesNs.Zip(line.Values, (timeNs, value) => (Line: line, TimeNs: timeNs, Value: value))).ToList();
        return new(
            new StringDataFrameColumn("name", rows.Select(row => row.Line.Name)),
            new StringDataFrameColumn("unit", rows.Select(row => row.Line.Unit)),
            new StringDataFrameColumn("by", rows.Select(row => row.Line.By)),
            new StringDataFrameColumn("aggregate", rows.Select(row => row.Line.Aggregate)),
            new Int64DataFrameColumn("time_ns", rows.Select(row => row.TimeNs)),
            new DateTimeDataFrameColumn("time", rows.Select(row => UtcTime.Of(row.TimeNs))),
            new DoubleDataFrameColumn("value", rows.Select(row => row.Value)));
    }

    /// <summary>The Plotly figure: lines of one unit share an axis, and what lies between min and max is a band.</summary>
    public JsonObject Figure()
    {
        var units = Lines.Select(line => line.Unit).Distinct().ToList();
        var layout = PlotlyParts.Layout(title: null, heightPixels: 120 + 220 * Math.Max(1, units.Count));
        layout["xaxis"] = PlotlyParts.Axis("time (UTC)");
        layout["showlegend"] = true;
        layout["hovermode"] = "x unified";
        for (var i = 0; i < units.Count; i++)
        {
            var axis = PlotlyParts.Axis(units[i]);
            // From the top down, with a gap between them.
            axis["domain"] = new JsonArray((units.Count - i - 1.0) / units.Count + (i == units.Count - 1 ? 0 : 0.04), (double)(units.Count - i) / units.Count);
            layout[Axis("yaxis", i)] = axis;
        }
        var data = new JsonArray();
        var groups = Lines.GroupBy(line => (line.Name, line.Unit, line.By)).ToList();
        for (var i = 0; i < groups.Count; i++)
        {
            var color = PlotlyParts.Colors[i % PlotlyParts.Colors.Length];
            var axis = Axis("y", units.IndexOf(groups[i].Key.Unit));
            var (low, high) = (groups[i].FirstOrDefault(line => line.Aggregate == "min"), groups[i].FirstOrDefault(line => line.Aggregate == "max"));
            if (low is not null && high is not null)
            {
                var bottom = Trace(low, color, axis, width: 0);
                bottom["showlegend"] = false;
                data.Add((JsonNode)bottom);
                var top = Trace(high, color, axis, width: 0);
                (top["fill"], top["fillcolor"]) = ("tonexty", color + "33");
                data.Add((JsonNode)top);
            }
            // Lines of one metric have its colour, and are told apart by their strokes.
            var lines = groups[i].Where(line => low is null || high is null || line != low && line != high).ToList();
            for (var j = 0; j < lines.Count; j++)
            {
                var trace = Trace(lines[j], color, axis, width: 1.5);
                trace["line"]!["dash"] = Dashes[j % Dashes.Length];
                data.Add((JsonNode)trace);
            }
        }
        return new() { ["data"] = data, ["layout"] = layout };
    }

    public override string ToString()
    {
        var table = new TableText(
            [new("metric"), new("unit"), new("by"), new("of each step"), new("steps", true), new("least", true), new("mean", true), new("most", true)],
            Lines.Select(line =>
            {
                var values = line.Values.Where(double.IsFinite).DefaultIfEmpty(double.NaN).ToList();
                return new[] { line.Name, line.Unit, line.By, line.Aggregate, line.Values.Count.ToString("N0", CultureInfo.InvariantCulture), Number(values.Min()), Number(values.Average()), Number(values.Max()) };
            }).ToList(),
            $"{Selection}, in steps of {ShortTime.Of(Step)}; {ReceiptText.OfCost(Receipt)}");
        return table.ToString();
    }

    string? IDisplayForms.Form(string mimeType) => mimeType switch
    {
        MimeType.Plotly => Figure().ToJsonString(),
        MimeType.Plain => ToString(),
        _ => null,
    };

    static string Axis(string name, int index) => index == 0 ? name : $"{name}{index + 1}";

    static JsonObject Trace(SeriesLine line, string color, string axis, double width) => new()
    {
        ["type"] = "scatter",
        ["mode"] = line.Values.Count == 1 ? "markers" : "lines",
        ["name"] = PlotlyParts.Text(line.Label),
        ["line"] = new JsonObject { ["color"] = color, ["width"] = width },
        ["yaxis"] = axis,
        ["x"] = PlotlyParts.Times(line.TimesNs),
        ["y"] = PlotlyParts.Numbers(line.Values),
    };

    static string Number(double value) => double.IsNaN(value) ? "" : value.ToString("G5", CultureInfo.InvariantCulture);
}

using System.Globalization;
using System.Text.Json.Nodes;
using Legion.Lakehouse;
using Microsoft.Data.Analysis;

namespace Legion.Notebook;

/// <summary>How many values lie in a bucket.</summary>
/// <param name="Low">Its begin, which belongs to it.</param>
/// <param name="High">Its end, which does not.</param>
public readonly record struct HistogramBucket(double Low, double High, long Count);

/// <summary>How often spans of a name took how long, or a metric had which value. Buckets grow with the value: four double it.</summary>
[TypeFormatterSource(typeof(DisplayFormatters), PreferredMimeTypes = [MimeType.Plotly, MimeType.Plain])]
public sealed class Histogram : IDisplayForms
{
    const int MostBars = 60;

    readonly Sketch? _sketch;
    readonly string _note;

    /// <param name="unit">Of the values: ns for spans.</param>
    /// <param name="sketch">Of all values, from which percentiles come; null where there are none.</param>
    internal Histogram(string name, string unit, IReadOnlyList<HistogramBucket> buckets, Sketch? sketch, string note)
    {
        Name = name;
        Unit = unit;
        Buckets = buckets;
        _sketch = sketch;
        _note = note;
    }

    public string Name { get; }

    public string Unit { get; }

    /// <summary>Ascending; those without a value are left out.</summary>
    public IReadOnlyList<HistogramBucket> Buckets { get; }

    public long Count => Buckets.Sum(bucket => bucket.Count);

    /// <summary>The value below which a share of all lies, wrong by at most one percent; NaN where there is none.</summary>
    /// <param name="share">0 to 1.</param>
    public double Percentile(double share) => _sketch?.Percentile(share) ?? double.NaN;

    public DataFrame ToDataFrame() => new(
        new DoubleDataFrameColumn("low", Buckets.Select(bucket => bucket.Low)),
        new DoubleDataFrameColumn("high", Buckets.Select(bucket => bucket.High)),
        new Int64DataFrameColumn("count", Buckets.Select(bucket => bucket.Count)));

    /// <summary>The Plotly figure. Values of spans stand on a logarithmic axis, as buckets are.</summary>
    public JsonObject Figure()
    {
        var layout = PlotlyParts.Layout(title: null);
        var (scale, unit) = Unit == "ns" ? ShortTime.UnitOf(Percentile(0.5)) : (1, Unit);
        layout["xaxis"] = PlotlyParts.Axis(unit.Length > 0 ? $"{Name} ({unit})" : Name);
        layout["yaxis"] = PlotlyParts.Axis("count");
        layout["bargap"] = 0.02;
        if (Buckets.Count > 0 && Buckets[0].Low > 0 && Buckets[^1].High / Buckets[0].Low > 20)
            layout["xaxis"]!["type"] = "log";
        return new()
        {
            ["data"] = new JsonArray(new JsonObject
            {
                ["type"] = "bar",
                ["name"] = PlotlyParts.Text(Name),
                ["marker"] = new JsonObject { ["color"] = PlotlyParts.Colors[0] },
                ["x"] = PlotlyParts.Numbers(Buckets.Select(bucket => (bucket.Low + bucket.High) / 2 / scale)),
                ["width"] = PlotlyParts.Numbers(Buckets.Select(bucket => (bucket.High - bucket.Low) / scale)),
                ["y"] = new JsonArray([.. Buckets.Select(bucket => (JsonNode)bucket.Count)]),
            }),
            ["layout"] = layout,
        };
    }

    public override string ToString()
    {
        var most = Buckets.Select(bucket => bucket.Count).DefaultIfEmpty(1).Max();
        var table = new TableText(
            [new("from", true), new("to", true), new("count", true), new("")],
            Buckets.Select(bucket => new[]
            {
                Value(bucket.Low), Value(bucket.High), bucket.Count.ToString("N0", CultureInfo.InvariantCulture),
                new string('#', (int)Math.Ceiling(bucket.Count * (double)MostBars / most)),
            }).ToList(),
            $"{Name}: {Count.ToString("N0", CultureInfo.InvariantCulture)} values, p50 {Value(Percentile(0.5))}, p95 {Value(Percentile(0.95))}, p99 {Value(Percentile(0.99))}; {_note}");
        return table.ToString();
    }

    string? IDisplayForms.Form(string mimeType) => mimeType switch
    {
        MimeType.Plotly => Figure().ToJsonString(),
        MimeType.Plain => ToString(),
        _ => null,
    };

    string Value(double value) => Unit == "ns" ? ShortTime.OfNs(value) : $"{value.ToString("G5", CultureInfo.InvariantCulture)}{(Unit.Length > 0 ? " " + Unit : "")}";
}

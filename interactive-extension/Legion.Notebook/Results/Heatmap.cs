using System.Globalization;
using System.Text.Json.Nodes;
using Legion.Lakehouse.Sql;
using Microsoft.Data.Analysis;

namespace Legion.Notebook;

/// <summary>How many samples of a metric had which value, over time.</summary>
[TypeFormatterSource(typeof(DisplayFormatters), PreferredMimeTypes = [MimeType.Plotly, MimeType.Plain])]
public sealed class Heatmap : IDisplayForms
{
    readonly long _stepNs;
    readonly double _low;
    readonly double _height;
    readonly int _rows;
    readonly IReadOnlyDictionary<(long StepNs, int Bin), long> _counts;

    /// <param name="low">The least value: begin of the first bin.</param>
    /// <param name="height">Of a bin, in the metric's unit.</param>
    /// <param name="counts">Those that are missing are 0.</param>
    internal Heatmap(string name, string unit, long stepNs, double low, double height, int rows, IReadOnlyDictionary<(long StepNs, int Bin), long> counts, Receipt receipt)
    {
        Name = name;
        Unit = unit;
        _stepNs = stepNs;
        _low = low;
        _height = height;
        _rows = rows;
        _counts = counts;
        Receipt = receipt;
    }

    /// <summary>Of the metric.</summary>
    public string Name { get; }

    /// <summary>Of its values; empty where it has none.</summary>
    public string Unit { get; }

    public Receipt Receipt { get; }

    /// <summary>A row for each field that has samples.</summary>
    public DataFrame ToDataFrame()
    {
        var fields = _counts.OrderBy(field => field.Key).ToList();
        return new(
            new Int64DataFrameColumn("time_ns", fields.Select(field => field.Key.StepNs)),
            new DateTimeDataFrameColumn("time", fields.Select(field => UtcTime.Of(field.Key.StepNs))),
            new DoubleDataFrameColumn("low", fields.Select(field => _low + field.Key.Bin * _height)),
            new DoubleDataFrameColumn("high", fields.Select(field => _low + (field.Key.Bin + 1) * _height)),
            new Int64DataFrameColumn("count", fields.Select(field => field.Value)));
    }

    /// <summary>The Plotly figure; fields without samples are empty.</summary>
    public JsonObject Figure()
    {
        // Steps without a sample, too: they would be bridged otherwise.
        var (first, last) = (_counts.Keys.Min(field => field.StepNs), _counts.Keys.Max(field => field.StepNs));
        var steps = Enumerable.Range(0, (int)((last - first) / _stepNs) + 1).Select(i => first + i * _stepNs).ToList();
        var z = new JsonArray();
        for (var bin = 0; bin < _rows; bin++)
            z.Add((JsonNode)new JsonArray([.. steps.Select(step => _counts.TryGetValue((step, bin), out var count) ? (JsonNode)count : null)]));
        var layout = PlotlyParts.Layout(title: null);
        layout["xaxis"] = PlotlyParts.Axis("time (UTC)");
        layout["yaxis"] = PlotlyParts.Axis(Unit.Length > 0 ? $"{Name} ({Unit})" : Name);
        return new()
        {
            ["data"] = new JsonArray(new JsonObject
            {
                ["type"] = "heatmap",
                ["name"] = PlotlyParts.Text(Name),
                ["colorscale"] = new JsonArray(new JsonArray(0, "#dbe8f6"), new JsonArray(0.5, "#4b86c5"), new JsonArray(1, "#0f2f57")),
                ["colorbar"] = new JsonObject { ["title"] = new JsonObject { ["text"] = "samples" } },
                ["x"] = PlotlyParts.Times(steps),
                ["y"] = PlotlyParts.Numbers(Enumerable.Range(0, _rows).Select(bin => _low + (bin + 0.5) * _height)),
                ["z"] = z,
            }),
            ["layout"] = layout,
        };
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"heatmap of {Name}: {_counts.Values.Sum():N0} samples from {_low:G5} to {_low + _rows * _height:G5} {Unit}, in steps of {ShortTime.Of(TimeSpan.FromTicks(_stepNs / 100))}; ") + ReceiptText.OfCost(Receipt);

    string? IDisplayForms.Form(string mimeType) => mimeType switch
    {
        MimeType.Plotly => Figure().ToJsonString(),
        MimeType.Plain => ToString(),
        _ => null,
    };
}

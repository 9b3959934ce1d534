using System.Globalization;
using System.Text.Json.Nodes;

namespace Legion.Notebook;

/// <summary>What all figures of Plotly have alike here.</summary>
static class PlotlyParts
{
    /// <summary>Lines and areas in turn: told apart by most eyes, on white and on black.</summary>
    public static readonly string[] Colors = ["#2f6db5", "#d97b29", "#2f9e6b", "#b3478f", "#7a6fd0", "#a08a1f", "#c8504a", "#2b9fb0"];

    public static JsonObject Layout(string? title, int heightPixels = 340) => new()
    {
        ["title"] = new JsonObject { ["text"] = Text(title ?? ""), ["x"] = 0.02 },
        ["height"] = heightPixels,
        ["margin"] = new JsonObject { ["l"] = 64, ["r"] = 16, ["t"] = title is null ? 16 : 44, ["b"] = 48 },
        ["font"] = new JsonObject { ["family"] = "system-ui, sans-serif", ["size"] = 12, ["color"] = "#20242a" },
        ["paper_bgcolor"] = "#ffffff",
        ["plot_bgcolor"] = "#ffffff",
        ["hovermode"] = "closest",
    };

    public static JsonObject Axis(string title) => new()
    {
        ["title"] = new JsonObject { ["text"] = Text(title) },
        ["gridcolor"] = "#e4e7eb",
        ["linecolor"] = "#9aa3ad",
        ["zeroline"] = false,
        ["automargin"] = true,
    };

    /// <summary>Plotly reads a little markup in texts; what comes from telemetry is text.</summary>
    public static string Text(string text) => text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;");

    public static JsonArray Times(IEnumerable<long> timesNs) => [.. timesNs.Select(ns => (JsonNode)Time(UtcTime.Of(ns)))];

    /// <summary>UTC, as Plotly reads dates: it takes them for what the axis shows, whatever the browser's zone.</summary>
    public static string Time(DateTime time) => time.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture);

    /// <summary>Gaps where a value is no number.</summary>
    public static JsonArray Numbers(IEnumerable<double> values) => [.. values.Select(value => double.IsFinite(value) ? (JsonNode)value : null)];
}

using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;

namespace Legion.Kernel.Display;

/// <summary>Charts as Plotly JSON, and what to show of them where no script runs.</summary>
static class PlotlyFigure
{
    /// <summary>By name, so that a session without charts never loads Plotly.NET and FSharp.Core.</summary>
    public static bool IsChart(Type? type)
    {
        for (; type is not null; type = type.BaseType)
            if (type.FullName == "Plotly.NET.GenericChart")
                return true;
        return false;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static string FromChart(object chart) => Plotly.NET.GenericChart.toFigureJson((Plotly.NET.GenericChart)chart);

    /// <summary>The traces of a figure as a table.</summary>
    public static string Table(string figure)
    {
        var root = JsonNode.Parse(figure);
        var layout = root?["layout"];
        var title = layout?["title"] is JsonObject titled ? titled["text"] : layout?["title"];
        var html = new StringBuilder("<table><caption>").Append(Encode(title ?? "chart")).Append("</caption><thead><tr><th>trace</th><th>type</th><th>points</th></tr></thead><tbody>");
        foreach (var trace in root?["data"] as JsonArray ?? [])
        {
            var points = (trace?["y"] ?? trace?["x"] ?? trace?["z"]) as JsonArray;
            html.Append("<tr><td>").Append(Encode(trace?["name"])).Append("</td><td>").Append(Encode(trace?["type"]))
                .Append("</td><td>").Append(points?.Count.ToString() ?? "").Append("</td></tr>");
        }
        return html.Append("</tbody></table>").ToString();
    }

    static string Encode(JsonNode? node) => WebUtility.HtmlEncode(node?.ToString() ?? "");
}

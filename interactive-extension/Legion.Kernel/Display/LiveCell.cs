using System.Text.Json;
using System.Text.Json.Nodes;

namespace Legion.Kernel.Display;

/// <summary>A bundle that a module draws: which one, from what, and what to show where no script runs.</summary>
/// <param name="Model">JSON without &lt; and >, so that it can stand inside a script element.</param>
/// <param name="Fallback">HTML: an image or a table.</param>
sealed record LiveCell(string Module, string Model, string Fallback)
{
    /// <summary>A line of text below what the module draws; null: none. The fallback has its own.</summary>
    public string? Note { get; init; }

    /// <summary>Null where the bundle has no live form.</summary>
    /// <exception cref="JsonException">The live form is not what its mime type says.</exception>
    public static LiveCell? From(MimeBundle bundle)
    {
        var plain = $"<pre>{System.Net.WebUtility.HtmlEncode(bundle[MimeBundle.Plain] ?? "")}</pre>";
        if (bundle[MimeBundle.Cell] is { } cell)
        {
            var root = JsonNode.Parse(cell);
            var module = root?["module"]?.GetValue<string>() ?? throw new JsonException($"expected a module in {MimeBundle.Cell}");
            return new(module, Safe(root["model"]), bundle[MimeBundle.Html] ?? plain) { Note = root["note"]?.GetValue<string>() };
        }
        return bundle[MimeBundle.Plotly] is { } figure
            ? new("plotly", Safe(JsonNode.Parse(figure)), bundle[MimeBundle.Html] ?? PlotlyFigure.Table(figure))
            : null;
    }

    // The default encoder writes < > & and quotes as escapes.
    static string Safe(JsonNode? node) => node?.ToJsonString(JsonSerializerOptions.Default) ?? "null";
}

using System.Text.Json.Nodes;

namespace Legion.Tests.Kernel;

/// <summary>Makes notebook files.</summary>
static class NotebookText
{
    public static string Of(params string[] codeCells) => Of([.. codeCells.Select(Code)]);

    public static string Of(params JsonNode[] cells) => new JsonObject
    {
        ["nbformat"] = 4,
        ["nbformat_minor"] = 5,
        ["metadata"] = new JsonObject { ["kernelspec"] = new JsonObject { ["name"] = "legion", ["display_name"] = "Legion (C#)" } },
        ["cells"] = new JsonArray([.. cells.Select((cell, i) => { cell["id"] = $"cell{i}"; return cell; })]),
    }.ToJsonString();

    public static JsonNode Code(string source) => Code(source, []);

    public static JsonNode Code(string source, params string[] tags) => new JsonObject
    {
        ["cell_type"] = "code",
        ["metadata"] = new JsonObject { ["tags"] = new JsonArray([.. tags.Select(tag => (JsonNode)tag)]) },
        ["execution_count"] = null,
        ["outputs"] = new JsonArray(),
        ["source"] = source,
    };

    public static JsonNode Markdown(string source) =>
        new JsonObject { ["cell_type"] = "markdown", ["metadata"] = new JsonObject(), ["source"] = source };
}

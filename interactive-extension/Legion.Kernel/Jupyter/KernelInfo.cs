using System.Reflection;
using System.Text.Json.Nodes;

namespace Legion.Kernel.Jupyter;

static class KernelInfo
{
    static readonly string Version = typeof(KernelInfo).Assembly.GetName().Version?.ToString(3) ?? "";

    public static JsonObject Reply() => new()
    {
        ["status"] = "ok",
        ["protocol_version"] = "5.3",
        ["implementation"] = "legion",
        ["implementation_version"] = Version,
        ["language_info"] = new JsonObject
        {
            ["name"] = "C#",
            ["version"] = "14.0",
            ["mimetype"] = "text/x-csharp",
            ["file_extension"] = ".cs",
            ["pygments_lexer"] = "csharp",
            ["codemirror_mode"] = "text/x-csharp",
        },
        ["banner"] = $"Legion {Version}: C# and #!legion",
        ["help_links"] = new JsonArray(),
    };
}

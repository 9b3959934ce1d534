using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Legion.Kernel.Cells;
using Legion.Kernel.Jupyter;

namespace Legion.Kernel.Notebooks;

/// <summary>A notebook file of nbformat 4. What is not read here is written back as it was.</summary>
/// <remarks>https://nbformat.readthedocs.io/en/latest/format_description.html</remarks>
sealed class NotebookFile
{
    // As Jupyter writes: indented by one, letters as letters. The file is no part of a page.
    static readonly JsonSerializerOptions Written = new()
    {
        WriteIndented = true,
        IndentSize = 1,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    readonly JsonObject _root;

    NotebookFile(JsonObject root, IReadOnlyList<NotebookCell> cells)
    {
        _root = root;
        Cells = cells;
    }

    public IReadOnlyList<NotebookCell> Cells { get; }

    /// <exception cref="InvalidDataException">It is no notebook of nbformat 4.</exception>
    public static NotebookFile Read(string path)
    {
        try
        {
            if (JsonNode.Parse(File.ReadAllBytes(path)) is JsonObject root && root["cells"] is JsonArray cells && root["nbformat"]?.GetValue<int>() == 4)
                return new(root, cells.OfType<JsonObject>().Select(cell => new NotebookCell(cell)).ToList());
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"cannot read notebook '{path}': {e.Message}", e);
        }
        throw new InvalidDataException($"cannot read notebook '{path}': expected nbformat 4 with cells");
    }

    public void Write(string path) => File.WriteAllText(path, _root.ToJsonString(Written) + "\n");
}

/// <summary>A cell of a notebook file, and the outputs it had in this run.</summary>
sealed class NotebookCell(JsonObject node)
{
    readonly List<CellOutput> _outputs = [];

    public bool IsCode => Kind == "code";

    public bool IsMarkdown => Kind == "markdown";

    public string Source { get; } = Join(node["source"]);

    /// <summary>By the usual convention the cell with this tag declares what a run can set.</summary>
    public bool DeclaresParameters =>
        (node["metadata"]?["tags"] as JsonArray)?.Any(tag => tag?.GetValue<string>() == "parameters") == true;

    /// <summary>As they stand below the cell: updates are applied, neighbouring text is joined.</summary>
    public IReadOnlyList<CellOutput> Outputs => _outputs;

    string? Kind => node["cell_type"]?.GetValue<string>();

    public void Add(CellOutput output)
    {
        if (output is DisplayOutput { IsUpdate: true } update)
        {
            var at = _outputs.FindIndex(other => other is DisplayOutput display && display.DisplayId == update.DisplayId);
            if (at >= 0)
                _outputs[at] = update with { IsUpdate = false };
            return;
        }
        if (output is StreamOutput stream && _outputs.LastOrDefault() is StreamOutput last && last.Name == stream.Name)
            _outputs[^1] = last with { Text = last.Text + stream.Text };
        else
            _outputs.Add(output);
    }

    /// <summary>Writes the run into the file's node.</summary>
    public void Keep(int executionCount)
    {
        node["execution_count"] = executionCount;
        node["outputs"] = new JsonArray([.. _outputs.Select(output => (JsonNode)ToNode(output, executionCount))]);
    }

    static JsonObject ToNode(CellOutput output, int executionCount)
    {
        switch (output)
        {
            case StreamOutput stream:
                return new() { ["output_type"] = "stream", ["name"] = stream.Name == StreamName.Error ? "stderr" : "stdout", ["text"] = stream.Text };
            case DisplayOutput display:
                return new() { ["output_type"] = "display_data", ["data"] = JupyterOutputs.Data(display.Data), ["metadata"] = new JsonObject() };
            case ResultOutput result:
                return new()
                {
                    ["output_type"] = "execute_result",
                    ["execution_count"] = executionCount,
                    ["data"] = JupyterOutputs.Data(result.Data),
                    ["metadata"] = new JsonObject(),
                };
            case ErrorOutput error:
                var node = JupyterOutputs.Error(error);
                node["output_type"] = "error";
                return node;
            default:
                throw new InvalidOperationException($"cannot write an output of type {output.GetType().Name}");
        }
    }

    static string Join(JsonNode? source) =>
        source is JsonArray lines ? string.Concat(lines.Select(line => line?.GetValue<string>())) : source?.GetValue<string>() ?? "";
}

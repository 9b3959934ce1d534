using System.Text.Json.Nodes;
using Legion.Kernel.Cells;
using Legion.Kernel.Display;

namespace Legion.Kernel.Jupyter;

/// <summary>Turns a cell's outputs into messages of the iopub channel.</summary>
sealed class JupyterOutputs(Action<JupyterMessage, string, JsonObject> publish, JupyterMarkup markup)
{
    public void Publish(JupyterMessage request, CellOutput output, int executionCount)
    {
        switch (output)
        {
            case StreamOutput stream:
                publish(request, "stream", new JsonObject
                {
                    ["name"] = stream.Name == StreamName.Error ? "stderr" : "stdout",
                    ["text"] = stream.Text,
                });
                break;
            case DisplayOutput display:
                publish(request, display.IsUpdate ? "update_display_data" : "display_data", new JsonObject
                {
                    ["data"] = Data(markup.Apply(display.Data)),
                    ["metadata"] = new JsonObject(),
                    ["transient"] = display.DisplayId is null ? new JsonObject() : new JsonObject { ["display_id"] = display.DisplayId },
                });
                break;
            case ResultOutput result:
                publish(request, "execute_result", new JsonObject
                {
                    ["data"] = Data(markup.Apply(result.Data)),
                    ["metadata"] = new JsonObject(),
                    ["execution_count"] = executionCount,
                });
                break;
            case ErrorOutput error:
                publish(request, "error", Error(error));
                break;
        }
    }

    public static JsonObject Error(ErrorOutput error) => new()
    {
        ["ename"] = error.Name,
        ["evalue"] = error.Message,
        ["traceback"] = new JsonArray([.. error.Traceback.Select(line => (JsonNode)line)]),
    };

    /// <summary>As it stands in messages and notebook files: forms of JSON as JSON, all others as text.</summary>
    public static JsonObject Data(MimeBundle bundle)
    {
        var data = new JsonObject();
        foreach (var (mimeType, form) in bundle.Forms)
            data[mimeType] = mimeType.EndsWith("json", StringComparison.Ordinal) ? JsonNode.Parse(form) : form;
        return data;
    }
}

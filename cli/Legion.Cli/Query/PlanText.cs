using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Legion.Lakehouse.Sql;

namespace Legion.Cli.Query;

/// <summary>What a query will build and read, as <c>legion query --explain</c> prints it.</summary>
static class PlanText
{
    /// <summary>A line each for the views, then for the blocks it looks into and the saved queries it uses.</summary>
    public static void WriteLines(QueryPlan plan, TextWriter text)
    {
        foreach (var view in plan.Views) text.WriteLine(Line(view));
        foreach (var block in plan.Blocks) text.WriteLine($"parse_block: {block.Bytes} bytes of block {block.BlockId}");
        foreach (var query in plan.SavedQueries) text.WriteLine($"{query.Name}: saved query, {query.Sql.ReplaceLineEndings(" ")}");
    }

    static string Line(PlannedView view) => view is { Processes.Count: 0, Files: { } files }
        ? $"{view.View}: {files} files of many processes with {view.PartitionBytes} bytes, and {view.BlockBytes} bytes of blocks that they have not, about {view.EstimatedRows} rows"
        : view.Processes.Count == 0 ? $"{view.View}: from the catalog"
        : $"{view.View}: {view.Slots} slots of {view.Processes.Count} processes ({string.Join(", ", view.Processes)}), {view.Current} current with {view.PartitionBytes} bytes, {view.Missing} to be built from {view.BlockBytes} bytes of blocks, about {view.EstimatedRows} rows";

    /// <summary>One object: <c>views</c>, <c>blocks</c> and <c>saved_queries</c>.</summary>
    public static void WriteJson(QueryPlan plan, TextWriter text)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteStartArray("views");
            foreach (var view in plan.Views) Write(json, view);
            json.WriteEndArray();
            json.WriteStartArray("blocks");
            foreach (var block in plan.Blocks)
            {
                json.WriteStartObject();
                json.WriteString("block_id", block.BlockId);
                json.WriteNumber("bytes", block.Bytes);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartArray("saved_queries");
            foreach (var query in plan.SavedQueries)
            {
                json.WriteStartObject();
                json.WriteString("name", query.Name);
                json.WriteString("sql", query.Sql);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        text.WriteLine(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    static void Write(Utf8JsonWriter json, PlannedView view)
    {
        json.WriteStartObject();
        json.WriteString("view", view.View);
        json.WriteStartArray("processes");
        foreach (var process in view.Processes) json.WriteStringValue(process);
        json.WriteEndArray();
        json.WriteNumber("slots", view.Slots);
        if (view.Files is { } files) json.WriteNumber("files", files);
        json.WriteNumber("current", view.Current);
        json.WriteNumber("to_build", view.Missing);
        json.WriteNumber("partition_bytes", view.PartitionBytes);
        json.WriteNumber("block_bytes", view.BlockBytes);
        json.WriteNumber("rows", view.EstimatedRows);
        json.WriteEndObject();
    }
}

using System.Text.Json;
using Legion.Format;
using Legion.Store;
using Microsoft.AspNetCore.Http;

namespace Legion.Ingestion;

/// <summary>The JSON of an answer (FORMAT.md, "Upload"): the same members whatever the status.</summary>
static class AnswerJson
{
    static readonly AppendAnswer Nothing = new([], [], [], [], []);

    /// <param name="news">What there is to tell the processes of the batch.</param>
    public static Task WriteAsync(HttpResponse response, int status, AppendAnswer answer, ProcessNews news) => WriteAsync(response, status, answer, news, null);

    public static Task WriteErrorAsync(HttpResponse response, int status, string error) => WriteAsync(response, status, Nothing, ProcessNews.None, error);

    static async Task WriteAsync(HttpResponse response, int status, AppendAnswer answer, ProcessNews news, string? error)
    {
        response.StatusCode = status;
        response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(response.BodyWriter);
        Write(json, answer, news, error);
    }

    public static void Write(Utf8JsonWriter json, AppendAnswer answer, ProcessNews news, string? error)
    {
        json.WriteStartObject();
        json.WriteStartArray("blocks");
        foreach (var block in answer.Blocks)
        {
            json.WriteStartObject();
            json.WriteString("block", block.BlockId);
            json.WriteString("code", block.Code.Name());
            json.WriteString("reason", block.Reason);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartObject("missing");
        WriteTexts(json, "schemas", answer.MissingSchemas.Select(hash => hash.ToString()));
        WriteTexts(json, "processes", answer.MissingProcesses.Select(id => id.ToString()));
        WriteTexts(json, "streams", answer.MissingStreams.Select(id => id.ToString()));
        json.WriteEndObject();
        json.WriteStartArray("commands");
        foreach (var command in news.Commands) command.Write(json);
        json.WriteEndArray();
        WriteTexts(json, "watched", news.Watched.Select(id => id.ToString()));
        json.WriteString("error", error);
        WriteVersions(json);
        json.WriteEndObject();
    }

    public static async Task WriteHealthAsync(HttpResponse response)
    {
        response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("status", "ok");
        WriteVersions(json);
        json.WriteEndObject();
    }

    static void WriteVersions(Utf8JsonWriter json)
    {
        json.WriteStartArray("versions");
        json.WriteNumberValue(FormatLimits.Version);
        json.WriteEndArray();
    }

    static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts) json.WriteStringValue(text);
        json.WriteEndArray();
    }
}

using System.Text.Json;
using Legion.Format;

namespace Legion.Sdk;

/// <summary>What a server says of each block of a batch, and what it lacks.</summary>
sealed class AppendAnswer
{
    /// <summary>Reason by block, of those that the server will never take.</summary>
    public Dictionary<Guid, string> Refused { get; } = [];

    /// <summary>Blocks that wait for what is missing.</summary>
    public HashSet<Guid> Waiting { get; } = [];

    /// <summary>Blocks that the server has: now, already, or another by the same id.</summary>
    public HashSet<Guid> Stored { get; } = [];

    public HashSet<SchemaHash> MissingSchemas { get; } = [];
    public HashSet<Guid> MissingProcesses { get; } = [];
    public HashSet<Guid> MissingStreams { get; } = [];

    /// <summary>What processes are told to do, by whomever: nobody has checked these.</summary>
    public List<SignedCommand> Commands { get; } = [];

    /// <summary>Processes that somebody looks at as they run.</summary>
    public HashSet<Guid> Watched { get; } = [];

    public bool LacksAnything => MissingSchemas.Count + MissingProcesses.Count + MissingStreams.Count > 0;

    public string? Error { get; private set; }

    /// <summary>Reads an answer. One that is not of this form says nothing of any block.</summary>
    public static AppendAnswer Read(ReadOnlyMemory<byte> json)
    {
        var answer = new AppendAnswer();
        try
        {
            using var document = JsonDocument.Parse(json);
            answer.Read(document.RootElement);
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException or FormatException or ArgumentException or KeyNotFoundException)
        {
            answer.Error = $"the answer cannot be read: {malformed.Message}";
        }
        return answer;
    }

    void Read(JsonElement root)
    {
        if (root.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.String) Error = error.GetString();
        if (root.TryGetProperty("blocks", out var blocks) && blocks.ValueKind == JsonValueKind.Array)
        {
            foreach (var block in blocks.EnumerateArray())
            {
                var id = block.GetProperty("block").GetGuid();
                switch (block.GetProperty("code").GetString())
                {
                    case "stored" or "exists" or "conflict":
                        Stored.Add(id);
                        break;
                    case "refused":
                        Refused[id] = block.TryGetProperty("reason", out var reason) && reason.GetString() is { } text ? text : "no reason given";
                        break;
                    default:
                        Waiting.Add(id);
                        break;
                }
            }
        }
        ReadCommands(root);
        foreach (var process in Items(root, "watched")) if (process.ValueKind == JsonValueKind.String && process.TryGetGuid(out var id)) Watched.Add(id);
        if (!root.TryGetProperty("missing", out var missing) || missing.ValueKind != JsonValueKind.Object) return;
        foreach (var schema in Items(missing, "schemas")) MissingSchemas.Add(SchemaHash.Parse(schema.GetString()!));
        foreach (var process in Items(missing, "processes")) MissingProcesses.Add(process.GetGuid());
        foreach (var stream in Items(missing, "streams")) MissingStreams.Add(stream.GetGuid());
    }

    void ReadCommands(JsonElement root)
    {
        foreach (var command in Items(root, "commands"))
        {
            if (Commands.Count == CommandInbox.Most) return;
            try
            {
                Commands.Add(SignedCommand.Read(command));
            }
            catch (InvalidDataException)
            {
                // One that is malformed must not keep the rest of the answer from being heard.
            }
        }
    }

    static IEnumerable<JsonElement> Items(JsonElement of, string name) =>
        of.TryGetProperty(name, out var items) && items.ValueKind == JsonValueKind.Array ? items.EnumerateArray() : [];
}

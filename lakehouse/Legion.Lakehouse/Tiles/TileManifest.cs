using System.Globalization;
using System.Text.Json;

namespace Legion.Lakehouse.Tiles;

/// <summary>A thread's lane in a flame chart.</summary>
/// <param name="Depth">Number of rows, one per depth; 0 for a thread without spans.</param>
public sealed record TileStream(Guid StreamId, string Name, ulong? ThreadId, int Depth);

/// <summary>Up to <see cref="TileGrid.LanesPerGroup"/> streams in order of registration, whose spans share tiles.</summary>
/// <param name="Generation">Hash of what the tiles are made from: another hash means other tiles.</param>
public sealed record TileGroup(int Number, string Generation, IReadOnlyList<TileStream> Streams);

/// <summary>What tiles there are for a process; times are nanoseconds UTC.</summary>
/// <param name="MaxLevel">The level at which the whole process is one tile or two.</param>
public sealed record TileManifest(Guid ProcessId, long BeginNs, long EndNs, int MaxLevel, IReadOnlyList<TileGroup> Groups)
{
    /// <summary>The first event of the process, of whichever stream.</summary>
    public long FirstNs { get; init; } = BeginNs;

    /// <summary>Its last event.</summary>
    public long LastNs { get; init; } = EndNs;

    /// <summary>
    /// Times of which no spans were read yet, in order. There tiles have rectangles of depth 0 without a name and with id 0, whose count is that of blocks' rows
    /// and whose busy share is how dense they are beside the densest.
    /// </summary>
    public IReadOnlyList<(long BeginNs, long EndNs)> Unread { get; init; } = [];

    /// <summary>Writes the JSON object that browsers read. 64-bit numbers are decimal strings.</summary>
    /// <param name="more">Writes further members.</param>
    public void WriteTo(Utf8JsonWriter json, Action<Utf8JsonWriter>? more = null)
    {
        var invariant = CultureInfo.InvariantCulture;
        json.WriteStartObject();
        json.WriteString("process", ProcessId);
        json.WriteString("begin_ns", BeginNs.ToString(invariant));
        json.WriteString("end_ns", EndNs.ToString(invariant));
        json.WriteString("first_ns", FirstNs.ToString(invariant));
        json.WriteString("last_ns", LastNs.ToString(invariant));
        json.WriteNumber("max_level", MaxLevel);
        json.WriteStartArray("unread");
        foreach (var (beginNs, endNs) in Unread)
        {
            json.WriteStartArray();
            json.WriteStringValue(beginNs.ToString(invariant));
            json.WriteStringValue(endNs.ToString(invariant));
            json.WriteEndArray();
        }
        json.WriteEndArray();
        more?.Invoke(json);
        json.WriteStartArray("groups");
        foreach (var group in Groups)
        {
            json.WriteStartObject();
            json.WriteNumber("group", group.Number);
            json.WriteString("g", group.Generation);
            json.WriteStartArray("streams");
            foreach (var stream in group.Streams)
            {
                json.WriteStartObject();
                json.WriteString("stream", stream.StreamId);
                json.WriteString("name", stream.Name);
                json.WriteString("thread_id", stream.ThreadId?.ToString(invariant) ?? "");
                json.WriteNumber("depth", stream.Depth);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}

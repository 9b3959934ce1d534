using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Legion.Lakehouse.Sql;

/// <summary>
/// What a query read, by which it is read again: of each process the blocks up to a version, as rows of views of certain schema versions.
/// As text it is JSON with sorted keys: <c>{"processes":{"ID":VERSION},"views":{"NAME":VERSION}}</c>.
/// </summary>
public sealed record QuerySnapshot(IReadOnlyDictionary<Guid, long> Processes, IReadOnlyDictionary<string, int> Views)
{
    public string ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject("processes");
            foreach (var (id, version) in Processes.OrderBy(process => process.Key.ToString(), StringComparer.Ordinal)) json.WriteNumber(id.ToString(), version);
            json.WriteEndObject();
            json.WriteStartObject("views");
            foreach (var (name, version) in Views.OrderBy(view => view.Key, StringComparer.Ordinal)) json.WriteNumber(name, version);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <exception cref="QueryException">The text is no snapshot.</exception>
    public static QuerySnapshot Parse(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return new QuerySnapshot(
                json.RootElement.GetProperty("processes").EnumerateObject().ToDictionary(process => Guid.ParseExact(process.Name, "D"), process => process.Value.GetInt64()),
                json.RootElement.GetProperty("views").EnumerateObject().ToDictionary(view => view.Name, view => view.Value.GetInt32(), StringComparer.OrdinalIgnoreCase));
        }
        catch (Exception cause) when (cause is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or ArgumentException)
        {
            throw new QueryException($$$"""cannot read the snapshot '{{{text}}}': expected {"processes":{"ID":VERSION},"views":{"NAME":VERSION}}, as the receipt of a query gives it""", cause: cause);
        }
    }

    /// <exception cref="QueryException">The view is not in it, or another schema version of it.</exception>
    internal void Require(View view)
    {
        if (!Views.TryGetValue(view.Name, out var version))
            throw new QueryException($"the snapshot has no view {view.Name} (views: {string.Join(", ", Views.Keys.Order(StringComparer.Ordinal))}): it is of another query");
        if (version != view.SchemaVersion)
            throw new QueryException($"the snapshot reads schema version {version} of view {view.Name}, and this program has version {view.SchemaVersion} alone: ask without the snapshot, or with the program that gave it");
    }
}

/// <summary>What was there when a snapshot was taken and was erased, or expired, since.</summary>
/// <param name="Slot">The process's slot of which blocks went; null: the whole process.</param>
public sealed record GoneSince(Guid ProcessId, int? Slot)
{
    internal static IReadOnlyList<GoneSince> Of(ProcessSnapshot snapshot, long version) =>
        [.. snapshot.Slots.Where(slot => slot.RemovedVersion > version).Select(slot => new GoneSince(snapshot.Process.ProcessId, slot.Number))];

    public override string ToString() => Slot is null ? $"process {ProcessId}" : $"blocks of slot {Slot} of process {ProcessId}";
}

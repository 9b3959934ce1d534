using System.Text.Encodings.Web;
using System.Text.Json;

namespace Legion.Store;

/// <summary>The lines of a dump. Bytes are an object with their base64, everything else is as JSON has it.</summary>
static class CatalogDump
{
    const string Base64 = "base64";

    /// <summary>Text stays as it is: it is read by programs.</summary>
    static readonly JsonSerializerOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Begins a table.</summary>
    public sealed record Table(string Name, string[] Columns);

    /// <summary>Ends the dump.</summary>
    public sealed record End(long Rows);

    public static string Line(Table table) => JsonSerializer.Serialize(new { table = table.Name, columns = table.Columns });

    public static string Line(End end) => JsonSerializer.Serialize(new { rows = end.Rows });

    public static string Line(object[] row) => JsonSerializer.Serialize(Array.ConvertAll(row, Portable), Options);

    /// <returns>A <see cref="Table"/>, a row as an array of values for the table before it, or the <see cref="End"/>.</returns>
    /// <exception cref="InvalidDataException">The line is none of these.</exception>
    public static object Read(string line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            var root = json.RootElement;
            if (root.ValueKind == JsonValueKind.Array) return root.EnumerateArray().Select(Value).ToArray();
            if (root.TryGetProperty("rows", out var rows)) return new End(rows.GetInt64());
            return new Table(root.GetProperty("table").GetString()!, [.. root.GetProperty("columns").EnumerateArray().Select(column => column.GetString()!)]);
        }
        catch (Exception cause) when (cause is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"cannot read a line of the catalog's dump: {cause.Message}", cause);
        }
    }

    static object? Portable(object value) => value switch
    {
        DBNull => null,
        byte[] bytes => new Dictionary<string, string> { [Base64] = Convert.ToBase64String(bytes) },
        bool flag => flag ? 1L : 0L,
        _ => value,
    };

    static object Value(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => DBNull.Value,
        JsonValueKind.String => value.GetString()!,
        // Not one conditional of both: that would make a double of either.
        JsonValueKind.Number when value.TryGetInt64(out var whole) => whole,
        JsonValueKind.Number => value.GetDouble(),
        _ => Convert.FromBase64String(value.GetProperty(Base64).GetString()!),
    };
}

using System.Globalization;
using System.Text.Json;
using Legion.Lakehouse.Timeline;

namespace Legion.Lakehouse;

/// <summary>How many of the spans that end in a column of time took how long.</summary>
/// <param name="Column">From 0.</param>
/// <param name="Bucket">The durations; its count is that of the cell.</param>
public readonly record struct HeatCell(int Column, DurationBucket Bucket);

/// <summary>The spans of one name by when they ended and how long they took.</summary>
/// <param name="Edges">Where columns begin, ascending, nanoseconds UTC, and the end of the last one.</param>
/// <param name="Cells">Those that have a span, by column, then by duration.</param>
public sealed record DurationHeat(string Name, IReadOnlyList<long> Edges, IReadOnlyList<HeatCell> Cells)
{
    /// <summary>As narrow as somebody still hits one: some 12 pixels, as a page asks for three times of what it shows.</summary>
    public const int MostColumns = 240;

    /// <summary>Writes the JSON object that browsers read: durations once, each cell as column, number of its durations, count.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        (double LowNs, double HighNs)[] buckets = [.. Cells.Select(cell => (cell.Bucket.LowNs, cell.Bucket.HighNs)).Distinct().Order()];
        var numberOf = buckets.Index().ToDictionary(bucket => bucket.Item, bucket => bucket.Index);
        json.WriteStartObject();
        json.WriteString("name", Name);
        json.WriteStartArray("edges_ns");
        foreach (var edge in Edges) json.WriteStringValue(edge.ToString(CultureInfo.InvariantCulture));
        json.WriteEndArray();
        json.WriteStartArray("buckets");
        foreach (var (lowNs, highNs) in buckets) Write(json, Math.Round(lowNs, 2), Math.Round(highNs, 2));
        json.WriteEndArray();
        json.WriteStartArray("cells");
        foreach (var (column, bucket) in Cells) Write(json, column, numberOf[(bucket.LowNs, bucket.HighNs)], bucket.Count);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void Write(Utf8JsonWriter json, params ReadOnlySpan<double> numbers)
    {
        json.WriteStartArray();
        foreach (var number in numbers) json.WriteNumberValue(number);
        json.WriteEndArray();
    }
}

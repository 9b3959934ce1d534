using System.Text.Json;

namespace Legion.Lakehouse.Timeline;

/// <summary>How many spans of a name begin in which step of a window.</summary>
/// <param name="Bins">Steps from the window's begin, ascending, with how many begin in them; those in which none does are left out.</param>
public sealed record HitDensity(long StepNs, IReadOnlyList<(long Bin, long Count)> Bins)
{
    /// <summary>Writes the JSON object that browsers read.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteInt64("step_ns", StepNs);
        json.WriteStartArray("bins");
        foreach (var (bin, count) in Bins)
        {
            json.WriteStartArray();
            json.WriteNumberValue(bin);
            json.WriteNumberValue(count);
            json.WriteEndArray();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}

using System.Text.Json;

namespace Legion.Lakehouse.Timeline;

/// <summary>How many log entries of a level.</summary>
public readonly record struct LevelCount(string Level, long Count);

/// <summary>Log entries that lie close together.</summary>
/// <param name="At">Their bucket's begin, in steps from the window's begin.</param>
/// <param name="TimeNs">Of the first entry of the most severe level, whose message it is.</param>
/// <param name="Message">At most <see cref="LogItem.MostCharacters"/> of it.</param>
/// <param name="Counts">The most severe level first.</param>
public sealed record LogBucket(double At, long TimeNs, string Message, IReadOnlyList<LevelCount> Counts);

/// <summary>Log entries in a window, in order of time; buckets without any are left out.</summary>
public sealed record LogWindow(long StepNs, IReadOnlyList<LogBucket> Buckets)
{
    /// <summary>Writes the JSON object that browsers read.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteInt64("step_ns", StepNs);
        json.WriteStartArray("buckets");
        foreach (var bucket in Buckets)
        {
            json.WriteStartObject();
            json.WriteNumber("bucket", bucket.At);
            json.WriteInt64("time_ns", bucket.TimeNs);
            json.WriteString("message", bucket.Message);
            json.WriteStartObject("counts");
            foreach (var (level, count) in bucket.Counts) json.WriteNumber(level, count);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}

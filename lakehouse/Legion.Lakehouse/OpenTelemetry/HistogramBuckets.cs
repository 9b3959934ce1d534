using System.Text.Json;

namespace Legion.Lakehouse.OpenTelemetry;

/// <summary>
/// The buckets of a histogram's point as JSON, the same for both kinds: <c>bounds</c>, ascending, and <c>counts</c>, one more of them.
/// The first count is of values up to the first bound, each further one of those above a bound and up to the next, the last of those above the last bound.
/// </summary>
static class HistogramBuckets
{
    public static void Write(Utf8JsonWriter json, HistogramPoint point)
    {
        // Counts without bounds, or too many of either, say nothing; a point may leave all of them out.
        if (point.BucketCounts.Count != point.ExplicitBounds.Count + 1) Write(json, [], [point.Count]);
        else Write(json, [.. point.ExplicitBounds], [.. point.BucketCounts]);
    }

    /// <summary>
    /// Bucket i of a scale holds values above base^i and up to base^(i+1), base = 2^(2^-scale), and those of negative values are their mirror image
    /// (OpenTelemetry's data model, "ExponentialHistogram").
    /// </summary>
    public static void Write(Utf8JsonWriter json, ExponentialHistogramPoint point)
    {
        var (bounds, counts) = (new List<double>(), new List<ulong>());
        var negative = point.Negative ?? new ExponentialBuckets();
        for (var i = negative.BucketCounts.Count; i >= 0 && negative.BucketCounts.Count > 0; i--)
            Add(-Bound(point.Scale, negative.Offset + (long)i), i < negative.BucketCounts.Count ? negative.BucketCounts[i] : 0);
        Add(0 - point.ZeroThreshold, 0);
        Add(point.ZeroThreshold, point.ZeroCount);
        var positive = point.Positive ?? new ExponentialBuckets();
        for (var i = -1; i < positive.BucketCounts.Count && positive.BucketCounts.Count > 0; i++)
            Add(Bound(point.Scale, positive.Offset + i + 1L), i < 0 ? 0 : positive.BucketCounts[i]);
        Write(json, bounds, [.. counts, 0]);

        // Up to this bound, from the one before. Bounds that a double cannot tell apart are one.
        void Add(double bound, ulong count)
        {
            if (bounds.Count > 0 && bound <= bounds[^1])
            {
                counts[^1] += count;
                return;
            }
            bounds.Add(bound);
            counts.Add(count);
        }
    }

    static double Bound(int scale, long index) => Math.Clamp(Math.Pow(2, index * Math.Pow(2, -Math.Clamp(scale, -10, 20))), double.Epsilon, double.MaxValue);

    static void Write(Utf8JsonWriter json, IReadOnlyList<double> bounds, IReadOnlyList<ulong> counts)
    {
        json.WriteStartObject();
        json.WriteStartArray("bounds");
        foreach (var bound in bounds) json.WriteNumberValue(double.IsFinite(bound) ? bound : bound > 0 ? double.MaxValue : double.MinValue);
        json.WriteEndArray();
        json.WriteStartArray("counts");
        foreach (var count in counts) json.WriteNumberValue(count);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}

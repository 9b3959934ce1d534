namespace Legion.Lakehouse.Timeline;

/// <summary>
/// A range of time that somebody looks at, nanoseconds UTC, its end exclusive: whatever is asked of it is answered in buckets, so that the answer is never
/// larger than a screen.
/// </summary>
public readonly record struct TimeWindow
{
    TimeWindow(long fromNs, long toNs) => (FromNs, ToNs) = (fromNs, toNs);

    public long FromNs { get; }

    public long ToNs { get; }

    /// <summary>Null where it would be empty, or beyond what its differences fit into.</summary>
    public static TimeWindow? Of(long fromNs, long toNs) => fromNs >= 0 && fromNs < toNs && toNs <= long.MaxValue / 2 ? new TimeWindow(fromNs, toNs) : null;

    /// <summary>Width of a bucket where so many cover the window.</summary>
    public long StepNs(int buckets) => (ToNs - FromNs + buckets - 1) / buckets;
}

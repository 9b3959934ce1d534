namespace Legion.Sdk;

/// <summary>What the flusher has seen. Only its thread writes; 64-bit readings by others are whole.</summary>
sealed class Counters
{
    public long Trace, Logs, Metrics, UserEvents;
    public long LostTrace, LostLogs, LostMetrics, LostUserEvents;

    /// <summary>Records that made no sense.</summary>
    public long Damaged;
}

/// <summary>Events by kind of stream.</summary>
/// <param name="Trace">Begins and ends of spans and of contexts.</param>
/// <param name="UserEvents">Events of the program's own types.</param>
public readonly record struct EventCounts(long Trace, long Logs, long Metrics, long UserEvents)
{
    public long Total => Trace + Logs + Metrics + UserEvents;
}

/// <summary>What a recording has done so far, as of the flusher's last pass.</summary>
/// <param name="Recorded">Events taken from the threads that recorded them.</param>
/// <param name="Dropped">Events lost because the memory was full.</param>
/// <param name="Damaged">Records that something in the process had written over.</param>
/// <param name="Sink">What became of the blocks.</param>
public sealed record Statistics(EventCounts Recorded, EventCounts Dropped, long Damaged, SinkCounts Sink)
{
    /// <summary>Recorded events that were left out by <see cref="TelemetryOptions.Sampling"/>.</summary>
    public long Sampled { get; init; }
}

using Legion.Format;

namespace Legion.Store;

/// <summary>What a request of OpenTelemetry exports. The numbers are stored.</summary>
public enum ExportSignal
{
    Traces = 1,
    Metrics = 2,
    Logs = 3,
}

public static class ExportSignals
{
    /// <summary>The class of the streams that its events become.</summary>
    public static StreamClass ClassOf(this ExportSignal signal) => signal switch
    {
        ExportSignal.Traces => StreamClass.Trace,
        ExportSignal.Metrics => StreamClass.Metric,
        _ => StreamClass.Log,
    };
}

/// <summary>
/// A request in another protocol, stored as it came and acknowledged, that is not blocks yet. Nobody has looked into it:
/// that is done by <c>legion serve</c> in the roles that decode, after which row and object go.
/// </summary>
public sealed record ArrivalRow
{
    /// <summary>The two media types that are taken.</summary>
    public const string Protobuf = "application/x-protobuf", Json = "application/json";

    public required Tenant Tenant { get; init; }

    /// <summary>A UUID of version 7, made when it came; the ids of its blocks follow from it, so that doing the work twice stores them once.</summary>
    public required Guid ArrivalId { get; init; }

    public required ExportSignal Signal { get; init; }

    /// <summary><see cref="Protobuf"/> or <see cref="Json"/>.</summary>
    public required string MediaType { get; init; }

    /// <summary>Whether the object is compressed.</summary>
    public required bool IsGzip { get; init; }

    public required string ObjectKey { get; init; }

    /// <summary>Bytes of the object.</summary>
    public required int Bytes { get; init; }

    public required long ReceivedNs { get; init; }

    /// <summary>How often somebody began to work on it.</summary>
    public int Attempts { get; init; }

    /// <summary>Why it cannot be read; null where nobody has found a fault.</summary>
    public string? Failure { get; init; }

    public string SignalName => Signal switch
    {
        ExportSignal.Traces => "traces",
        ExportSignal.Metrics => "metrics",
        _ => "logs",
    };
}

/// <summary>How many arrivals wait, and how many cannot be read.</summary>
public sealed record ArrivalTotals(long Waiting, long Failed, long Bytes);

/// <summary>
/// The process and the streams that stand for an OpenTelemetry resource: exporters send attributes, where the SDK sends ids.
/// </summary>
/// <param name="Digest">SHA-256 of the resource's sorted attributes.</param>
/// <param name="StartNs">The earliest time that its first request names, nanoseconds UTC.</param>
public sealed record ResourceRow(ReadOnlyMemory<byte> Digest, Guid ProcessId, Guid TraceStreamId, Guid MetricStreamId, Guid LogStreamId, long StartNs);

namespace Legion.Ingestion;

/// <summary>What ingestion takes: of one tenant, and in all. What exceeds it is refused at once and not left waiting.</summary>
public sealed record IngestionLimits
{
    /// <summary>Most bytes of one batch; larger ones are answered 413. Clients aim at one mebibyte.</summary>
    public int BatchBytes { get; init; } = 64 << 20;

    /// <summary>Most bytes of bodies that are in memory at once; a request beyond it is answered 503. At least one batch must fit.</summary>
    public long InFlightBytes { get; init; } = 256 << 20;

    /// <summary>Most requests that are read, wait for their turn or are stored at once; one beyond it is answered 503.</summary>
    public int Places { get; init; } = 256;

    /// <summary>Requests that are stored at once. More of them share more of what a write to disk costs, and each holds its turn longer.</summary>
    public int Turns { get; init; } = 32;

    /// <summary>A request that would wait longer for its turn, by what the last ones took, is answered 503.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a request waits for the lake before it is answered 503. An append takes milliseconds, and clients wait for half a minute.</summary>
    public TimeSpan LongestStore { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Bytes of bodies that one tenant may send a second; beyond it, it is answered 429.</summary>
    public double TenantBytesPerSecond { get; init; } = 256 << 20;

    /// <summary>Requests that one tenant may send a second; beyond it, it is answered 429.</summary>
    public double TenantRequestsPerSecond { get; init; } = 5_000;

    /// <summary>For how long a tenant that was silent may exceed its rates by as much again: programs send when a timer says so, many at once.</summary>
    public TimeSpan TenantBurst { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Most connections at once; one beyond it is closed. What an idle one costs is some ten kilobytes, what a slow sender costs at most <see cref="ConnectionLimits.BufferBytes"/>.</summary>
    public int Connections { get; init; } = 4096;

    /// <summary>A body must come at this rate on average, once <see cref="SlowGrace"/> is over. A mebibyte over the slowest link that still works takes four minutes.</summary>
    public double SlowestBytesPerSecond { get; init; } = 4 << 10;

    /// <summary>How long a body may be slower: a link that begins slowly is no attack.</summary>
    public TimeSpan SlowGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Most bytes of one OpenTelemetry request, as it is sent and decompressed: who reads it has all of it in memory. Exporters and collectors send some mebibytes.</summary>
    public int ExportBytes { get; init; } = 16 << 20;
}

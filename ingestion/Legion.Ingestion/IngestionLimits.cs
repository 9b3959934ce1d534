namespace Legion.Ingestion;

/// <summary>What ingestion takes at once.</summary>
public sealed record IngestionLimits
{
    /// <summary>Most bytes of one batch; larger ones are answered 413. Clients aim at one mebibyte.</summary>
    public int BatchBytes { get; init; } = 64 << 20;

    /// <summary>Most bytes of bodies that are in memory at once; beyond it requests are answered 503 before their body is read. At least one batch must fit.</summary>
    public long InFlightBytes { get; init; } = 256 << 20;
}

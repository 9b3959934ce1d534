namespace Legion.Ingestion;

/// <summary>What ingestion takes at once.</summary>
public sealed record IngestionLimits
{
    /// <summary>Most bytes of one batch; larger ones are answered 413. Clients aim at one mebibyte.</summary>
    public int BatchBytes { get; init; } = 64 << 20;

    /// <summary>Most bytes of bodies that are in memory at once; a request beyond it is answered 503. At least one batch must fit.</summary>
    public long InFlightBytes { get; init; } = 256 << 20;
}

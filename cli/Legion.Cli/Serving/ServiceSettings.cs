using Legion.Ingestion;
using Legion.Store;

namespace Legion.Cli.Serving;

/// <summary>What a service is to be, once its options are read and make sense.</summary>
sealed record ServiceSettings
{
    public required ServedAddresses Addresses { get; init; }

    public ServiceRole Role { get; init; } = ServiceRole.All;

    /// <summary>Whose keys open it; null where none is needed.</summary>
    public KeyRing? Keys { get; init; }

    public IngestionLimits Limits { get; init; } = new();

    /// <summary>From when the service says that it is not ready any more until it refuses requests: as long as those who send them take to hear of it.</summary>
    public TimeSpan DrainDelay { get; init; }

    /// <summary>How long requests that run at the end may take.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);
}

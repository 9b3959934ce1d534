namespace Legion.Lakehouse.Sql.Workers;

/// <summary>What a query may take of a machine that others use, too.</summary>
public sealed record SqlLimits
{
    /// <summary>How long engines may work on one query, and its reader may take over what they give. Building partitions does not count.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Most bytes that a worker's process takes, the runtime's some 100 MB included; the system enforces it. What sorting and joining need beyond goes to disk.</summary>
    /// <remarks>Half of the machine's, or of what its container may have, for all workers together.</remarks>
    public long MemoryBytes { get; init; } = MemoryOf(UsualAtOnce);

    /// <summary>Most bytes on disk that a query puts aside.</summary>
    public long TemporaryBytes { get; init; } = 8L << 30;

    /// <summary>Queries that run at the same time; others wait for their turn.</summary>
    public int MostAtOnce { get; init; } = UsualAtOnce;

    /// <summary>Of these, how many may be one actor's, so that one of them does not keep all others waiting.</summary>
    public int MostOfOneActor => Math.Max(1, MostAtOnce / 2);

    /// <summary>How long a query waits for its turn.</summary>
    public TimeSpan MostWait { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Less leaves little beside the runtime.</summary>
    const long LeastUsualBytes = 512L << 20;

    static long Available => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2;

    static int UsualAtOnce => (int)Math.Clamp(Math.Min(Environment.ProcessorCount, Available / LeastUsualBytes), 2, 16);

    /// <summary>Threads of one engine; each has memory of its own.</summary>
    internal int Threads => Math.Clamp(Environment.ProcessorCount / 2, 1, 8);

    /// <summary>What each of so many workers may take.</summary>
    public static long MemoryOf(int atOnce) => Math.Max(LeastUsualBytes, Available / atOnce);
}

/// <summary>Other queries had all workers for longer than a query waits.</summary>
public sealed class SqlBusyException(string message) : Exception(message);

namespace Legion.Lakehouse.Sql.Workers;

/// <summary>What a query may take of a machine that others use, too.</summary>
public sealed record SqlLimits
{
    /// <summary>How long engines may work on one query, and its reader may take over what they give. Building partitions does not count.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Most bytes that a worker's process takes, the runtime's some 100 MB included; the system enforces it. What sorting and joining need beyond goes to disk.</summary>
    /// <remarks>Half of the machine's, or of what its container may have, for all workers together.</remarks>
    public long MemoryBytes { get; init; } = Math.Max(512L << 20, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2 / UsualAtOnce);

    /// <summary>Most bytes on disk that a query puts aside.</summary>
    public long TemporaryBytes { get; init; } = 8L << 30;

    /// <summary>Queries that run at the same time; others wait for their turn.</summary>
    public int MostAtOnce { get; init; } = UsualAtOnce;

    /// <summary>Of these, how many may be one actor's, so that one of them does not keep all others waiting.</summary>
    public int MostOfOneActor => Math.Max(1, MostAtOnce / 2);

    /// <summary>How long a query waits for its turn.</summary>
    public TimeSpan MostWait { get; init; } = TimeSpan.FromSeconds(30);

    static int UsualAtOnce => Math.Clamp(Environment.ProcessorCount, 2, 16);

    /// <summary>Threads of one engine.</summary>
    internal int Threads => Math.Max(1, Environment.ProcessorCount / 2);
}

/// <summary>Other queries had all workers for longer than a query waits.</summary>
public sealed class SqlBusyException(string message) : Exception(message);

namespace Legion.Ingestion;

/// <summary>Counts bytes that requests have reserved, and refuses what exceeds the limit instead of letting it wait.</summary>
sealed class InFlightBytes(long limit)
{
    long reserved;

    public long Reserved => Volatile.Read(ref reserved);

    public bool TryReserve(long bytes)
    {
        if (Interlocked.Add(ref reserved, bytes) <= limit) return true;
        Release(bytes);
        return false;
    }

    public void Release(long bytes) => Interlocked.Add(ref reserved, -bytes);
}

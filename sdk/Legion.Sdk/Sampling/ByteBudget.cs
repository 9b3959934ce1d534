using Legion.Format;

namespace Legion.Sdk;

/// <summary>Bytes that may be sent: a bucket that holds a minute's share and fills as time goes by. What is needed least must leave the most in it.</summary>
sealed class ByteBudget
{
    /// <summary>What may go at once, in seconds' worth.</summary>
    const int BurstSeconds = 60;

    /// <summary>Each class of blocks leaves so much of the bucket to those that are needed more than it.</summary>
    const double ReserveOfClass = 1.0 / 8;

    readonly double bytesPerNs;
    readonly double capacity;
    double left;
    long atNs;

    public ByteBudget(long bytesPerSecond, long nowNs)
    {
        bytesPerNs = bytesPerSecond / 1e9;
        left = capacity = (double)bytesPerSecond * BurstSeconds;
        atNs = nowNs;
    }

    /// <param name="nowNs">Monotonic nanoseconds.</param>
    public void Refill(long nowNs)
    {
        left = Math.Min(capacity, left + Math.Max(0, nowNs - atNs) * bytesPerNs);
        atNs = nowNs;
    }

    public bool TrySpend(StreamClass streamClass, long bytes)
    {
        var neededMore = SendQueue.LeastNeededFirst.Length - 1 - Array.IndexOf(SendQueue.LeastNeededFirst, streamClass);
        if (left - bytes < capacity * ReserveOfClass * neededMore) return false;
        left -= bytes;
        return true;
    }

    /// <summary>Counts what goes in any case, and has to be saved elsewhere.</summary>
    public void Spend(long bytes) => left -= bytes;
}

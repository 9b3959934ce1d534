using System.Runtime.InteropServices;

namespace Legion.Sdk;

/// <summary>
/// All memory that recording threads may fill, reserved at once. It is freed when no thread refers to a segment of it any more:
/// a thread may still be appending at the moment the recording ends.
/// </summary>
sealed unsafe class SegmentPool
{
    readonly byte* memory;
    readonly Stack<Segment> free;
    int freeCount;

    public SegmentPool(long bytes, int segmentBytes)
    {
        Count = (int)Math.Max(2, bytes / segmentBytes);
        memory = (byte*)NativeMemory.AlignedAlloc((nuint)Count * (nuint)segmentBytes, 4096);
        free = new Stack<Segment>(Count);
        for (var i = Count - 1; i >= 0; i--) free.Push(new Segment(this, memory + (long)i * segmentBytes, segmentBytes));
        freeCount = Count;
    }

    ~SegmentPool() => NativeMemory.AlignedFree(memory);

    public int Count { get; }

    /// <summary>Segments nobody uses; a hint, as it changes at any time.</summary>
    public int Free => Volatile.Read(ref freeCount);

    /// <summary>An empty segment, or null when all are in use. The last returned comes first, so that a quiet program touches few pages.</summary>
    public Segment? TryRent()
    {
        if (Free == 0) return null;
        lock (free)
        {
            if (!free.TryPop(out var segment)) return null;
            Volatile.Write(ref freeCount, free.Count);
            segment.Reset();
            return segment;
        }
    }

    public void Return(Segment segment)
    {
        lock (free)
        {
            free.Push(segment);
            Volatile.Write(ref freeCount, free.Count);
        }
    }
}

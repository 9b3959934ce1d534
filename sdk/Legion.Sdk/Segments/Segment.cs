using System.Runtime.CompilerServices;

namespace Legion.Sdk;

/// <summary>
/// A stretch of native memory that one thread appends records to and the flusher reads.
/// Its first bytes are u32 magic, u32 layout version, u64 committed bytes after the header (the tail).
/// </summary>
sealed unsafe class Segment
{
    public const int HeaderBytes = 64;

    const uint Magic = 0x4753474C; // "LGSG"

    readonly SegmentPool? pool;
    readonly byte* memory;
    Segment? next;

    /// <param name="pool">Owner of the memory, kept alive by its segments.</param>
    public Segment(SegmentPool pool, byte* memory, int bytes)
    {
        this.pool = pool;
        this.memory = memory;
        Capacity = bytes - HeaderBytes;
    }

    Segment()
    {
    }

    /// <summary>A segment without room, with which a thread begins.</summary>
    public static Segment Empty() => new();

    public int Capacity { get; }

    public byte* Records => memory + HeaderBytes;

    public long* TailAddress => (long*)(memory + 8);

    /// <summary>Bytes of whole records, as the owner has committed them.</summary>
    public int Tail => memory is null ? 0 : (int)Volatile.Read(ref Unsafe.AsRef<long>(TailAddress));

    /// <summary>The segment that the owner went on with; once it is set, the tail is final.</summary>
    public Segment? Next => Volatile.Read(ref next);

    public void Link(Segment following) => Volatile.Write(ref next, following);

    /// <summary>Makes the segment an empty one of its own.</summary>
    public void Reset()
    {
        ((uint*)memory)[0] = Magic;
        ((uint*)memory)[1] = RecordLayout.Version;
        Volatile.Write(ref Unsafe.AsRef<long>(TailAddress), 0);
        next = null;
    }

    /// <summary>Gives the memory back. Nobody may append to or read the segment any more.</summary>
    public void Release() => pool?.Return(this);
}

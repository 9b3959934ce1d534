using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Legion.Format;
using Microsoft.Win32.SafeHandles;

namespace Legion.Sdk;

/// <summary>The first bytes of an area: what another process needs to read it.</summary>
struct AreaHeader
{
    public ulong Magic;
    public uint LayoutVersion;
    public int SegmentBytes;
    public int Cursors;
    public int Segments;

    /// <summary>Where the area lay in the process that wrote it; addresses in it count from there.</summary>
    public ulong Base;
    public Guid ProcessId;

    /// <summary>UTC minus monotonic nanoseconds at the process's first knot.</summary>
    public long UtcOffsetNs;

    /// <summary>Knots so far; the last <see cref="SegmentArea.MostKnots"/> of them are kept, by number modulo that.</summary>
    public long Knots;
}

/// <summary>
/// All memory that recording threads fill, reserved at once: header and clock knots, a cursor for each thread, segments.
/// It lies in a file where the recording is to survive its process.
/// </summary>
sealed unsafe class SegmentArea
{
    public const ulong Magic = 0x31_41_45_52_41_47_4C; // "LGAREA1"
    public const int MostKnots = 1024;

    /// <summary>Bytes in which the contexts that are open where a segment begins are kept.</summary>
    public const int ContextBytes = 1024;

    const int KnotsOffset = 4096;
    const int CursorsOffset = 32 << 10;

    readonly byte* memory;
    readonly long bytes;
    readonly Segment[] segments;
    readonly Stack<Segment> free;
    readonly Stack<int> freeCursors;
    readonly int cursors;
    int freeCount;

    SegmentArea(byte* memory, int count)
    {
        this.memory = memory;
        Segments = count;
        bytes = BytesFor(count);
        segments = new Segment[count];
        var first = memory + bytes - (long)count * Segment.Bytes;
        for (var i = 0; i < count; i++) segments[i] = new Segment(this, i, first + (long)i * Segment.Bytes);
        free = new Stack<Segment>(segments.Reverse());
        cursors = CursorsFor(count);
        freeCursors = new Stack<int>(Enumerable.Range(0, cursors).Reverse());
        freeCount = count;
    }

    public int Segments { get; }

    /// <summary>Threads that a reader after the process can find.</summary>
    public int Cursors => cursors;

    public Segment this[int index] => segments[index];

    public byte* Base => memory;

    public ref AreaHeader Header => ref *(AreaHeader*)memory;

    /// <summary>Segments nobody uses; a hint, as it changes at any time.</summary>
    public int Free => Volatile.Read(ref freeCount);

    Span<ClockKnot> KnotRing => new(memory + KnotsOffset, MostKnots);

    /// <summary>Bytes of an area of so many segments.</summary>
    public static long BytesFor(int segments) => Aligned(ContextsOffset(segments) + (long)segments * ContextBytes) + (long)segments * Segment.Bytes;

    static long ContextsOffset(int segments) => CursorsOffset + (long)CursorsFor(segments) * Cursor.Bytes;

    /// <summary>A thread that records has at least one segment, but for those that wait for one.</summary>
    static int CursorsFor(int segments) => segments + 256;

    public static int SegmentsFor(long memoryBytes) => (int)Math.Clamp(memoryBytes / Segment.Bytes, 2, 1 << 16);

    /// <summary>An area in this process's memory, of fewer segments where the system does not give so many.</summary>
    /// <exception cref="OutOfMemoryException">It does not even give two.</exception>
    public static SegmentArea Reserve(Guid processId, int segments)
    {
        while (true)
        {
            try
            {
                return Begin(NativePages.Reserve(BytesFor(segments)), processId, segments);
            }
            catch (OutOfMemoryException) when (segments > 2)
            {
                segments = Math.Max(2, segments / 2);
            }
        }
    }

    /// <summary>An area in a file that has its full length already: writing into a file with holes on a full disk would kill the process.</summary>
    public static SegmentArea Map(SafeFileHandle file, Guid processId, int segments) => Begin(NativePages.Map(file, BytesFor(segments)), processId, segments);

    /// <summary>The area that another process has left, as it was.</summary>
    /// <exception cref="InvalidDataException">The file holds no area of this layout.</exception>
    public static SegmentArea Open(SafeFileHandle file)
    {
        var length = RandomAccess.GetLength(file);
        if (length < CursorsOffset) throw new InvalidDataException($"expected a segment file, saw {length} bytes");
        var memory = NativePages.MapCopy(file, length);
        var header = *(AreaHeader*)memory;
        var fits = header is { Magic: Magic, LayoutVersion: RecordLayout.Version, SegmentBytes: Segment.Bytes, Segments: > 0 and <= 1 << 16 }
            && header.Cursors == CursorsFor(header.Segments) && BytesFor(header.Segments) == length;
        if (fits)
        {
            var area = new SegmentArea(memory, header.Segments);
            // Positions are addresses of the process that is gone. Those in records only name what they point at.
            for (var i = 0; i < area.Cursors; i++) area.CursorAt(i)->Position += memory - (byte*)header.Base;
            return area;
        }
        NativePages.Discard(memory, length);
        throw new InvalidDataException(
            $"expected a segment file of layout {RecordLayout.Version}, saw magic {header.Magic:x}, layout {header.LayoutVersion}, {header.Segments} segments in {length} bytes");
    }

    /// <summary>The cursor with the index.</summary>
    public Cursor* CursorAt(int index) => (Cursor*)(memory + CursorsOffset) + index;

    /// <summary>What is kept of the contexts that are open where the segment begins.</summary>
    public Span<byte> ContextsOf(Segment segment) => new(memory + ContextsOffset(Segments) + segment.Index * ContextBytes, ContextBytes);

    /// <summary>A cursor that no thread has, or -1.</summary>
    public int TryRentCursor()
    {
        lock (free) return freeCursors.TryPop(out var index) ? index : -1;
    }

    public void ReturnCursor(int index)
    {
        lock (free) freeCursors.Push(index);
    }

    /// <summary>A segment nobody uses, or null. The last returned comes first, so that a quiet program touches few pages.</summary>
    public Segment? TryRent()
    {
        if (Free == 0) return null;
        lock (free)
        {
            if (!free.TryPop(out var segment)) return null;
            Volatile.Write(ref freeCount, free.Count);
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

    /// <summary>True for an address in the area as its process knew it, or for the number of a span of which the begin was lost.</summary>
    public bool MayBegin(ulong address) => address <= ThreadContext.MostLostBegin || address - Header.Base < (ulong)bytes;

    /// <summary>Keeps a knot for whoever may read the area after the process.</summary>
    public void Keep(ClockKnot knot)
    {
        KnotRing[(int)(Header.Knots % MostKnots)] = knot;
        Volatile.Write(ref Header.Knots, Header.Knots + 1);
    }

    /// <summary>The knots that are kept, oldest first.</summary>
    public ClockKnot[] Knots()
    {
        // One less than there is room for: the oldest may just have been written over.
        var count = (int)Math.Clamp(Header.Knots, 0, MostKnots - 1);
        var knots = new ClockKnot[count];
        for (var i = 0; i < count; i++) knots[i] = KnotRing[(int)((Header.Knots - count + i) % MostKnots)];
        return knots;
    }

    /// <summary>Says that what lies here cannot be trusted after the process.</summary>
    public void Spoil() => Header.Magic = 0;

    /// <summary>Gives the memory back. What a thread still appends goes nowhere.</summary>
    public void Discard() => NativePages.Discard(memory, bytes);

    static SegmentArea Begin(byte* memory, Guid processId, int segments)
    {
        var area = new SegmentArea(memory, segments);
        area.Header = new AreaHeader
        {
            Magic = Magic, LayoutVersion = RecordLayout.Version, SegmentBytes = Segment.Bytes, Cursors = CursorsFor(segments), Segments = segments,
            Base = (ulong)memory, ProcessId = processId,
        };
        return area;
    }

    static long Aligned(long offset) => offset + Segment.Bytes - 1 & ~(Segment.Bytes - 1L);
}

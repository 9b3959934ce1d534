using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Legion.Sdk;

/// <summary>The first bytes of a segment.</summary>
[StructLayout(LayoutKind.Sequential, Size = Segment.HeaderBytes)]
struct SegmentHeader
{
    public uint Magic;

    /// <summary>Index of the cursor whose thread appends, and its generation then.</summary>
    public int Cursor;
    public uint Generation;

    /// <summary>Index of the segment that the thread went on with, -1 for none. Once it is set, the tail is final.</summary>
    public int Next;

    /// <summary>Number among the thread's segments, from 0.</summary>
    public ulong Number;

    /// <summary>Bytes of whole records, set when the thread goes on with another; and the same once more with every bit turned over, as no other way is left to tell a wrong one.</summary>
    public long Tail, TailCheck;
}

/// <summary>A stretch of memory that one thread appends records to and the flusher reads.</summary>
sealed unsafe class Segment(SegmentArea area, int index, byte* memory)
{
    public const int Bytes = 64 << 10;
    public const int HeaderBytes = 64;
    public const uint Magic = 0x4753474C; // "LGSG"

    public int Index => index;

    public ref SegmentHeader Header => ref *(SegmentHeader*)memory;

    public byte* Records => memory + HeaderBytes;

    public byte* End => memory + Bytes;

    /// <summary>How many blocks in progress, and the reading itself, still need what lies in it. Only the flusher counts.</summary>
    public int Holders { get; set; }

    /// <summary>The segment that the owner went on with; once there is one, the tail is final. Null as well where the link is damaged.</summary>
    public Segment? Next
    {
        get
        {
            var next = Volatile.Read(ref Header.Next);
            var isNext = next >= 0 && next < area.Segments && area[next].Belongs(Header.Cursor, Header.Generation) && area[next].Header.Number == Header.Number + 1 && HasFinalTail;
            return isNext ? area[next] : null;
        }
    }

    /// <summary>True where something wrote over what says which segment follows, or where the records here end.</summary>
    public bool IsLinkDamaged => Volatile.Read(ref Header.Next) != -1 && Next is null;

    bool HasFinalTail => Header.TailCheck == ~Header.Tail && Header.Tail is >= 0 and <= Bytes - HeaderBytes && (Header.Tail & 7) == 0;

    /// <summary>True for a segment that the cursor's thread has begun.</summary>
    public bool Belongs(int cursor, uint generation) => Header.Magic == Magic && Header.Cursor == cursor && Header.Generation == generation;

    /// <summary>Position in all that the thread recorded of the record at <paramref name="offset"/>.</summary>
    public ulong Position(int offset) => Header.Number * Bytes + (uint)offset;

    /// <summary>Makes the segment an empty one of the thread's.</summary>
    public void Begin(int cursor, uint generation, ulong number) =>
        Header = new SegmentHeader { Magic = Magic, Cursor = cursor, Generation = generation, Next = -1, Number = number, Tail = -1 };

    /// <summary>Says that the owner goes on in another, and where its records here end.</summary>
    public void Leave(byte* tail, Segment following)
    {
        Header.Tail = tail - Records;
        Header.TailCheck = ~Header.Tail;
        Volatile.Write(ref Header.Next, following.Index);
    }

    /// <summary>Bytes of whole records, as far as the owner has committed them.</summary>
    public int CommittedBytes(Cursor* cursor)
    {
        // The owner may go on with another segment at any moment: first the position, then the link.
        var position = (byte*)Volatile.Read(ref Unsafe.AsRef<nint>(&cursor->Position));
        if (Volatile.Read(ref Header.Next) != -1) return HasFinalTail ? (int)Header.Tail : 0;
        return Holds(position) ? (int)(position - Records) : 0;
    }

    /// <summary>True where the owner's next record would go here.</summary>
    public bool Holds(byte* position) => position >= Records && position <= End;

    /// <summary>Gives the memory back. Nobody may append to or read the segment any more.</summary>
    public void Release() => area.Return(this);
}

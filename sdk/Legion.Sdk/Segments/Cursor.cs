using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Legion.Sdk;

/// <summary>
/// Where one thread appends, in the memory of its segments: a process that is killed leaves it as it was.
/// Only the owner writes the first 64 bytes but for <see cref="Limit"/>, which the end of the recording sets to null; only the flusher writes the others.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = Bytes)]
unsafe struct Cursor
{
    public const int Bytes = 192;

    /// <summary>Every record of at most these bytes fits where the position is below the limit.</summary>
    public const int ReservedBytes = 256;

    const int MostNameBytes = Bytes - 80;

    /// <summary>End of the last whole record: storing it commits what lies before.</summary>
    [FieldOffset(0)]
    public byte* Position;

    /// <summary>From this position on an append takes the slow way: little room is left, a log is being put together, or the recording has ended.</summary>
    [FieldOffset(8)]
    public byte* Limit;

    /// <summary>The limit while no log is being put together; null once the recording has ended.</summary>
    [FieldOffset(16)]
    public byte* OpenLimit;

    /// <summary>How far the pending log reaches at least, where a long text takes it beyond what is reserved; of an earlier log otherwise.</summary>
    [FieldOffset(24)]
    public byte* Pending;

    /// <summary>The operating system's number of the thread.</summary>
    [FieldOffset(32)]
    public ulong ThreadId;

    /// <summary>The thread's trace stream.</summary>
    [FieldOffset(40)]
    public Guid StreamId;

    /// <summary>How often a pending log had to make way for another record: one that began with another number is no longer behind the position.</summary>
    [FieldOffset(56)]
    public uint LogsMoved;

    /// <summary>Number of the log that began last without the fast path, and perhaps <see cref="LogPlace.Learning"/>.</summary>
    [FieldOffset(60)]
    public uint Begun;

    /// <summary>Index of the oldest segment that is still needed, -1 for none.</summary>
    [FieldOffset(64)]
    public int First;

    /// <summary>Raised each time another thread takes the cursor over.</summary>
    [FieldOffset(68)]
    public uint Generation;

    [FieldOffset(76)]
    public ushort NameBytes;

    [FieldOffset(80)]
    fixed byte name[MostNameBytes];

    [ThreadStatic]
    static Cursor* current;

    /// <summary>End of the current segment; null once the recording has ended.</summary>
    public readonly byte* End => OpenLimit is null ? null : OpenLimit + ReservedBytes;

    /// <summary>True while a log is put together behind the position, or was and is left unfinished.</summary>
    public readonly bool HasPendingLog => Limit is null && OpenLimit is not null;

    /// <summary>The calling thread's cursor; null where it records nothing, or has not yet. It may be one of a recording that has ended: its limit is null.</summary>
    public static Cursor* Current
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => current;
        set => current = value;
    }

    /// <summary>Name of the thread, as far as there is room for it.</summary>
    public string Name
    {
        get
        {
            fixed (byte* bytes = name) return System.Text.Encoding.UTF8.GetString(bytes, Math.Min((int)NameBytes, MostNameBytes));
        }
        set
        {
            fixed (byte* bytes = name)
            {
                System.Text.Unicode.Utf8.FromUtf16(value, new Span<byte>(bytes, MostNameBytes), out _, out var written);
                NameBytes = (ushort)written;
            }
        }
    }

    /// <summary>Begins a span.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SpanScope BeginSpan(Cursor* cursor, uint site)
    {
        // The clock is read first: what follows then runs in the shadow of its latency.
        var tick = ProcessClock.Ticks;
        var at = cursor->Position;
        if (at >= cursor->Limit) return ThreadContext.BeginSpanSlowly(cursor, site, tick);
        *(ulong*)at = RecordLayout.Prefix(RecordKind.SpanBegin, RecordLayout.PrefixBytes, site);
        *(ulong*)(at + 8) = tick;
        Commit(cursor, at + RecordLayout.PrefixBytes);
        return new SpanScope(cursor, at);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void EndSpan(Cursor* cursor, byte* begin)
    {
        var tick = ProcessClock.Ticks;
        var at = cursor->Position;
        if (at >= cursor->Limit)
        {
            ThreadContext.EndSpanSlowly(cursor, begin, tick);
            return;
        }
        *(ulong*)at = (ulong)begin;
        *(ulong*)(at + 8) = tick;
        Commit(cursor, at + RecordLayout.PrefixBytes);
    }

    /// <summary>Ends a span and begins the next in its place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void NextSpan(Cursor* cursor, byte* begin, uint site)
    {
        var tick = ProcessClock.Ticks;
        var at = cursor->Position;
        if (at >= cursor->Limit)
        {
            ThreadContext.NextSpanSlowly(cursor, begin, site, tick);
            return;
        }
        *(ulong*)at = RecordLayout.Prefix(RecordKind.SpanNext, RecordLayout.PrefixBytes + 8, site);
        *(ulong*)(at + 8) = tick;
        *(ulong*)(at + 16) = (ulong)begin;
        Commit(cursor, at + RecordLayout.PrefixBytes + 8);
    }

    /// <summary>Appends a record with one word after its tick: a metric, a count, a flow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Word(Cursor* cursor, RecordKind kind, uint site, ulong word)
    {
        var tick = ProcessClock.Ticks;
        var at = cursor->Position;
        if (at >= cursor->Limit)
        {
            ThreadContext.WordSlowly(cursor, kind, site, tick, word);
            return;
        }
        *(ulong*)at = RecordLayout.Prefix(kind, RecordLayout.PrefixBytes + 8, site);
        *(ulong*)(at + 8) = tick;
        *(ulong*)(at + 16) = word;
        Commit(cursor, at + RecordLayout.PrefixBytes + 8);
    }

    /// <summary>Appends a sample that belongs to the moment of the thread's last record: no clock is read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MetricAtLast(Cursor* cursor, uint site, double value)
    {
        var at = cursor->Position;
        if (at >= cursor->Limit)
        {
            ThreadContext.MetricAtLastSlowly(cursor, site, value);
            return;
        }
        *(ulong*)at = RecordLayout.Prefix(RecordKind.MetricAtLast, RecordLayout.PrefixBytes, site);
        *(double*)(at + 8) = value;
        Commit(cursor, at + RecordLayout.PrefixBytes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Commit(Cursor* cursor, byte* end) => Volatile.Write(ref Unsafe.AsRef<nint>(&cursor->Position), (nint)end);
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Legion.Format;

namespace Legion.Sdk;

/// <summary>Puts the body of a record together.</summary>
delegate void WriteBody<T>(in T state, ref RecordWriter writer) where T : allows ref struct;

/// <summary>
/// What a thread needs beside its <see cref="Cursor"/>, off the fast path: another segment, the count of what is lost, a log that another record interrupts.
/// Only that thread appends; the flusher reads what lies before the position, and needs no help for it.
/// </summary>
sealed unsafe partial class ThreadContext : IRecordedThread
{
    /// <summary>Less room than this at a segment's end is not offered to a record of variable size.</summary>
    const int LeastRoom = 256;

    /// <summary>Spans whose begin was lost go by numbers below any address, so that they can go on to a next phase.</summary>
    const ulong MostLostBegins = 1 << 17;

    /// <summary>No such number is higher.</summary>
    public const ulong MostLostBegin = 8 * MostLostBegins;

    [ThreadStatic]
    static ThreadContext? current;

    readonly Thread thread;
    readonly SegmentArea area;
    readonly string unnamed = $"thread {OperatingSystemThread.CurrentId}";
    Segment? segment;
    Segment? first;
    ulong lostBegins;
    ulong lastAsyncId;
    bool closed;

    public ThreadContext(Recording recording, SegmentArea area, Thread thread)
    {
        Recording = recording;
        this.area = area;
        this.thread = thread;
        lastAsyncId = recording.AsyncIds();
        Index = area.TryRentCursor();
        // A thread beyond those that the area has cursors for records as well; only its tail would not be found after a crash.
        Cursor = Index >= 0 ? area.CursorAt(Index) : (Cursor*)NativeMemory.AllocZeroed(Sdk.Cursor.Bytes);
        *Cursor = new Cursor { ThreadId = OperatingSystemThread.CurrentId, StreamId = Guid.CreateVersion7(), First = -1, Generation = Cursor->Generation + 1, Name = ThreadName };
    }

    public Cursor* Cursor { get; }

    /// <summary>Of the cursor in the area; -1 for one outside.</summary>
    int Index { get; }

    public Recording Recording { get; }

    public Guid StreamId => Cursor->StreamId;

    public ulong ThreadId => Cursor->ThreadId;

    public string ThreadName => thread.Name ?? unnamed;

    public bool IsAlive => thread.IsAlive;

    public ulong AddressOffset => 0;

    /// <summary>The thread's first segment; null until it has recorded something.</summary>
    public Segment? First => Volatile.Read(ref first);

    /// <summary>What could not be recorded since the last record; guarded by its own lock.</summary>
    public Loss Loss { get; } = new();

    /// <summary>The calling thread's cursor in the running recording; null when none runs.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Cursor* Enter()
    {
        var recording = Recording.Current;
        if (recording is null)
        {
            Sdk.Cursor.Current = null;
            return null;
        }
        if (current is null || current.Recording != recording) current = recording.Join(Thread.CurrentThread);
        return Sdk.Cursor.Current = current.Cursor;
    }

    /// <summary>The calling thread's context in the running recording, whatever recording <paramref name="cursor"/> is of.</summary>
    public static ThreadContext? Of(Cursor* cursor) => current is { } known && known.Cursor == cursor && !known.closed ? known : Enter() is null ? null : current;

    /// <summary>The calling thread's context in the running recording.</summary>
    public static ThreadContext? Current => Sdk.Cursor.Current is null && Enter() is null ? null : Of(Sdk.Cursor.Current);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static SpanScope BeginSpanSlowly(Cursor* cursor, uint site, ulong tick)
    {
        if (Of(cursor) is not { } context) return default;
        var at = context.Room(RecordLayout.PrefixBytes);
        if (at is null)
        {
            context.Lose(LostKind.Trace, tick, RecordLayout.PrefixBytes);
            return context.LostSpan();
        }
        ((ulong*)at)[0] = RecordLayout.Prefix(RecordKind.SpanBegin, RecordLayout.PrefixBytes, site);
        ((ulong*)at)[1] = tick;
        Sdk.Cursor.Commit(context.Cursor, at + RecordLayout.PrefixBytes);
        return new SpanScope(context.Cursor, at);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void EndSpanSlowly(Cursor* cursor, byte* begin, ulong tick) => EndScope(cursor, begin, tick, (ulong)begin, RecordLayout.PrefixBytes);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void NextSpanSlowly(Cursor* cursor, byte* begin, uint site, ulong tick)
    {
        if (current?.Cursor != cursor || current.closed) return;
        const int bytes = RecordLayout.PrefixBytes + 8;
        var at = current.Room(bytes);
        if (at is null)
        {
            current.LoseEnd(begin, tick);
            current.Lose(LostKind.Trace, tick, RecordLayout.PrefixBytes);
            return;
        }
        ((ulong*)at)[0] = RecordLayout.Prefix(RecordKind.SpanNext, bytes, site);
        ((ulong*)at)[1] = tick;
        ((ulong*)at)[2] = (ulong)begin;
        Sdk.Cursor.Commit(cursor, at + bytes);
    }

    /// <summary>The same as <see cref="Cursor.NextSpan"/> for a name that is not static.</summary>
    public static void NextSpan(Cursor* cursor, byte* begin, uint site, string name)
    {
        if (current?.Cursor != cursor || current.closed) return;
        var appended = current.Append(RecordKind.SpanNextDynamic, 0, site, (Begin: (ulong)begin, name), static (in (ulong Begin, string Name) next, ref RecordWriter writer) =>
        {
            writer.U64(next.Begin);
            writer.Text(next.Name);
        });
        if (appended is null) current.LoseEnd(begin, ProcessClock.Ticks);
    }

    /// <summary>There is no record before it that this thread knows of: the sample takes a reading of its own.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void MetricAtLastSlowly(Cursor* cursor, uint site, double value) =>
        WordSlowly(cursor, RecordKind.Metric, site, ProcessClock.Ticks, BitConverter.DoubleToUInt64Bits(value));

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void WordSlowly(Cursor* cursor, RecordKind kind, uint site, ulong tick, ulong word)
    {
        if (Of(cursor) is not { } context) return;
        const int bytes = RecordLayout.PrefixBytes + 8;
        var at = context.Room(bytes);
        if (at is null)
        {
            context.Lose(LostKindOf(kind), tick, bytes);
            return;
        }
        ((ulong*)at)[0] = RecordLayout.Prefix(kind, bytes, site);
        ((ulong*)at)[1] = tick;
        ((ulong*)at)[2] = word;
        Sdk.Cursor.Commit(context.Cursor, at + bytes);
    }

    /// <summary>Ends a context: what the address names, and all contexts pushed since.</summary>
    public static void PopContext(Cursor* cursor, byte* push)
    {
        if (current?.Cursor != cursor) return;
        var tick = ProcessClock.Ticks;
        EndScope(cursor, push, tick, RecordLayout.Prefix(RecordKind.ContextPop, RecordLayout.PrefixBytes + 8, 0), RecordLayout.PrefixBytes + 8);
    }

    /// <summary>Appends a record of variable size.</summary>
    /// <returns>Its address; null when it is lost.</returns>
    public byte* Append<TState>(RecordKind kind, byte detail, uint id, in TState state, WriteBody<TState> write) where TState : allows ref struct
    {
        var at = Room(LeastRoom);
        if (at is null) return Lost(kind, id, state, write);
        var writer = new RecordWriter(at + RecordLayout.PrefixBytes, EndOfBody(at), cutsOff: false);
        write(state, ref writer);
        if (writer.IsTooLong)
        {
            if (!MakeRoom(LeastRoom)) return Lost(kind, id, state, write);
            at = Cursor->Position;
            writer = new RecordWriter(at + RecordLayout.PrefixBytes, EndOfBody(at), cutsOff: true);
            write(state, ref writer);
        }
        Finish(at, kind, detail, id, writer.At);
        return at;
    }

    /// <summary>Appends an event of the program's own type. Its members are read before the first of them is written.</summary>
    public void AppendUserEvent<T>(uint shape, in T value, WriteBody<T> write)
    {
        var writer = new RecordWriter(this, isSecond: false);
        write(value, ref writer);
        writer.FindRoom();
        if (writer.IsTooLong && writer.Start is not null)
        {
            // The members are read again, and may record again.
            writer = new RecordWriter(this, isSecond: true);
            write(value, ref writer);
            writer.FindRoom();
        }
        if (writer.Start is not null) Finish(writer.Start - RecordLayout.PrefixBytes, RecordKind.UserEvent, 0, shape, writer.At);
        else if (!closed)
            lock (Loss) Loss.AddUserEvent(shape, ProcessClock.Ticks, RecordLayout.PrefixBytes + writer.Wanted);
    }

    /// <summary>Where the body of the next record goes; null when memory is full.</summary>
    /// <param name="inEmpty">Goes on in an empty segment.</param>
    public byte* BodyOfNext(bool inEmpty, out byte* end)
    {
        if (Cursor->HasPendingLog) MoveLog();
        var at = inEmpty ? MakeRoom(LeastRoom) ? Cursor->Position : null : Room(LeastRoom);
        end = at is null ? null : EndOfBody(at);
        return at is null ? null : at + RecordLayout.PrefixBytes;
    }

    /// <summary>Where the body of a record must end at the latest.</summary>
    byte* EndOfBody(byte* record)
    {
        var longest = record + RecordLayout.PrefixBytes + RecordLayout.MaxBodyBytes;
        return longest < Cursor->End ? longest : Cursor->End;
    }

    /// <summary>A span of which the begin is lost.</summary>
    public SpanScope LostSpan()
    {
        lostBegins = (lostBegins + 1) % MostLostBegins;
        return new SpanScope(Cursor, (byte*)(8 * (lostBegins + 1)));
    }

    /// <summary>A number that no other async span and no other flow of the process has.</summary>
    public ulong NextAsyncId() => ++lastAsyncId;

    public void Lose(LostKind kind, ulong tick, int bytes)
    {
        lock (Loss) Loss.Add(kind, tick, 1, bytes);
    }

    /// <summary>Stops the thread from recording. What it is in the middle of may still be committed.</summary>
    public void Close()
    {
        lock (Loss)
        {
            closed = true;
            Cursor->OpenLimit = null;
            Volatile.Write(ref Unsafe.AsRef<nint>(&Cursor->Limit), 0);
        }
    }

    /// <summary>Gives the cursor back. Its thread is dead, and all it recorded is taken care of.</summary>
    public void Release()
    {
        // One outside the area is not freed, as the end of the recording writes to it: some bytes for each thread beyond more than a thousand at once.
        if (Index >= 0) area.ReturnCursor(Index);
    }

    /// <summary>An address where a record of so many bytes fits; null when memory is full or the recording has ended.</summary>
    byte* Room(int bytes)
    {
        if (Cursor->HasPendingLog) MoveLog();
        var at = Cursor->Position;
        return Cursor->End - at >= bytes && at is not null && Cursor->Limit is not null || MakeRoom(bytes) ? Cursor->Position : null;
    }

    static void EndScope(Cursor* cursor, byte* begin, ulong tick, ulong firstWord, int bytes)
    {
        if (current?.Cursor != cursor || current.closed || begin is null) return;
        var at = current.Room(bytes);
        if (at is null)
        {
            current.LoseEnd(begin, tick);
            return;
        }
        ((ulong*)at)[0] = firstWord;
        ((ulong*)at)[1] = tick;
        if (bytes > RecordLayout.PrefixBytes) ((ulong*)at)[2] = (ulong)begin;
        Sdk.Cursor.Commit(cursor, at + bytes);
    }

    /// <summary>Whoever loses the begin of a scope loses its end with it: only the other ends count.</summary>
    void LoseEnd(byte* begin, ulong tick)
    {
        if ((ulong)begin <= MostLostBegin) return;
        lock (Loss)
        {
            Loss.Add(LostKind.Trace, tick, 1, RecordLayout.PrefixBytes);
            Loss.End((ulong)begin);
        }
    }

    byte* Lost<TState>(RecordKind kind, uint id, in TState state, WriteBody<TState> write) where TState : allows ref struct
    {
        if (closed) return null;
        var counting = new RecordWriter(null, null, cutsOff: false);
        write(state, ref counting);
        var bytes = RecordLayout.PrefixBytes + counting.Wanted;
        lock (Loss)
        {
            if (kind == RecordKind.UserEvent) Loss.AddUserEvent(id, ProcessClock.Ticks, bytes);
            else Loss.Add(LostKindOf(kind), ProcessClock.Ticks, 1, bytes);
        }
        return null;
    }

    /// <summary>Completes the record that ends before <paramref name="end"/> and commits it.</summary>
    void Finish(byte* at, RecordKind kind, byte detail, uint id, byte* end)
    {
        // The padding is zero: for a reader nothing comes after the last field.
        for (; ((nint)end & 7) != 0; end++) *end = 0;
        ((ulong*)at)[0] = RecordLayout.Prefix(kind, (int)(end - at), id, detail);
        ((ulong*)at)[1] = ProcessClock.Ticks;
        Sdk.Cursor.Commit(Cursor, end);
    }

    static LostKind LostKindOf(RecordKind kind) => kind switch
    {
        RecordKind.Log => LostKind.Log,
        RecordKind.Metric or RecordKind.Count or RecordKind.MetricDynamic => LostKind.Metric,
        RecordKind.Frame => LostKind.Frame,
        _ => LostKind.Trace,
    };

    /// <summary>Goes on in another segment, if there is one. What was lost before comes first in it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    bool MakeRoom(int bytes)
    {
        var following = closed ? null : Recording.TryRentSegment();
        if (following is null) return false;
        lock (Loss)
        {
            if (closed)
            {
                following.Release();
                return false;
            }
            following.Begin(Index, Cursor->Generation, segment is null ? 0 : segment.Header.Number + 1);
            segment?.Leave(Cursor->Position, following);
            Sdk.Cursor.Commit(Cursor, following.Records);
            Cursor->Limit = Cursor->OpenLimit = following.End - Sdk.Cursor.ReservedBytes;
            if (Loss.Any && Loss.RecordBytes + bytes <= Segment.Bytes - Segment.HeaderBytes)
            {
                var lossBytes = Loss.RecordBytes;
                Loss.Write(following.Records);
                Sdk.Cursor.Commit(Cursor, following.Records + lossBytes);
            }
            if (segment is null)
            {
                // What is kept there is of the segment's last owner.
                area.ContextsOf(following).Clear();
                if (Index >= 0) Cursor->First = following.Index;
                Volatile.Write(ref first, following);
            }
            segment = following;
        }
        return true;
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Legion.Format;

namespace Legion.Sdk;

/// <summary>
/// Where one thread records. Only that thread appends; the flusher reads what lies before the tail of each segment, and needs no help for it.
/// </summary>
sealed unsafe class ThreadContext
{
    // A thread static that holds a number takes half the instructions of one that holds a reference. The number is a weak handle,
    // the reference beside it keeps the context alive as long as its thread.
    [ThreadStatic]
    static nint currentHandle;

    [ThreadStatic]
    static ThreadContext? current;

    readonly GCHandle handle;
    readonly Recording recording;
    readonly Thread thread;

    byte* position;
    byte* limit;
    byte* records;
    long* tail;

    Segment segment;
    Scratch? scratch;
    ScopeDepths spans;
    ScopeDepths contexts;

    public ThreadContext(Recording recording, Thread thread)
    {
        this.recording = recording;
        this.thread = thread;
        ThreadId = OperatingSystemThread.CurrentId;
        First = segment = Segment.Empty();
        handle = GCHandle.Alloc(this, GCHandleType.Weak);
    }

    ~ThreadContext() => handle.Free();

    /// <summary>The calling thread's context of the running recording; null when none runs.</summary>
    public static ThreadContext? Current
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            var handle = currentHandle;
            if (handle == 0) return Enter();
            var context = Unsafe.As<ThreadContext>(GCHandle.FromIntPtr(handle).Target!);
            return context.recording == Recording.Current ? context : Enter();
        }
    }

    /// <summary>The operating system's number of the thread.</summary>
    public ulong ThreadId { get; }

    public string ThreadName => thread.Name ?? $"thread {ThreadId}";

    public bool IsAlive => thread.IsAlive;

    /// <summary>The segment before the first with records.</summary>
    public Segment First { get; }

    /// <summary>What could not be recorded since the last record; guarded by its own lock.</summary>
    public Loss Loss { get; } = new();

    public Recording Recording => recording;

    [MethodImpl(MethodImplOptions.NoInlining)]
    static ThreadContext? Enter()
    {
        var recording = Recording.Current;
        if (recording is null) return null;
        var context = recording.Join(Thread.CurrentThread);
        currentHandle = GCHandle.ToIntPtr(context.handle);
        return current = context;
    }

    /// <summary>Begins a span named by its site.</summary>
    /// <returns>Its depth, by which it is ended.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int BeginSpan(uint site)
    {
        var depth = ++spans.Open;
        if (!TryAppend(RecordLayout.Prefix(RecordKind.SpanBegin, RecordLayout.PrefixBytes, site))) LoseSpan(RecordLayout.PrefixBytes);
        return depth;
    }

    /// <summary>Begins a span with a name, arguments or both of its own.</summary>
    /// <param name="name">Empty: the site's counts.</param>
    public int BeginSpan(uint site, ReadOnlySpan<char> name, ReadOnlySpan<Property> arguments)
    {
        var writer = BeginRecord();
        writer.Text(name);
        foreach (var (key, value) in arguments)
        {
            writer.Text(key);
            writer.Tagged(value);
        }
        var depth = ++spans.Open;
        if (!TryAppend(RecordKind.SpanBeginDynamic, 0, site, writer.Written)) LoseSpan(writer.Written.Length);
        EndRecord(writer);
        return depth;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void EndSpan(int depth)
    {
        if (!spans.IsInnermostRecorded(depth) || !TryAppend(RecordLayout.Prefix(RecordKind.SpanEnd, RecordLayout.PrefixBytes, 0)))
            EndSpanSlowly(depth);
        else
            spans.Open = depth - 1;
    }

    /// <summary>Ends the span and begins the next at the same depth, with one reading of the clock.</summary>
    public void NextSpan(int depth, uint site)
    {
        while (spans.Open > depth) EndInnermostSpan();
        if (spans.Open < depth) return;
        if (spans.IsLost(depth))
        {
            spans.Regain();
            if (!TryAppend(RecordLayout.Prefix(RecordKind.SpanBegin, RecordLayout.PrefixBytes, site))) LoseSpan(RecordLayout.PrefixBytes);
        }
        else if (!TryAppend(RecordLayout.Prefix(RecordKind.SpanNext, RecordLayout.PrefixBytes, site)))
        {
            LoseEndOfSpan();
            LoseSpan(RecordLayout.PrefixBytes);
        }
    }

    /// <summary>The same for a name that is not static.</summary>
    public void NextSpan(int depth, uint site, string name)
    {
        if (spans.Open < depth) return;
        EndSpan(depth);
        BeginSpan(site, name, []);
    }

    public int PushContext(string key, Value value)
    {
        var writer = BeginRecord();
        writer.Text(key);
        writer.Tagged(value);
        var depth = ++contexts.Open;
        if (!TryAppend(RecordKind.ContextPush, 0, 0, writer.Written))
        {
            contexts.Lose();
            Lose(ref Loss.Trace, writer.Written.Length);
        }
        EndRecord(writer);
        return depth;
    }

    public void PopContext(int depth)
    {
        for (; contexts.Open >= depth; contexts.Open--)
        {
            if (contexts.IsLost(contexts.Open)) contexts.Regain();
            else if (!TryAppend(RecordLayout.Prefix(RecordKind.ContextPop, RecordLayout.PrefixBytes, 0)))
            {
                lock (Loss) Loss.EndedContexts++;
                Lose(ref Loss.Trace, RecordLayout.PrefixBytes);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Metric(uint site, double value)
    {
        const int bytes = RecordLayout.PrefixBytes + 8;
        if (!HasRoom(bytes) && !MakeRoom(bytes))
        {
            Lose(ref Loss.Metrics, bytes);
            return;
        }
        var at = position;
        *(ulong*)at = RecordLayout.Prefix(RecordKind.Metric, bytes, site);
        *(ulong*)(at + 8) = ProcessClock.Ticks;
        *(double*)(at + 16) = value;
        Commit(at + bytes);
    }

    public void Log(Level level, uint template, in RecordWriter arguments)
    {
        if (!TryAppend(RecordKind.Log, (byte)level, template, arguments.Written)) Lose(ref Loss.Logs, arguments.Written.Length);
    }

    public void UserEvent(uint shape, in RecordWriter fields)
    {
        if (TryAppend(RecordKind.UserEvent, 0, shape, fields.Written)) return;
        lock (Loss)
        {
            Loss.At(ProcessClock.Ticks);
            Loss.AddUserEvent(shape, fields.Written.Length);
        }
    }

    public RecordWriter BeginRecord() => RecordWriter.Begin(ref scratch);

    /// <summary>Keeps what <paramref name="writer"/> wrote so far from records that the program's own code may now begin.</summary>
    public void Hold(in RecordWriter writer) => writer.Hold(scratch!);

    public void EndRecord(in RecordWriter writer) => writer.End(scratch!);

    [MethodImpl(MethodImplOptions.NoInlining)]
    void EndSpanSlowly(int depth)
    {
        // A scope that ends before the ones inside it ends them too; their own ends, and a second end of this one, then find nothing open.
        while (spans.Open >= depth) EndInnermostSpan();
    }

    void EndInnermostSpan()
    {
        if (spans.IsLost(spans.Open)) spans.Regain();
        else if (!TryAppend(RecordLayout.Prefix(RecordKind.SpanEnd, RecordLayout.PrefixBytes, 0))) LoseEndOfSpan();
        spans.Open--;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    void LoseSpan(int bytes)
    {
        spans.Lose();
        Lose(ref Loss.Trace, bytes);
    }

    void LoseEndOfSpan()
    {
        lock (Loss) Loss.EndedSpans++;
        Lose(ref Loss.Trace, RecordLayout.PrefixBytes);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    void Lose(ref LostEvents stream, int bytes)
    {
        lock (Loss)
        {
            Loss.At(ProcessClock.Ticks);
            stream.Add(1, bytes);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    bool TryAppend(ulong prefix)
    {
        if (!HasRoom(RecordLayout.PrefixBytes) && !MakeRoom(RecordLayout.PrefixBytes)) return false;
        var at = position;
        *(ulong*)at = prefix;
        *(ulong*)(at + 8) = ProcessClock.Ticks;
        Commit(at + RecordLayout.PrefixBytes);
        return true;
    }

    bool TryAppend(RecordKind kind, byte detail, uint id, ReadOnlySpan<byte> body)
    {
        var bytes = RecordLayout.PrefixBytes + RecordLayout.Padded(body.Length);
        if (!HasRoom(bytes) && !MakeRoom(bytes)) return false;
        var at = position;
        *(ulong*)at = RecordLayout.Prefix(kind, bytes, id, detail);
        *(ulong*)(at + 8) = ProcessClock.Ticks;
        body.CopyTo(new Span<byte>(at + RecordLayout.PrefixBytes, body.Length));
        Commit(at + bytes);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    bool HasRoom(int bytes) => limit - position >= bytes;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void Commit(byte* end)
    {
        position = end;
        Volatile.Write(ref Unsafe.AsRef<long>(tail), end - records);
    }

    /// <summary>Goes on in another segment, if the pool has one. What was lost before comes first in it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    bool MakeRoom(int bytes)
    {
        var following = recording.TryRentSegment();
        if (following is null) return false;
        lock (Loss)
        {
            records = position = following.Records;
            limit = records + following.Capacity;
            tail = following.TailAddress;
            if (Loss.Any && Loss.RecordBytes + bytes <= following.Capacity)
            {
                var lossBytes = Loss.RecordBytes;
                Loss.Write(position);
                Commit(position + lossBytes);
            }
            segment.Link(following);
            segment = following;
        }
        return true;
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Legion.Format;

namespace Legion.Sdk;

/// <summary>How far the flusher has read what a thread recorded, and the thread's own stream.</summary>
sealed unsafe class ThreadStream
{
    /// <summary>Counters of different processors may differ by so many ticks; a record further back than that was written over.</summary>
    const ulong MostTicksBack = 1ul << 32;

    /// <summary>Open spans, and open contexts, of a thread.</summary>
    public const int MostOpen = 2048;

    readonly IRecordedThread thread;
    readonly SegmentArea? kept;
    readonly Cursor* cursor;

    // Segments that are not given back yet, in order; the last is the one that is read.
    readonly Queue<Segment> retained = [];
    List<ulong> openContexts = [];
    Segment? segment;
    int offset;
    Segment? cutSegment;
    int cutTail;
    Loss? cutLoss;
    ulong lastTick;
    int recordBytes;
    readonly List<ulong> cutPositions = [];
    ulong cutTick;
    string? broken;
    bool isBroken;
    bool isReleased;
    int damagedBytes;
    bool hasLeft;
    RootSpan endedRoot;

    /// <param name="kept">Where the contexts open at the begin of each segment are kept for a reader after the process; null where there will be none.</param>
    public ThreadStream(IRecordedThread thread, Guid processId, SegmentArea? kept)
    {
        this.thread = thread;
        this.kept = kept;
        cursor = thread.Cursor;
        StreamId = thread.StreamId;
        Trace = new TraceWriter(processId, StreamId);
        Thread = new RecordedThread(thread.ThreadId, thread.ThreadName);
    }

    public RecordedThread Thread { get; private set; }
    public Guid StreamId { get; }
    public TraceWriter Trace { get; }

    /// <summary>The contexts open at the record that was read last, innermost first.</summary>
    public OpenContext? Context { get; private set; }

    /// <summary>When the oldest event of the block in progress was taken; monotonic nanoseconds.</summary>
    public long OldestNs { get; set; }

    /// <summary>The stream's record as handed to the sink; null until then.</summary>
    public StreamRecord? Announced { get; set; }

    /// <summary>The block that was cut last, until it is handed on.</summary>
    public PendingCut? Pending { get; set; }

    /// <summary>True when the thread had died before the last cut, so that nothing comes after it.</summary>
    public bool IsFinal { get; private set; }

    /// <summary>True when all the memory that the thread filled is given back.</summary>
    public bool IsReleased => retained.Count == 0;

    /// <summary>Segments that blocks in progress of this thread's stream need.</summary>
    public HeldSegments Held { get; } = new();

    /// <summary>True once a record was read.</summary>
    public bool HasRead => segment is not null;

    /// <summary>The segment of the record that was read last.</summary>
    public Segment Reading => segment!;

    /// <summary>How far into all that the thread recorded was read.</summary>
    public ulong Position => segment is null ? 0 : segment.Position(offset);

    /// <summary>Where the record that was read last begins.</summary>
    public ulong RecordPosition { get; private set; }

    /// <summary>How far the thread's own stream was cut by a process that is dead; what lies before belongs to its blocks.</summary>
    public ulong CutPosition { get; private set; }

    /// <summary>True for a record that a block of the dead process holds already.</summary>
    public bool IsCut => RecordPosition < CutPosition;

    /// <summary>True where the next record begins or ends a span, and comes before the cut: <see cref="TakeSpans"/> may take it and those after it.</summary>
    public bool IsAtSpan
    {
        get
        {
            if (segment is null || offset + RecordLayout.PrefixBytes > (segment == cutSegment ? cutTail : segment.CommittedBytes(cursor))) return false;
            RecordPosition = segment.Position(offset);
            var word = *(ulong*)(segment.Records + offset);
            return RecordLayout.IsSpanEnd(word) || (RecordKind)(byte)word is RecordKind.SpanBegin or RecordKind.SpanNext;
        }
    }

    /// <summary>Takes begins and ends of spans that follow one another.</summary>
    /// <returns>Events taken; 0 where the next record needs a closer look.</returns>
    public int TakeSpans(ulong mostTick, Definitions definitions)
    {
        var at = segment!.Records + offset;
        var end = segment.Records + (segment == cutSegment ? cutTail : segment.CommittedBytes(cursor));
        var events = Trace.Take(ref at, end, thread.AddressOffset, LeastTick, mostTick, definitions, ref lastTick);
        offset = (int)(at - segment.Records);
        return events;
    }

    /// <summary>No record is earlier than this: where a process is dead, what lies before its first knot was written over.</summary>
    public ulong FirstTick { private get; set; }

    ulong LeastTick => Math.Max(FirstTick, lastTick > MostTicksBack ? lastTick - MostTicksBack : 0);

    /// <summary>Whether somebody asks for outermost spans.</summary>
    public bool WatchesRoots { get; init; }

    /// <summary>The outermost open span; without a name where none is, or its begin is lost.</summary>
    public RootSpan OpenRoot { get; private set; }

    /// <summary>Settles how far this pass reads: up to the thread's tail, and to what it has lost since.</summary>
    public void TakeTail()
    {
        if (isBroken || isReleased) return;
        IsFinal = !thread.IsAlive;
        if (Thread.ThreadName != thread.ThreadName) Thread = Thread with { ThreadName = thread.ThreadName };
        cutSegment ??= thread.First;
        if (cutSegment is not null)
        {
            var before = cutSegment;
            while (cutSegment.Next is { } next) (before, cutSegment) = (cutSegment, next);
            cutTail = cutSegment.CommittedBytes(cursor);
            if (cutSegment.IsLinkDamaged) Break($"expected a whole link from segment {cutSegment.Index} to the next, saw another");
            // A thread that was killed on its way to another segment had its position still in the one before.
            else if (thread is LeftThread && !cutSegment.Holds(cursor->Position) && !before.Holds(cursor->Position)) Break("expected a position in the last segment, saw another");
        }
        lock (thread.Loss)
        {
            // A loss is the thread's last word only while no record follows it.
            var isLast = cutSegment is null ? thread.First is null : cutSegment.Next is null && cutSegment.CommittedBytes(cursor) == cutTail;
            if (thread.Loss.Any && isLast) cutLoss = thread.Loss.Take();
        }
    }

    /// <summary>Why the thread is not read beyond what is settled now: something wrote over what links its segments, and nobody knows what follows. Given once.</summary>
    public string? TakeBreak()
    {
        var taken = broken;
        broken = null;
        return taken;
    }

    /// <summary>The next record before the cut; false at the cut. It comes again until the reader advances.</summary>
    /// <param name="mostTick">No record is later than this.</param>
    /// <exception cref="InvalidDataException">Something wrote over the segment, and what is left of it makes no sense.</exception>
    public bool TryRead(ulong mostTick, out ReadOnlySpan<byte> record)
    {
        record = default;
        if (cutSegment is null) return false;
        if (segment is null) Enter(thread.First!);
        while (offset >= (segment == cutSegment ? cutTail : segment!.CommittedBytes(cursor)))
        {
            if (segment == cutSegment) return false;
            if (segment!.Next is { } next)
            {
                Enter(next);
                continue;
            }
            (cutSegment, cutTail) = (segment, offset);
            Break($"expected a whole link from segment {segment.Index} to the next, saw another");
            return false;
        }
        var left = (segment == cutSegment ? cutTail : segment!.CommittedBytes(cursor)) - offset;
        var words = (ulong*)(segment!.Records + offset);
        var bytes = RecordLayout.IsSpanEnd(*words) ? RecordLayout.PrefixBytes : 8 * (int)(ushort)(*words >> 16);
        var isTimed = (RecordKind)(byte)*words is not RecordKind.MetricAtLast;
        var isWhole = bytes >= RecordLayout.PrefixBytes && bytes <= left && (!isTimed || words[1] <= mostTick && words[1] >= LeastTick);
        // No record lies across a place where a dead process has cut.
        for (var i = 0; i < cutPositions.Count && isWhole; i++) isWhole = cutPositions[i] <= Position || cutPositions[i] >= Position + (uint)bytes;
        if (!isWhole || !RecordLayout.IsSpanEnd(*words) && !RecordCheck.IsWhole(new ReadOnlySpan<byte>(words, bytes)))
        {
            recordBytes = left;
            throw new InvalidDataException($"segment of thread {Thread.ThreadId}: expected a record of 16 to {left} bytes from tick {lastTick} to {mostTick}, saw {bytes} bytes of kind {(byte)*words} at tick {words[1]}; {left} bytes are lost");
        }
        if (isTimed) lastTick = words[1];
        RecordPosition = segment.Position(offset);
        record = new ReadOnlySpan<byte>(words, bytes);
        recordBytes = bytes;
        return true;
    }

    /// <summary>Goes on behind the record.</summary>
    public void Advance(int bytes) => offset += bytes;

    /// <summary>
    /// Goes on behind what made no sense: a record, or all that is left of a segment. Where a dead process has cut a stream a record began for certain,
    /// whatever lies before: there its successor goes on.
    /// </summary>
    public void SkipDamaged()
    {
        var end = Position + (uint)recordBytes;
        var next = cutPositions.Where(cut => cut > Position && cut < end).DefaultIfEmpty(end).Min();
        var skipped = (int)(next - Position);
        offset += skipped;
        damagedBytes += skipped;
    }

    /// <summary>Tick of the last record that has one.</summary>
    public ulong LastTick => lastTick;

    /// <summary>What the thread had lost at the cut after its last record, or null; given once.</summary>
    public Loss? TakeLoss()
    {
        var taken = cutLoss;
        cutLoss = null;
        return taken;
    }

    /// <summary>True while bytes that made no sense are in no gap record yet.</summary>
    public bool HasDamage => damagedBytes > 0;

    /// <summary>Tick for what is lost now: no earlier than what the blocks of a dead process hold.</summary>
    public ulong LossTick => Math.Max(lastTick, cutTick);

    /// <summary>Bytes that made no sense since the last call.</summary>
    public int TakeDamaged()
    {
        var taken = damagedBytes;
        damagedBytes = 0;
        return taken;
    }

    /// <summary>Begins a span that is ended by the address of the record just read.</summary>
    public void Begin(ulong tick, Site site)
    {
        if (WatchesRoots && Trace.Depth == 0) OpenRoot = new RootSpan(site.Name, tick, 0);
        EndDeepest(tick);
        Trace.Begin(tick, site);
        Trace.Name(AddressOfRecord);
    }

    public void Begin(ulong tick, Site site, string name, ReadOnlySpan<Property> arguments)
    {
        if (WatchesRoots && Trace.Depth == 0) OpenRoot = new RootSpan(name.Length == 0 ? site.Name : name, tick, 0);
        EndDeepest(tick);
        Trace.Begin(tick, site, name, arguments);
        Trace.Name(AddressOfRecord);
    }

    /// <summary>Ends the span that began at the address, and those within it. It may have ended, or its begin may be lost: then nothing happens.</summary>
    /// <returns>Spans ended.</returns>
    public int End(ulong tick, ulong begin)
    {
        var depth = Trace.DepthOf(begin);
        if (depth < 0) return 0;
        var ended = Trace.Depth - depth;
        for (var i = 0; i < ended; i++) Trace.End(tick);
        if (WatchesRoots && depth == 0) EndRoot(tick);
        return ended;
    }

    /// <summary>Ends a span and begins another, which is ended by the same address.</summary>
    /// <returns>Events.</returns>
    public int Next(ulong tick, ulong begin, Site site, string name)
    {
        var ended = End(tick, begin);
        if (WatchesRoots && Trace.Depth == 0) OpenRoot = new RootSpan(name.Length == 0 ? site.Name : name, tick, 0);
        if (name.Length == 0) Trace.Begin(tick, site);
        else Trace.Begin(tick, site, name, []);
        Trace.Name(begin);
        return ended + 1;
    }

    public void PushContext(ulong tick, Property property)
    {
        if (openContexts.Count >= MostOpen) PopContext(tick, openContexts[^1]);
        var pushed = new OpenContext(Context, property);
        openContexts.EnsureCapacity(openContexts.Count + 1);
        if (!IsCut) Trace.PushContext(tick, property);
        Context = pushed;
        openContexts.Add(AddressOfRecord);
    }

    /// <summary>Ends the context that was pushed at the address, and those within it.</summary>
    /// <returns>Contexts ended.</returns>
    public int PopContext(ulong tick, ulong push)
    {
        var at = openContexts.LastIndexOf(push);
        if (at < 0) return 0;
        var ended = openContexts.Count - at;
        for (var i = 0; i < ended && !IsCut; i++) Trace.PopContext(tick);
        LeaveContexts(ended);
        return ended;
    }

    /// <summary>Records lost events of the thread's stream; what ended among them is ended.</summary>
    public void Lose(in Gap gap, List<ulong> ended)
    {
        var contexts = ended.Select(push => openContexts.LastIndexOf(push)).Where(depth => depth >= 0).DefaultIfEmpty(openContexts.Count).Min();
        if (!IsCut)
        {
            var spans = ended.Select(Trace.DepthOf).Where(depth => depth >= 0).DefaultIfEmpty(Trace.Depth).Min();
            Trace.Lose(gap, Trace.Depth - spans, openContexts.Count - contexts);
            if (spans == 0) OpenRoot = default;
        }
        LeaveContexts(openContexts.Count - contexts);
    }

    /// <summary>Goes on where the stream was cut last by a process that is dead.</summary>
    /// <param name="lastTick">Of the last block.</param>
    public void Resume(ulong sequence, ulong nextOrdinal, ulong lastTick, OpenScopes scopes, CutState state)
    {
        Trace.Resume(sequence, nextOrdinal, scopes, state.OpenSpans);
        CutPosition = state.Positions.FirstOrDefault(position => position.Thread == StreamId).Position;
        cutTick = lastTick;
    }

    /// <summary>Notes where a dead process has cut any of the streams that the thread's records go to.</summary>
    public void KnowCut(ulong position) => cutPositions.Add(position);

    /// <summary>The outermost span that has ended since the last call.</summary>
    public bool TryTakeRoot(out RootSpan ended)
    {
        ended = endedRoot;
        endedRoot = default;
        return ended.Name is not null;
    }

    void EndRoot(ulong tick)
    {
        endedRoot = OpenRoot with { EndTick = tick };
        OpenRoot = default;
    }

    /// <summary>Gives back what no block in progress needs, from the oldest on.</summary>
    public void ReleaseUnheld()
    {
        while (retained.TryPeek(out var oldest) && oldest.Holders == 0)
        {
            retained.Dequeue();
            cursor->First = retained.TryPeek(out var next) ? next.Index : -1;
            oldest.Release();
        }
    }

    /// <summary>Notes that a thread which is dead and wholly read needs its last segment no more.</summary>
    public void Leave()
    {
        if (segment is null || hasLeft) return;
        hasLeft = true;
        segment.Holders--;
    }

    /// <summary>Gives the cursor back.</summary>
    public void Release()
    {
        if (isReleased) return;
        isReleased = true;
        thread.Release();
    }

    /// <summary>The words of a resync record after the first.</summary>
    public static Loss ReadLoss(ReadOnlySpan<byte> record, uint shapes) => Loss.Read(MemoryMarshal.Cast<byte, ulong>(record)[1..], shapes);

    /// <summary>Reading holds a segment as a block in progress does.</summary>
    void Enter(Segment next)
    {
        if (kept is not null)
        {
            var contexts = kept.ContextsOf(next);
            if (thread is LeftThread && segment is null) (openContexts, Context) = KeptContexts.Read(contexts);
            else KeptContexts.Write(contexts, openContexts, Context);
        }
        retained.Enqueue(next);
        next.Holders++;
        var left = segment;
        segment = next;
        offset = 0;
        if (left is null) return;
        // Only now that the next one is retained and complete: at no moment must a reader after the process find the thread without segments.
        left.Holders--;
        ReleaseUnheld();
    }

    void Break(string why)
    {
        isBroken = true;
        broken = $"segments of thread {Thread.ThreadId}: {why}";
        damagedBytes += RecordLayout.PrefixBytes;
    }

    /// <summary>A program that begins and never ends must not fill its memory, and the headers of its blocks, with what is open.</summary>
    void EndDeepest(ulong tick)
    {
        if (Trace.Depth >= MostOpen) Trace.End(tick);
    }

    void LeaveContexts(int count)
    {
        openContexts.RemoveRange(openContexts.Count - count, count);
        for (; count > 0; count--) Context = Context!.Outer;
    }

    /// <summary>Where the record that was read last lay in the process that recorded it.</summary>
    ulong AddressOfRecord => (ulong)(segment!.Records + offset) + thread.AddressOffset;
}

/// <summary>A span that lies in no other of its thread.</summary>
/// <param name="Name">Null where there is none.</param>
/// <param name="EndTick">0 while it is open.</param>
readonly record struct RootSpan(string? Name, ulong BeginTick, ulong EndTick);

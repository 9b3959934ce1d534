using System.Buffers.Binary;
using Legion.Format;

namespace Legion.Sdk;

/// <summary>
/// Turns what threads recorded into blocks, pass by pass. Runs on one thread; each pass settles how far it reads in every thread,
/// then takes a clock knot, so that the knot lies behind all events it reads.
/// </summary>
sealed class Flusher
{
    /// <summary>How far below the wanted size a block is cut: its buffer, which doubles as it grows, then ends at that size and not at twice of it.</summary>
    const int BufferSlackBytes = 256;

    readonly Guid processId;
    readonly ISink sink;
    readonly int blockBytes;
    readonly long blockAgeNs;
    readonly long openBlocksBytes;
    readonly Counters counters;
    readonly ClockTimeline clock;
    readonly SegmentArea area;
    readonly AttachmentQueue attachments;

    // Segments then stay until all blocks with events of theirs are safe elsewhere.
    readonly bool holds;
    readonly List<ThreadStream> threads = [];
    readonly MergedStreams merged;
    readonly HashSet<SchemaHash> sentSchemas = [];
    readonly List<Property> arguments = [];
    long nowNs;

    /// <param name="openBlocksBytes">Events that blocks in progress may hold together, whatever their age.</param>
    public Flusher(Guid processId, ISink sink, TelemetryOptions options, long openBlocksBytes, Counters counters, ClockTimeline clock, SegmentArea area, AttachmentQueue attachments)
    {
        this.processId = processId;
        this.sink = sink;
        blockBytes = options.BlockBytes - BufferSlackBytes;
        blockAgeNs = (long)options.BlockAge.TotalMicroseconds * 1000;
        this.openBlocksBytes = openBlocksBytes;
        this.counters = counters;
        this.clock = clock;
        this.area = area;
        this.attachments = attachments;
        holds = false;
        merged = new MergedStreams(processId);
    }

    /// <summary>Monotonic nanoseconds of the last knot plus the process's UTC offset.</summary>
    public long LastKnotUtcNs { get; private set; }

    public void Add(ThreadContext thread) => threads.Add(new ThreadStream(thread, processId));

    /// <summary>Reads all that is committed, and cuts the blocks that are due.</summary>
    /// <param name="cutAll">Cuts every block with anything in it, due or not.</param>
    /// <param name="report">Takes a sentence for each damage that the pass had to step over.</param>
    public void Pass(bool cutAll, Action<string> report)
    {
        foreach (var thread in threads) thread.TakeTail();
        var knot = ProcessClock.Knot();
        clock.Add(knot);
        area.Keep(knot);
        nowNs = knot.MonotonicNs;
        LastKnotUtcNs = clock.NowNs(knot);

        // The knot is the middle of a few readings of the clock, which come after all that is read here.
        foreach (var thread in threads) Read(thread, knot.Ticks + 1, report);
        var (attached, lost) = attachments.Write(knot.Ticks, merged.Attachments, Oldest, CutLarge);
        counters.UserEvents += attached;
        counters.LostUserEvents += lost;
        CutDue(cutAll);
        foreach (var thread in threads) if (thread.IsFinal) Finish(thread);
        threads.RemoveAll(thread => thread.IsFinal && thread.IsReleased);
        clock.ForgetBefore(FirstNeededTick(knot.Ticks));
        sink.EndPass();
    }

    void Read(ThreadStream thread, ulong mostTick, Action<string> report)
    {
        while (true)
        {
            try
            {
                while (thread.TryRead(mostTick, out var record)) Apply(thread, record);
                if (thread.TakeLoss() is { } loss) Lose(thread, loss);
                return;
            }
            catch (Exception damage) when (damage is InvalidDataException or InvalidOperationException or IndexOutOfRangeException)
            {
                // What the segment said makes no sense: the host may have written over it. The record is lost; the ones after it may not be.
                counters.Damaged++;
                report(damage.Message);
            }
        }
    }

    void Apply(ThreadStream thread, ReadOnlySpan<byte> record)
    {
        var firstWord = BinaryPrimitives.ReadUInt64LittleEndian(record);
        var tick = BinaryPrimitives.ReadUInt64LittleEndian(record[8..]);
        if (RecordLayout.IsSpanEnd(firstWord))
        {
            BeforeTrace(thread);
            counters.Trace += thread.End(tick, firstWord);
            if (thread.Trace.EventBytes >= blockBytes) Cut(thread);
            return;
        }
        var id = (uint)(firstWord >> 32);
        var body = new RecordReader(record[RecordLayout.PrefixBytes..]);
        switch ((RecordKind)record[0])
        {
            case RecordKind.SpanBegin:
                BeforeTrace(thread);
                thread.Begin(tick, DeclarationTable.Get(id).Site);
                counters.Trace++;
                break;
            case RecordKind.SpanBeginDynamic:
                BeforeTrace(thread);
                var name = body.Text().ToString();
                thread.Begin(tick, DeclarationTable.Get(id).Site, name, Properties(ref body), record.Length);
                counters.Trace++;
                break;
            case RecordKind.SpanNext:
                BeforeTrace(thread);
                counters.Trace += thread.Next(tick, body.U64(), DeclarationTable.Get(id).Site, "");
                break;
            case RecordKind.SpanNextDynamic:
                BeforeTrace(thread);
                counters.Trace += thread.Next(tick, body.U64(), DeclarationTable.Get(id).Site, body.Text().ToString());
                break;
            case RecordKind.ContextPush:
                BeforeTrace(thread);
                thread.PushContext(tick, new Property(body.Text().ToString(), body.Value()), record.Length);
                counters.Trace++;
                break;
            case RecordKind.ContextPop:
                BeforeTrace(thread);
                counters.Trace += thread.PopContext(tick, body.U64());
                break;
            case RecordKind.AsyncBegin:
                BeforeTrace(thread);
                Async(thread, tick, DeclarationTable.Get(id).Site, ref body, isEnd: false);
                counters.Trace++;
                break;
            case RecordKind.AsyncEnd:
                BeforeTrace(thread);
                Async(thread, tick, DeclarationTable.Get(id).Site, ref body, isEnd: true);
                counters.Trace++;
                break;
            case RecordKind.Flow:
                BeforeTrace(thread);
                thread.Trace.Flow(tick, body.U64(), DeclarationTable.Get(id).Site);
                counters.Trace++;
                break;
            case RecordKind.Marker:
                BeforeTrace(thread);
                var marker = body.Text().ToString();
                thread.Trace.Marker(tick, DeclarationTable.Get(id).Site, marker, Properties(ref body));
                counters.Trace++;
                break;
            case RecordKind.Log:
                Before(thread, merged.Logs);
                merged.Log(thread.Thread, thread.Context, tick, record[1], DeclarationTable.Get(id), body);
                counters.Logs++;
                CutLarge(merged.Logs);
                break;
            case RecordKind.Metric:
                Before(thread, merged.Metrics);
                merged.Metric(thread.Thread, thread.Context, tick, DeclarationTable.Get(id), body.F64());
                counters.Metrics++;
                CutLarge(merged.Metrics);
                break;
            case RecordKind.MetricAtLast:
                Before(thread, merged.Metrics);
                // The value stands where other records have their tick.
                merged.Metric(thread.Thread, thread.Context, thread.LastTick, DeclarationTable.Get(id), BitConverter.UInt64BitsToDouble(tick));
                counters.Metrics++;
                CutLarge(merged.Metrics);
                break;
            case RecordKind.Count:
                Before(thread, merged.Metrics);
                merged.Count(thread.Thread, thread.Context, tick, DeclarationTable.Get(id), body.F64());
                counters.Metrics++;
                CutLarge(merged.Metrics);
                break;
            case RecordKind.MetricDynamic:
                Before(thread, merged.Metrics);
                var value = body.F64();
                if (record[1] != 0) merged.Count(thread.Thread, thread.Context, tick, DeclarationTable.Get(id), value, Properties(ref body));
                else merged.Metric(thread.Thread, thread.Context, tick, DeclarationTable.Get(id), value, Properties(ref body));
                counters.Metrics++;
                CutLarge(merged.Metrics);
                break;
            case RecordKind.Frame:
                if (!merged.Series.TryEnd(id, tick, out var beginTick, out var number)) break;
                Before(thread, merged.Frames);
                merged.Frame(thread.Thread, thread.Context, tick, DeclarationTable.Get(id), beginTick, number);
                counters.Metrics++;
                CutLarge(merged.Frames);
                break;
            case RecordKind.UserEvent:
                var shape = EventShape.Get(id);
                Before(thread, merged.UserEvents(shape));
                var stream = merged.UserEvent(thread.Thread, thread.Context, tick, shape, body);
                counters.UserEvents++;
                CutLarge(stream);
                break;
            case RecordKind.Resync:
                Lose(thread, ThreadStream.ReadLoss(record, id));
                break;
            default:
                throw new InvalidDataException($"segment of thread {thread.Thread.ThreadId}: expected a record of a known kind, saw {record[0]}");
        }
        if (thread.Trace.EventBytes >= blockBytes) Cut(thread);
    }

    void Async(ThreadStream thread, ulong tick, Site site, ref RecordReader body, bool isEnd)
    {
        var span = new AsyncSpanIdentity(
            Id: body.U64(), Parent: body.U64(), Site: FormatLimits.NoReference, TraceId: new UInt128(body.U64(), body.U64()),
            BeginTick: isEnd ? body.U64() : tick, BeginStream: isEnd ? body.Id() : thread.StreamId);
        var name = body.Text().ToString();
        if (isEnd) thread.Trace.AsyncEnd(tick, span, site, name, Properties(ref body));
        else thread.Trace.AsyncBegin(tick, span, site, name, Properties(ref body));
    }

    /// <summary>The properties at the end of a record; valid until the next call.</summary>
    ReadOnlySpan<Property> Properties(ref RecordReader body)
    {
        arguments.Clear();
        while (!body.AtEnd && body.Text() is { IsEmpty: false } key) arguments.Add(new Property(key.ToString(), body.Value()));
        return System.Runtime.InteropServices.CollectionsMarshal.AsSpan(arguments);
    }

    void BeforeTrace(ThreadStream thread)
    {
        if (thread.Trace.IsEmpty) thread.OldestNs = nowNs;
        if (holds) thread.Held.Add(thread.Reading);
    }

    void Before(ThreadStream thread, MergedStream stream)
    {
        Oldest(stream);
        if (holds) stream.Held.Add(thread.Reading);
    }

    void Lose(ThreadStream thread, Loss loss)
    {
        var trace = loss.Of(LostKind.Trace);
        if (trace.Events > 0)
        {
            if (!thread.Trace.IsEmpty) Cut(thread);
            thread.OldestNs = nowNs;
            thread.Lose(GapOf(loss, trace), loss.Ended);
            counters.LostTrace += (long)trace.Events;
        }
        Lose(merged.Logs, loss, loss.Of(LostKind.Log));
        Lose(merged.Metrics, loss, loss.Of(LostKind.Metric));
        Lose(merged.Frames, loss, loss.Of(LostKind.Frame));
        foreach (var (shape, lost) in loss.UserEvents) Lose(merged.UserEvents(EventShape.Get(shape)), loss, lost);
        counters.LostLogs += (long)loss.Of(LostKind.Log).Events;
        counters.LostMetrics += (long)(loss.Of(LostKind.Metric).Events + loss.Of(LostKind.Frame).Events);
        counters.LostUserEvents += loss.UserEvents.Values.Sum(lost => (long)lost.Events);
    }

    void Lose(MergedStream stream, Loss loss, LostEvents lost)
    {
        if (lost.Events == 0) return;
        Oldest(stream);
        stream.Writer.Lose(GapOf(loss, lost));
    }

    static Gap GapOf(Loss loss, LostEvents lost) => new(loss.FirstTick, loss.LastTick, lost.Events, lost.Bytes, GapReason.Memory);

    void Oldest(MergedStream stream)
    {
        if (stream.Writer.IsEmpty) stream.OldestNs = nowNs;
    }

    void CutLarge(MergedStream stream)
    {
        if (stream.Writer.Block.Events.Length >= blockBytes) Cut(stream);
    }

    /// <summary>Cuts what is old enough, and the largest blocks while all together hold too much.</summary>
    void CutDue(bool all)
    {
        foreach (var thread in threads)
            if (!thread.Trace.IsEmpty && (all || nowNs - thread.OldestNs >= blockAgeNs)) Cut(thread);
        foreach (var stream in merged.All)
            if (!stream.Writer.IsEmpty && (all || nowNs - stream.OldestNs >= blockAgeNs)) Cut(stream);

        var held = threads.Sum(thread => (long)thread.Trace.EventBytes);
        foreach (var thread in threads.Where(thread => !thread.Trace.IsEmpty).OrderByDescending(thread => thread.Trace.EventBytes))
        {
            if (held <= openBlocksBytes) break;
            held -= thread.Trace.EventBytes;
            Cut(thread);
        }
    }

    /// <summary>Cuts what a dead thread has left, and gives its memory back when no block in progress needs it.</summary>
    void Finish(ThreadStream thread)
    {
        if (!thread.Trace.IsEmpty) Cut(thread);
        thread.Leave();
        thread.ReleaseUnheld();
        if (thread.IsReleased) thread.Release();
    }

    void Cut(ThreadStream thread)
    {
        if (thread.AnnouncedName != thread.Thread.ThreadName)
        {
            var isNew = thread.AnnouncedName is null;
            thread.AnnouncedName = thread.Thread.ThreadName;
            sink.Add(new StreamRecord
            {
                StreamId = thread.StreamId, ProcessId = processId, Version = isNew ? 1 : (ulong)nowNs, Class = StreamClass.Trace,
                Name = thread.AnnouncedName, ThreadId = thread.Thread.ThreadId,
            });
        }
        var trace = thread.Trace;
        Send(trace.Cut(Guid.CreateVersion7(), clock.Enclosing(trace.FirstTick, trace.LastTick)));
        thread.Held.Clear();
        thread.ReleaseUnheld();
    }

    void Cut(MergedStream stream)
    {
        if (!stream.IsAnnounced)
        {
            stream.IsAnnounced = true;
            sink.Add(new StreamRecord { StreamId = stream.StreamId, ProcessId = processId, Version = 1, Class = stream.Class, Name = stream.Name });
        }
        var writer = stream.Writer;
        Send(writer.Cut(Guid.CreateVersion7(), clock.Enclosing(writer.FirstTick, writer.LastTick)));
        stream.Held.Clear();
        if (holds) foreach (var thread in threads) thread.ReleaseUnheld();
    }

    void Send(FinishedBlock block)
    {
        if (sentSchemas.Add(block.Schema.Hash)) sink.Add(block.Schema);
        sink.Add(block);
    }

    ulong FirstNeededTick(ulong tick)
    {
        foreach (var thread in threads)
            if (!thread.Trace.IsEmpty) tick = Math.Min(tick, thread.Trace.FirstTick);
        foreach (var stream in merged.All)
            if (!stream.Writer.IsEmpty) tick = Math.Min(tick, stream.Writer.FirstTick);
        return tick;
    }
}

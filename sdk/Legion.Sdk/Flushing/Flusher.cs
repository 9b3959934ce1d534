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
    readonly List<ThreadStream> threads = [];
    readonly MergedStreams merged;
    readonly HashSet<SchemaHash> sentSchemas = [];
    readonly List<Property> arguments = [];
    long nowNs;

    /// <param name="openBlocksBytes">Events that blocks in progress may hold together, whatever their age.</param>
    public Flusher(Guid processId, ISink sink, TelemetryOptions options, long openBlocksBytes, Counters counters, ClockTimeline clock)
    {
        this.processId = processId;
        this.sink = sink;
        blockBytes = options.BlockBytes - BufferSlackBytes;
        blockAgeNs = (long)options.BlockAge.TotalMicroseconds * 1000;
        this.openBlocksBytes = openBlocksBytes;
        this.counters = counters;
        this.clock = clock;
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
        nowNs = knot.MonotonicNs;
        LastKnotUtcNs = clock.NowNs(knot);

        foreach (var thread in threads) Read(thread, report);
        CutDue(cutAll);
        foreach (var thread in threads.Where(thread => thread.IsFinal))
        {
            if (!thread.Trace.IsEmpty) Cut(thread);
            thread.Release();
        }
        threads.RemoveAll(thread => thread.IsFinal);
        clock.ForgetBefore(FirstNeededTick(knot.Ticks));
        sink.EndPass();
    }

    void Read(ThreadStream thread, Action<string> report)
    {
        while (true)
        {
            try
            {
                while (thread.TryRead(out var record)) Apply(thread, record);
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
        var id = BinaryPrimitives.ReadUInt32LittleEndian(record[4..]);
        var tick = BinaryPrimitives.ReadUInt64LittleEndian(record[8..]);
        var body = new RecordReader(record[RecordLayout.PrefixBytes..]);
        var trace = thread.Trace;
        if (trace.IsEmpty) thread.OldestNs = nowNs;
        switch ((RecordKind)record[0])
        {
            case RecordKind.SpanBegin:
                trace.Begin(tick, DeclarationTable.Get(id).Site);
                counters.Trace++;
                break;
            case RecordKind.SpanEnd:
                trace.End(tick);
                counters.Trace++;
                break;
            case RecordKind.SpanNext:
                trace.End(tick);
                trace.Begin(tick, DeclarationTable.Get(id).Site);
                counters.Trace += 2;
                break;
            case RecordKind.SpanBeginDynamic:
                var name = body.Text().ToString();
                arguments.Clear();
                while (!body.AtEnd && body.Text() is { IsEmpty: false } key) arguments.Add(new Property(key.ToString(), body.Value()));
                trace.Begin(tick, DeclarationTable.Get(id).Site, name, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(arguments));
                counters.Trace++;
                break;
            case RecordKind.ContextPush:
                trace.PushContext(tick, new Property(body.Text().ToString(), body.Value()));
                counters.Trace++;
                break;
            case RecordKind.ContextPop:
                trace.PopContext(tick);
                counters.Trace++;
                break;
            case RecordKind.Log:
                Oldest(merged.Logs);
                merged.Log(thread.Thread, trace.Context, tick, record[1], DeclarationTable.Get(id), body);
                counters.Logs++;
                CutLarge(merged.Logs);
                break;
            case RecordKind.Metric:
                Oldest(merged.Metrics);
                var value = BinaryPrimitives.ReadDoubleLittleEndian(record[RecordLayout.PrefixBytes..]);
                merged.Metric(thread.Thread, trace.Context, tick, DeclarationTable.Get(id), value);
                counters.Metrics++;
                CutLarge(merged.Metrics);
                break;
            case RecordKind.UserEvent:
                var shape = EventShape.Get(id);
                Oldest(merged.UserEvents(shape));
                var stream = merged.UserEvent(thread.Thread, trace.Context, tick, shape, body);
                counters.UserEvents++;
                CutLarge(stream);
                break;
            case RecordKind.Resync:
                Lose(thread, ThreadStream.ReadLoss(record, id));
                break;
            default:
                throw new InvalidDataException($"segment of thread {thread.Thread.ThreadId}: expected a record of kind 1 to 10, saw {record[0]}");
        }
        if (trace.EventBytes >= blockBytes) Cut(thread);
    }

    void Lose(ThreadStream thread, Loss loss)
    {
        if (loss.Trace.Events > 0)
        {
            if (!thread.Trace.IsEmpty) Cut(thread);
            thread.OldestNs = nowNs;
            thread.Trace.Lose(GapOf(loss, loss.Trace), (int)loss.EndedSpans, (int)loss.EndedContexts);
            counters.LostTrace += (long)loss.Trace.Events;
        }
        Lose(merged.Logs, loss, loss.Logs);
        Lose(merged.Metrics, loss, loss.Metrics);
        foreach (var (shape, lost) in loss.UserEvents) Lose(merged.UserEvents(EventShape.Get(shape)), loss, lost);
        counters.LostLogs += (long)loss.Logs.Events;
        counters.LostMetrics += (long)loss.Metrics.Events;
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

    void Cut(ThreadStream thread)
    {
        if (!thread.IsAnnounced)
        {
            thread.IsAnnounced = true;
            sink.Add(new StreamRecord
            {
                StreamId = thread.StreamId, ProcessId = processId, Version = 1, Class = StreamClass.Trace,
                Name = thread.Thread.ThreadName, ThreadId = thread.Thread.ThreadId,
            });
        }
        var trace = thread.Trace;
        Send(trace.Cut(Guid.CreateVersion7(), clock.Enclosing(trace.FirstTick, trace.LastTick)));
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

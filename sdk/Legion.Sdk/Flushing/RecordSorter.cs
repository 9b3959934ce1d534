using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Legion.Format;

namespace Legion.Sdk;

/// <summary>
/// Sorts what threads recorded into streams: each record becomes an event, or a gap, of the block in progress of its stream.
/// It knows nothing of when blocks are cut or where they go.
/// </summary>
/// <param name="holdsSegments">Whether a block in progress keeps the segments that its events come from, for a reader after the process.</param>
sealed class RecordSorter(MergedStreams merged, Definitions definitions, SegmentArea area, Counters counters, bool holdsSegments)
{
    readonly List<Property> arguments = [];

    /// <summary>Cuts the thread's block in progress, so that a gap can be the first of the next one. It reaches so far into what the thread recorded.</summary>
    public required Action<ThreadStream, ulong> CutBefore { private get; init; }

    /// <summary>Monotonic nanoseconds of the pass: how old the first event of a block is taken to be.</summary>
    public long NowNs { get; set; }

    /// <summary>Looks for what makes blocks interesting; null where nobody asks.</summary>
    public Watch? Watch { get; set; }

    /// <summary>Adds the event of a record to the block in progress of its stream.</summary>
    /// <returns>The stream, where it is one of several threads.</returns>
    public MergedStream? Apply(ThreadStream thread, ReadOnlySpan<byte> record)
    {
        var firstWord = BinaryPrimitives.ReadUInt64LittleEndian(record);
        var tick = BinaryPrimitives.ReadUInt64LittleEndian(record[8..]);
        if (RecordLayout.IsSpanEnd(firstWord))
        {
            if (!area.MayBegin(firstWord)) throw new InvalidDataException($"segment of thread {thread.Thread.ThreadId}: expected the end of a span that began in a segment, saw address {firstWord:x}");
            if (BeforeTrace(thread)) counters.Trace += thread.End(tick, firstWord);
            return null;
        }
        var id = (uint)(firstWord >> 32);
        var body = new RecordReader(record[RecordLayout.PrefixBytes..]);
        switch ((RecordKind)record[0])
        {
            case RecordKind.SpanBegin:
                if (!BeforeTrace(thread)) break;
                thread.Begin(tick, definitions.Declaration(id).Site);
                counters.Trace++;
                break;
            case RecordKind.SpanBeginDynamic:
                if (!BeforeTrace(thread)) break;
                var name = body.Text().ToString();
                thread.Begin(tick, definitions.Declaration(id).Site, name, Properties(ref body));
                counters.Trace++;
                break;
            case RecordKind.SpanNext:
                if (!BeforeTrace(thread)) break;
                counters.Trace += thread.Next(tick, body.U64(), definitions.Declaration(id).Site, "");
                break;
            case RecordKind.SpanNextDynamic:
                if (!BeforeTrace(thread)) break;
                counters.Trace += thread.Next(tick, body.U64(), definitions.Declaration(id).Site, body.Text().ToString());
                break;
            case RecordKind.ContextPush:
                BeforeTrace(thread);
                thread.PushContext(tick, new Property(body.Text().ToString(), body.Value()));
                counters.Trace++;
                break;
            case RecordKind.ContextPop:
                BeforeTrace(thread);
                counters.Trace += thread.PopContext(tick, body.U64());
                break;
            case RecordKind.AsyncBegin:
                if (!BeforeTrace(thread)) break;
                Async(thread, tick, definitions.Declaration(id).Site, ref body, isEnd: false);
                counters.Trace++;
                break;
            case RecordKind.AsyncEnd:
                if (!BeforeTrace(thread)) break;
                Async(thread, tick, definitions.Declaration(id).Site, ref body, isEnd: true);
                counters.Trace++;
                break;
            case RecordKind.Flow:
                if (!BeforeTrace(thread)) break;
                thread.Trace.Flow(tick, body.U64(), definitions.Declaration(id).Site);
                counters.Trace++;
                break;
            case RecordKind.Marker:
                if (!BeforeTrace(thread)) break;
                var marker = body.Text().ToString();
                thread.Trace.Marker(tick, definitions.Declaration(id).Site, marker, Properties(ref body));
                Watch?.Marker(definitions.Declaration(id).Site.Name, tick);
                counters.Trace++;
                break;
            case RecordKind.Log or RecordKind.LogInPlace:
                if (!Before(thread, merged.Logs)) break;
                merged.Log(thread.Thread, thread.Context, tick, record[1], definitions.Log(id), new LogReader(record));
                counters.Logs++;
                Watch?.Log(record[1], tick);
                return merged.Logs;
            case RecordKind.Metric:
                if (!Before(thread, merged.Metrics)) break;
                merged.Metric(thread.Thread, thread.Context, tick, definitions.Declaration(id), body.F64());
                counters.Metrics++;
                return merged.Metrics;
            case RecordKind.MetricAtLast:
                if (!Before(thread, merged.Metrics)) break;
                // The value stands where other records have their tick.
                merged.Metric(thread.Thread, thread.Context, thread.LastTick, definitions.Declaration(id), BitConverter.UInt64BitsToDouble(tick));
                counters.Metrics++;
                return merged.Metrics;
            case RecordKind.Count:
                if (!Before(thread, merged.Metrics)) break;
                merged.Count(thread.Thread, thread.Context, tick, definitions.Declaration(id), body.F64());
                counters.Metrics++;
                return merged.Metrics;
            case RecordKind.MetricDynamic:
                if (!Before(thread, merged.Metrics)) break;
                var value = body.F64();
                if (record[1] != 0) merged.Count(thread.Thread, thread.Context, tick, definitions.Declaration(id), value, Properties(ref body));
                else merged.Metric(thread.Thread, thread.Context, tick, definitions.Declaration(id), value, Properties(ref body));
                counters.Metrics++;
                return merged.Metrics;
            case RecordKind.Frame:
                if (merged.Frames.IsCut(thread) || !merged.Series.TryEnd(id, tick, out var beginTick, out var number) || !Before(thread, merged.Frames)) break;
                merged.Frame(thread.Thread, thread.Context, tick, definitions.Declaration(id), beginTick, number);
                Watch?.Frame(definitions.Declaration(id).Site.Name, beginTick, tick);
                counters.Metrics++;
                return merged.Frames;
            case RecordKind.UserEvent:
                var shape = definitions.Shape(id);
                if (!IsWhole(body, shape)) throw new InvalidDataException($"segment of thread {thread.Thread.ThreadId}: expected a record of '{shape.Name}', saw {record.Length} bytes");
                if (!Before(thread, merged.UserEvents(shape))) break;
                var stream = merged.UserEvent(thread.Thread, thread.Context, tick, shape, body);
                counters.UserEvents++;
                return stream;
            case RecordKind.Resync:
                Lose(thread, ThreadStream.ReadLoss(record, id), thread.RecordPosition);
                break;
            default:
                throw new InvalidDataException($"segment of thread {thread.Thread.ThreadId}: expected a record of a known kind, saw {record[0]}");
        }
        return null;
    }

    static bool IsWhole(RecordReader body, EventShape shape)
    {
        var isWhole = body.TrySkip(shape.FixedBytes);
        for (var i = 0; isWhole && i < shape.TextOffsets.Length && !body.IsPadding; i++) isWhole = body.TrySkipText();
        return isWhole && body.IsPadding;
    }

    void Async(ThreadStream thread, ulong tick, Site site, ref RecordReader body, bool isEnd)
    {
        var span = new AsyncSpanIdentity(
            Id: body.U64(), Parent: body.U64(), Site: FormatLimits.NoReference, TraceId: new UInt128(body.U64(), body.U64()),
            BeginTick: isEnd ? body.U64() : tick, BeginStream: isEnd ? body.Id() : thread.StreamId);
        var name = body.Text().ToString();
        if (isEnd) thread.Trace.AsyncEnd(tick, span, site, name, Properties(ref body));
        else thread.Trace.AsyncBegin(tick, span, site, name, Properties(ref body));
        if (Watch is null) return;
        if (name.Length == 0) name = site.Name;
        if (isEnd) Watch.AsyncEnd(span.Id, span.Parent, name, span.BeginTick, tick);
        else Watch.AsyncBegin(span.Id, span.Parent, name, tick);
    }

    /// <summary>The properties at the end of a record; valid until the next call.</summary>
    ReadOnlySpan<Property> Properties(ref RecordReader body)
    {
        arguments.Clear();
        while (!body.AtEnd && body.Text() is { IsEmpty: false } key) arguments.Add(new Property(key.ToString(), body.Value()));
        return CollectionsMarshal.AsSpan(arguments);
    }

    /// <summary>To be called before every event of the thread's own stream.</summary>
    /// <returns>False for a record that a block of a dead process holds already.</returns>
    public bool BeforeTrace(ThreadStream thread)
    {
        if (thread.IsCut) return false;
        if (thread.Trace.IsEmpty) thread.OldestNs = NowNs;
        if (holdsSegments) thread.Held.Add(thread.Reading);
        return true;
    }

    /// <returns>False for a record that a block of a dead process holds already.</returns>
    bool Before(ThreadStream thread, MergedStream stream)
    {
        if (stream.IsCut(thread)) return false;
        Oldest(stream);
        if (holdsSegments) stream.Held.Add(thread.Reading);
        return true;
    }

    /// <param name="position">Before the record of the loss, where there is one: it is not in the block that is cut before it.</param>
    public void Lose(ThreadStream thread, Loss loss, ulong position)
    {
        var trace = loss.Of(LostKind.Trace);
        if (trace.Events > 0 || loss.Ended.Count > 0)
        {
            if (!thread.IsCut && !thread.Trace.IsEmpty) CutBefore(thread, position);
            thread.OldestNs = NowNs;
            if (holdsSegments && thread.HasRead) thread.Held.Add(thread.Reading);
            if (!thread.IsCut) counters.LostTrace += (long)trace.Events;
            thread.Lose(GapOf(loss, trace), loss.Ended);
        }
        counters.LostLogs += Lose(thread, merged.Logs, loss, loss.Of(LostKind.Log));
        counters.LostMetrics += Lose(thread, merged.Metrics, loss, loss.Of(LostKind.Metric)) + Lose(thread, merged.Frames, loss, loss.Of(LostKind.Frame));
        foreach (var (shape, lost) in loss.UserEvents) counters.LostUserEvents += Lose(thread, merged.UserEvents(definitions.Shape(shape)), loss, lost);
    }

    long Lose(ThreadStream thread, MergedStream stream, Loss loss, LostEvents lost)
    {
        if (lost.Events == 0 || stream.IsCut(thread)) return 0;
        Oldest(stream);
        if (holdsSegments && thread.HasRead) stream.Held.Add(thread.Reading);
        stream.Writer.Lose(GapOf(loss, lost));
        return (long)lost.Events;
    }

    /// <summary>Records that a record, or the rest of a segment, makes no sense. How many events it held nobody knows; the gap says the most there can have been.</summary>
    /// <param name="position">Before the damage: the block that is cut before the gap does not hold it, and a crash must not hide it.</param>
    public void LoseDamaged(ThreadStream thread, ulong position)
    {
        var bytes = Math.Max(thread.TakeDamaged(), RecordLayout.PrefixBytes);
        if (!thread.Trace.IsEmpty) CutBefore(thread, position);
        thread.OldestNs = NowNs;
        if (holdsSegments && thread.HasRead) thread.Held.Add(thread.Reading);
        thread.Trace.Lose(new Gap(thread.LossTick, thread.LossTick, (ulong)(bytes / RecordLayout.PrefixBytes), (ulong)bytes, GapReason.Damaged), 0, 0);
    }

    static Gap GapOf(Loss loss, LostEvents lost) => new(loss.FirstTick, loss.LastTick, lost.Events, lost.Bytes, GapReason.Memory);

    /// <summary>To be called before every event of the stream: its age is that of its block's first.</summary>
    public void Oldest(MergedStream stream)
    {
        if (stream.Writer.IsEmpty) stream.OldestNs = NowNs;
    }
}

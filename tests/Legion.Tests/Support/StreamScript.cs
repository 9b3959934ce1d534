using System.Globalization;
using Legion.Format;

namespace Legion.Tests.Support;

/// <summary>How a block of a script reaches the lake.</summary>
enum Delivery
{
    Normal,
    Never,
    AfterAllOthers,
    DamagedOnceStored,
}

/// <summary>A block that a script made.</summary>
sealed record ScriptBlock(Guid Id, byte[] Bytes, Delivery Delivery);

/// <summary>What begin and end of an async span of a script both say.</summary>
sealed record ScriptAsyncSpan(ulong Id, ulong Parent, string Name, UInt128 TraceId, ulong BeginTick, Guid BeginStream)
{
    public AsyncSpanIdentity Identity(uint site) => new(Id, Parent, site, BeginTick, BeginStream, TraceId);
}

/// <summary>Makes the blocks of one stream of a script, with the open spans that a producer would put in their headers. Blocks are of columns and of rows in turns. One tick is one nanosecond.</summary>
sealed class StreamScript(Guid processId, StreamRecord record, Schema schema, long startNs)
{
    sealed record Open(ulong Ordinal, ulong Tick, string Name, Property[] Arguments, int ContextDepth)
    {
        public ulong ChildTicks { get; set; }
    }

    readonly List<Open> stack = [];
    readonly List<Property[]> contexts = [];
    List<OpenSpan> headerStack = [];
    List<Property[]> headerContexts = [];
    BlockWriter? writer;
    ulong ordinal, firstOrdinal, sequence, firstTick, lastTick;
    uint events;

    public StreamRecord Record => record;
    public Schema Schema => schema;
    public List<ScriptBlock> Blocks { get; } = [];

    public void Begin(ulong tick, string name, Property[] arguments)
    {
        var block = Event(tick);
        var site = block.Dependencies.Site(Site(name));
        if (arguments.Length == 0) SpanBeginEvent.Write(block, tick, site);
        else SpanBeginDynamicEvent.Write(block, tick, site, "", arguments);
        stack.Add(new Open(ordinal - 1, tick, name, arguments, contexts.Count));
    }

    public void End(ulong tick)
    {
        SpanEndEvent.Write(Event(tick), tick);
        Close(tick);
    }

    public void Push(ulong tick, Property[] set)
    {
        var block = Event(tick);
        ContextPushEvent.Write(block, tick, block.Dependencies.PropertySet(set));
        contexts.Add(set);
    }

    public void Pop(ulong tick)
    {
        ContextPopEvent.Write(Event(tick), tick);
        contexts.RemoveAt(contexts.Count - 1);
    }

    public void AsyncBegin(ulong tick, ScriptAsyncSpan span, Property[] arguments)
    {
        var block = Event(tick);
        var identity = span.Identity(block.Dependencies.Site(Site(span.Name)));
        if (arguments.Length == 0) AsyncBeginEvent.Write(block, tick, identity);
        else AsyncBeginDynamicEvent.Write(block, tick, identity, "", arguments);
    }

    public void AsyncEnd(ulong tick, ScriptAsyncSpan span, Property[] arguments)
    {
        var block = Event(tick);
        var identity = span.Identity(block.Dependencies.Site(Site(span.Name)));
        if (arguments.Length == 0) AsyncEndEvent.Write(block, tick, identity);
        else AsyncEndDynamicEvent.Write(block, tick, identity, "", arguments);
    }

    public void Flow(ulong tick, ulong id, string name)
    {
        var block = Event(tick);
        FlowEvent.Write(block, tick, id, block.Dependencies.Site(Site(name)));
    }

    public void Marker(ulong tick, string name, Property[] arguments)
    {
        var block = Event(tick);
        MarkerEvent.Write(block, tick, block.Dependencies.Site(Site("marker")), name, arguments);
    }

    public void Frame(ulong beginTick, ulong tick, string thread, string name, ulong number)
    {
        var block = Event(tick);
        FrameEvent.Write(block, tick, beginTick, block.Dependencies.Site(Site(name)), number, new ThreadReference(7, block.Dependencies.String(thread)), FormatLimits.NoReference);
    }

    /// <summary>Loses events, and with them the ends of the innermost <paramref name="ended"/> open spans.</summary>
    public void Gap(ulong from, ulong to, ulong lost, int ended, GapReason reason)
    {
        for (var i = 0; i < ended; i++) Close(to);
        if (record.Class == StreamClass.Trace) Cut(Delivery.Normal); // gap records come first in a block
        var block = Writer(from);
        GapEvent.Write(block, (ushort)schema.IndexOf(WellKnown.Gap), new Gap(from, to, lost, lost * 12, reason));
        ordinal += lost;
        lastTick = Math.Max(lastTick, to);
    }

    public void Log(ulong tick, Level level, string thread, string template, Value[] arguments)
    {
        var block = Event(tick);
        var reference = block.Dependencies.Template(new Template(template, Site("log")));
        LogEvent.Write(block, tick, new ThreadReference(7, block.Dependencies.String(thread)), (byte)level, reference, FormatLimits.NoReference, arguments);
    }

    public void Metric(ulong tick, string thread, string name, string unit, double value)
    {
        var block = Event(tick);
        MetricEvent.Write(block, tick, value, new ThreadReference(7, block.Dependencies.String(thread)), block.Dependencies.Site(Site(name)), block.Dependencies.String(unit), FormatLimits.NoReference);
    }

    public void Count(ulong tick, string thread, string name, string unit, double increment)
    {
        var block = Event(tick);
        CountEvent.Write(block, tick, increment, new ThreadReference(7, block.Dependencies.String(thread)), block.Dependencies.Site(Site(name)), block.Dependencies.String(unit), FormatLimits.NoReference);
    }

    public void Chunk(ulong tick, Guid attachment, uint index, uint count, byte[] sha256, string mediaType, string name, byte[] data) =>
        AttachmentChunkEvent.Write(Event(tick), tick, attachment, index, count, sha256, mediaType, name, data);

    /// <summary>An event of the stream's own type, whose fields stand in the order of the values.</summary>
    public void UserEvent(ulong tick, Value[] values)
    {
        var block = Event(tick);
        var type = schema.Types[0];
        var position = block.Begin(0);
        block.Events.U64(tick);
        for (var i = 0; i < values.Length; i++)
        {
            if (type.Fields[i + 1].Type == FieldType.String) block.Events.U64(0);
            else if (values[i].Tag == ValueTag.F64) block.Events.F64(values[i].AsF64);
            else block.Events.I64(values[i].AsI64);
        }
        for (var i = 0; i < values.Length; i++)
        {
            if (type.Fields[i + 1].Type != FieldType.String) continue;
            var start = block.Events.Length;
            block.Events.Utf8(values[i].AsString);
            block.Point(position, type.Fields[i + 1].Offset, start);
        }
        block.End(0, position);
    }

    public void Cut(Delivery delivery)
    {
        if (writer is null) return;
        var header = new BlockHeader
        {
            BlockId = Guid.CreateVersion7(),
            StreamId = record.StreamId,
            ProcessId = processId,
            Schema = schema.Hash,
            Class = record.Class,
            Sequence = sequence++,
            FirstOrdinal = firstOrdinal,
            NextOrdinal = ordinal,
            Events = events,
            FirstTick = firstTick,
            LastTick = lastTick,
            Clock = new BlockClock(startNs, [new ClockKnot(0, 0, startNs), new ClockKnot(1ul << 60, 1L << 60, startNs + (1L << 60))]),
            OpenSpans = headerStack,
            OpenContexts = headerContexts.Select(set => writer.Dependencies.PropertySet(set)).ToArray(),
        };
        Blocks.Add(new ScriptBlock(header.BlockId, writer.Finish(header), delivery));
        writer = null;
    }

    void Close(ulong tick)
    {
        var span = stack[^1];
        stack.RemoveAt(stack.Count - 1);
        if (stack.Count > 0) stack[^1].ChildTicks += tick - span.Tick;
    }

    BlockWriter Event(ulong tick)
    {
        var block = Writer(tick);
        ordinal++;
        events++;
        lastTick = Math.Max(lastTick, tick);
        firstTick = Math.Min(firstTick, tick);
        return block;
    }

    BlockWriter Writer(ulong tick)
    {
        if (writer is not null) return writer;
        writer = new BlockWriter(schema, Blocks.Count % 2 == 0 ? BlockEncoding.Columns : BlockEncoding.Rows);
        (firstOrdinal, events, firstTick, lastTick) = (ordinal, 0, tick, tick);
        headerStack = stack.Select(span => new OpenSpan
        {
            Ordinal = span.Ordinal,
            BeginTick = span.Tick,
            BeginNs = startNs + (long)span.Tick,
            ChildTicks = span.ChildTicks,
            Site = writer.Dependencies.Site(Site(span.Name)),
            Arguments = span.Arguments,
            ContextDepth = (uint)span.ContextDepth,
        }).ToList();
        headerContexts = [.. contexts];
        return writer;
    }

    static Site Site(string name) => new(name, "Test", "script.cs", 1 + name.Length);

    public static Value ParseValue(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer) ? Value.Of(integer)
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? Value.Of(number)
        : Value.Of(text);
}

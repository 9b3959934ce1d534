using Legion.Format;
using Legion.Sdk;
using Xunit;

namespace Legion.Tests.Sdk;

/// <summary>A span as a reader finds it; without an end where the recording stopped first.</summary>
sealed record DecodedSpan(ulong Id, ulong? Parent, int Depth, string Name, ulong BeginTick)
{
    public ulong? EndTick { get; set; }
    public ulong ChildTicks { get; set; }
    public bool IsTruncated { get; set; }
    public IReadOnlyList<Property> Arguments { get; init; } = [];
}

/// <summary>The blocks of one stream, read one by one as a reader does that has no other.</summary>
sealed class DecodedStream
{
    readonly Dictionary<ulong, DecodedSpan> spans = [];
    readonly List<DecodedSpan> open = [];

    DecodedStream(StreamRecord record) => Record = record;

    public StreamRecord Record { get; }
    public List<BlockHeader> Headers { get; } = [];
    public IReadOnlyCollection<DecodedSpan> Spans => spans.Values;
    public List<Gap> Gaps { get; } = [];
    public List<DecodedEvent> Events { get; } = [];
    public ulong LostEvents => Gaps.Aggregate(0ul, (sum, gap) => sum + gap.Events);

    public static List<DecodedStream> All(MemorySink sink) =>
        [.. sink.Streams.Values.Select(record => Of(record, sink.Blocks.Where(block => block.Header.StreamId == record.StreamId), sink.Schemas))];

    public static DecodedStream Of(StreamRecord record, IEnumerable<FinishedBlock> blocks, IReadOnlyDictionary<SchemaHash, Schema> schemas) =>
        Of(record, blocks.Select(block => block.Bytes), schemas);

    public static DecodedStream Of(StreamRecord record, IEnumerable<byte[]> blocks, IReadOnlyDictionary<SchemaHash, Schema> schemas)
    {
        var stream = new DecodedStream(record);
        foreach (var bytes in blocks)
        {
            var block = Block.Read(bytes);
            stream.CheckHeader(block.Header);
            stream.Read(block, schemas[block.Header.Schema]);
        }
        return stream;
    }

    void CheckHeader(BlockHeader header)
    {
        Assert.Equal(Record.StreamId, header.StreamId);
        Assert.Equal(Record.Class, header.Class);
        Assert.Equal((ulong)Headers.Count, header.Sequence);
        Assert.Equal(Headers.Count == 0 ? 0 : Headers[^1].NextOrdinal, header.FirstOrdinal);
        Headers.Add(header);
        Assert.True(header.Clock.Knots[0].Ticks <= header.FirstTick, "the first knot lies behind the first tick");
        var isExtrapolated = header.Flags.HasFlag(BlockFlags.ClockExtrapolated);
        Assert.True(isExtrapolated != header.Clock.Knots[^1].Ticks >= header.LastTick, "the last knot lies before the last tick");
    }

    void Read(Block block, Schema schema)
    {
        if (Record.Class == StreamClass.Trace) Resynchronise(block);
        var contexts = block.Header.OpenContexts.Select(set => block.Dependencies.PropertySet(set)!).ToList();
        var reader = block.ReadEvents(schema);
        var seen = 0u;
        while (reader.Next())
        {
            var (type, ordinal) = (reader.Current.Type, reader.Current.Ordinal);
            var body = reader.Current.Body;
            if (type.IsGap)
            {
                if (Record.Class == StreamClass.Trace) Assert.Equal(0u, seen);
                Gaps.Add(GapEvent.Read(type, body));
                continue;
            }
            seen++;
            var tick = type.FindRole(FieldRole.Time)!.ReadU64(body);
            Assert.InRange(tick, block.Header.FirstTick, block.Header.LastTick);
            switch (type.Name)
            {
                case WellKnown.SpanBegin or WellKnown.SpanBeginDynamic:
                    var site = block.Dependencies.Site(type.Find("site")!.ReadReference(body))!;
                    var name = type.Find("name")?.ReadString(body) is { Length: > 0 } own ? own : site.Name;
                    Begin(ordinal, name, tick, type.Find("arguments")?.ReadProperties(body) ?? []);
                    break;
                case WellKnown.SpanEnd:
                    End(tick);
                    break;
                case WellKnown.ContextPush:
                    contexts.Add(block.Dependencies.PropertySet(type.Find("set")!.ReadReference(body))!);
                    break;
                case WellKnown.ContextPop:
                    contexts.RemoveAt(contexts.Count - 1);
                    break;
            }
            Events.Add(DecodedEvent.Of(type, body, ordinal, tick, block, [.. contexts.SelectMany(set => set)]));
        }
    }

    /// <summary>Takes the open spans from the header alone, and holds them against what the blocks before said.</summary>
    void Resynchronise(Block block)
    {
        var stack = block.Header.OpenSpans;
        var before = open.ToArray();
        open.Clear();
        // Of spans that began or whose children ended in blocks that were given up, the header alone knows.
        var isAlone = block.Header.Events == 0 || Gaps.Exists(gap => gap.Reason is GapReason.Spool or GapReason.Sampled or GapReason.Refused);
        for (var depth = 0; depth < stack.Count; depth++)
        {
            if (isAlone && !spans.ContainsKey(stack[depth].Ordinal))
            {
                var name = stack[depth].Name is { Length: > 0 } own ? own : block.Dependencies.Site(stack[depth].Site)!.Name;
                spans.Add(stack[depth].Ordinal, new DecodedSpan(stack[depth].Ordinal, depth == 0 ? null : stack[depth - 1].Ordinal, depth, name, stack[depth].BeginTick) { Arguments = stack[depth].Arguments });
            }
            var known = spans[stack[depth].Ordinal];
            if (isAlone) known.ChildTicks = stack[depth].ChildTicks;
            Assert.Equal(known.BeginTick, stack[depth].BeginTick);
            Assert.Equal(depth, known.Depth);
            Assert.Equal(depth == 0 ? null : stack[depth - 1].Ordinal, known.Parent);
            var site = block.Dependencies.Site(stack[depth].Site);
            Assert.Equal(known.Name, stack[depth].Name.Length > 0 ? stack[depth].Name : site!.Name);
            Assert.Equal(known.Arguments, stack[depth].Arguments);
            Assert.Equal(known.ChildTicks, stack[depth].ChildTicks);
            open.Add(known);
        }
        foreach (var gone in before.Except(open)) gone.IsTruncated = true;
    }

    void Begin(ulong ordinal, string name, ulong tick, IReadOnlyList<Property> arguments)
    {
        var span = new DecodedSpan(ordinal, open.Count == 0 ? null : open[^1].Id, open.Count, name, tick) { Arguments = arguments };
        spans.Add(ordinal, span);
        open.Add(span);
    }

    void End(ulong tick)
    {
        var ended = open[^1];
        open.RemoveAt(open.Count - 1);
        ended.EndTick = tick;
        if (open.Count > 0) open[^1].ChildTicks += tick - ended.BeginTick;
    }
}

/// <summary>An event with what it refers to.</summary>
sealed record DecodedEvent(string Type, ulong Ordinal, ulong Tick, Dictionary<string, object?> Fields, Property[] Context)
{
    public object? this[string field] => Fields[field];

    public static DecodedEvent Of(EventType type, ReadOnlySpan<byte> body, ulong ordinal, ulong tick, Block block, Property[] context)
    {
        var fields = new Dictionary<string, object?>();
        foreach (var field in type.Fields)
        {
            fields[field.Name] = field.Type switch
            {
                FieldType.String => field.ReadString(body),
                FieldType.Values => field.ReadValues(body).Select(value => value.ToObject()).ToArray(),
                FieldType.StringReference => block.Dependencies.String(field.ReadReference(body)),
                FieldType.TemplateReference => block.Dependencies.Template(field.ReadReference(body)),
                FieldType.SiteReference => block.Dependencies.Site(field.ReadReference(body)),
                FieldType.PropertySetReference => block.Dependencies.PropertySet(field.ReadReference(body)),
                FieldType.F32 or FieldType.F64 => field.ReadF64(body),
                FieldType.FixedBytes => field.ReadBytes(body).ToArray(),
                FieldType.Properties => field.ReadProperties(body),
                _ => field.ReadI64(body),
            };
        }
        return new DecodedEvent(type.Name, ordinal, tick, fields, context);
    }
}

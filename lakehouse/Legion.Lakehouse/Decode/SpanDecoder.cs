using Legion.Format;
using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>
/// Turns blocks of thread streams into rows of <c>spans</c>: one row where a span ends.
/// The open spans in a block's header give depth, parent and begin, so that any block can be the first;
/// spans that were open before and are missing there lost their end and become truncated rows.
/// </summary>
/// <param name="moments">Take the markers and flows of these threads, where somebody asks for them.</param>
sealed class SpanDecoder(RowBuffer rows, params MomentDecoder[] moments)
{
    struct Open
    {
        public long Id;
        public ulong BeginTick;
        public long BeginNs;
        public ulong ChildTicks;
        public Site? Site;
        public string Name;
        public string Properties;
    }

    readonly ColumnBuffer<string> processIds = rows.Get<string>("process_id"), streamIds = rows.Get<string>("stream_id"), threads = rows.Get<string>("thread");
    readonly ColumnBuffer<long> spanIds = rows.Get<long>("span_id"), parentIds = rows.Get<long>("parent_id"), begins = rows.Get<long>("begin_ns"), ends = rows.Get<long>("end_ns");
    readonly ColumnBuffer<long> durations = rows.Get<long>("duration_ns"), selves = rows.Get<long>("self_ns");
    readonly ColumnBuffer<int> depths = rows.Get<int>("depth"), lines = rows.Get<int>("line");
    readonly ColumnBuffer<string> names = rows.Get<string>("name"), targets = rows.Get<string>("target"), files = rows.Get<string>("file"), properties = rows.Get<string>("properties");
    readonly ColumnBuffer<bool> truncations = rows.Get<bool>("truncated");
    readonly Dictionary<SchemaHash, TraceLayout> layouts = [];
    readonly List<Open> stack = [];
    readonly List<Property[]> contexts = [];
    string processId = "", streamId = "", thread = "";
    string contextText = PropertyJson.Empty;

    /// <summary>True when spans were open before that the block's header no longer names, and rows were written for them.</summary>
    public bool Truncated { get; private set; }

    public int OpenSpans => stack.Count;

    /// <summary>Begins another stream, with no span open.</summary>
    public void Begin(string processId, string streamId, string thread)
    {
        (this.processId, this.streamId, this.thread) = (processId, streamId, thread);
        stack.Clear();
        contexts.Clear();
        contextText = PropertyJson.Empty;
        Truncated = false;
    }

    /// <summary>Decodes a block that follows what was decoded so far, with or without a gap between.</summary>
    /// <exception cref="InvalidDataException">The block is damaged; rows and stack are as before it.</exception>
    public void Add(Block block, Schema schema)
    {
        var (rowsBefore, momentsBefore) = (rows.Count, Array.ConvertAll(moments, each => each.Count));
        var stackBefore = stack.ToArray();
        var contextsBefore = contexts.ToArray();
        try
        {
            Decode(block, schema);
        }
        catch (InvalidDataException)
        {
            rows.Truncate(rowsBefore);
            for (var i = 0; i < moments.Length; i++) moments[i].Truncate(momentsBefore[i]);
            stack.Clear();
            stack.AddRange(stackBefore);
            contexts.Clear();
            contexts.AddRange(contextsBefore);
            contextText = TextOf(contexts);
            throw;
        }
    }

    /// <summary>Writes a row with a null end for each span that is still open.</summary>
    public void AddOpenSpans()
    {
        for (var depth = 0; depth < stack.Count; depth++) AppendOpen(depth);
    }

    void Decode(Block block, Schema schema)
    {
        if (!layouts.TryGetValue(schema.Hash, out var layout)) layouts.Add(schema.Hash, layout = new TraceLayout(schema));
        var clock = block.Header.Clock;
        var stackGiven = (block.Header.Flags & BlockFlags.StackOmitted) == 0;
        var resumed = !stackGiven;
        var previousTick = 0ul;
        var reader = block.ReadEvents(schema);
        while (reader.Next())
        {
            var record = reader.Current;
            var kind = layout.Event(record.TypeIndex);
            if (kind == TraceEvent.Other) continue;
            var tick = layout.Tick(record);
            if (kind == TraceEvent.Gap && GapEvent.Read(record.Type, record.Body) is { Reason: GapReason.Erased } erased)
            {
                if (!resumed) Resume(block, clock.Ns(tick));
                resumed = true;
                AddChildTicks(Math.Max(erased.EndTick, erased.BeginTick) - erased.BeginTick);
                continue;
            }
            if (kind == TraceEvent.Gap)
            {
                if (resumed && stackGiven) throw new InvalidDataException("events: expected gap records before all events of a trace block, saw one behind them");
                continue;
            }
            if (tick < previousTick) throw new InvalidDataException($"events: expected ticks in order, saw {tick} after {previousTick}");
            previousTick = tick;
            if (!resumed)
            {
                Resume(block, clock.Ns(tick));
                resumed = true;
            }
            switch (kind)
            {
                case TraceEvent.SpanBegin:
                    Push(record.Ordinal, tick, clock, block.Dependencies.Site(layout.Site(record)), name: "", contextText);
                    break;
                case TraceEvent.SpanBeginDynamic:
                    var arguments = layout.Arguments(record);
                    var text = arguments.Length == 0 ? contextText : PropertyJson.Of(contexts.SelectMany(set => set).Concat(arguments));
                    Push(record.Ordinal, tick, clock, block.Dependencies.Site(layout.Site(record)), layout.Name(record), text);
                    break;
                case TraceEvent.SpanEnd:
                    if (stack.Count > 0) End(tick, clock);
                    else if (stackGiven) throw new InvalidDataException($"events: expected an open span at tick {tick}, saw an end without one");
                    break;
                case TraceEvent.ContextPush:
                    contexts.Add(block.Dependencies.PropertySet(layout.Set(record)) ?? []);
                    contextText = TextOf(contexts);
                    break;
                case TraceEvent.ContextPop:
                    if (contexts.Count == 0 && stackGiven) throw new InvalidDataException($"events: expected an open context at tick {tick}, saw an end without one");
                    if (contexts.Count > 0) contexts.RemoveAt(contexts.Count - 1);
                    contextText = TextOf(contexts);
                    break;
                case TraceEvent.Flow or TraceEvent.Marker:
                    foreach (var each in moments) each.Add(block, layout, record, (processId, streamId, thread), stack.Count > 0 ? stack[^1].Id : null, contexts.SelectMany(set => set));
                    break;
            }
        }
        if (!resumed) Resume(block, clock.Ns(block.Header.LastTick));
    }

    /// <summary>Takes the header's stack over, and closes what it no longer names.</summary>
    void Resume(Block block, long resumeNs)
    {
        var header = block.Header;
        var open = header.OpenSpans;
        var kept = 0;
        for (var depth = 0; depth < stack.Count; depth++)
        {
            if (kept < open.Count && stack[depth].Id == (long)open[kept].Ordinal)
            {
                kept++;
                continue;
            }
            AppendTruncated(depth, Math.Max(resumeNs, stack[depth].BeginNs), header.Clock);
            Truncated = true;
        }

        contexts.Clear();
        foreach (var context in header.OpenContexts) contexts.Add(block.Dependencies.PropertySet(context) ?? []);
        contextText = TextOf(contexts);
        stack.Clear();
        foreach (var span in open)
        {
            if (span.ContextDepth > (uint)contexts.Count) throw new InvalidDataException($"block header: expected a context depth of at most {contexts.Count}, saw {span.ContextDepth}");
            var site = block.Dependencies.Site(span.Site);
            stack.Add(new Open
            {
                Id = (long)span.Ordinal,
                BeginTick = span.BeginTick,
                BeginNs = span.BeginNs,
                ChildTicks = span.ChildTicks,
                Site = site,
                Name = span.Name.Length > 0 ? span.Name : site?.Name ?? "",
                Properties = PropertyJson.Of(contexts.Take((int)span.ContextDepth).SelectMany(set => set).Concat(span.Arguments)),
            });
        }
    }

    void Push(ulong ordinal, ulong tick, BlockClock clock, Site? site, string name, string propertiesText) => stack.Add(new Open
    {
        Id = (long)ordinal,
        BeginTick = tick,
        BeginNs = clock.Ns(tick),
        Site = site,
        Name = name.Length > 0 ? name : site?.Name ?? "",
        Properties = propertiesText,
    });

    void End(ulong tick, BlockClock clock)
    {
        var depth = stack.Count - 1;
        var span = stack[depth];
        AppendIdentity(span, depth, truncated: false);
        AppendEnd(span, clock.Ns(tick), clock, tick);
        stack.RemoveAt(depth);
        AddChildTicks(tick - span.BeginTick);
    }

    /// <summary>Ticks of a child of the innermost open span.</summary>
    void AddChildTicks(ulong ticks)
    {
        if (stack.Count == 0) return;
        var parent = stack[^1];
        parent.ChildTicks += ticks;
        stack[^1] = parent;
    }

    void AppendTruncated(int depth, long endNs, BlockClock clock)
    {
        AppendIdentity(stack[depth], depth, truncated: true);
        AppendEnd(stack[depth], endNs, clock, clock.Knots[0].Ticks);
    }

    void AppendOpen(int depth)
    {
        AppendIdentity(stack[depth], depth, truncated: false);
        ends.AddNull();
        durations.AddNull();
        selves.AddNull();
    }

    void AppendEnd(in Open span, long endNs, BlockClock clock, ulong atTick)
    {
        var duration = endNs - span.BeginNs;
        ends.Add(endNs);
        durations.Add(duration);
        // Rounding, and a slope that changed meanwhile, may make the children a little longer than their parent.
        selves.Add(Math.Max(0, duration - clock.DurationNs((long)span.ChildTicks, atTick)));
    }

    void AppendIdentity(in Open span, int depth, bool truncated)
    {
        processIds.Add(processId);
        streamIds.Add(streamId);
        threads.Add(thread);
        spanIds.Add(span.Id);
        if (depth == 0) parentIds.AddNull();
        else parentIds.Add(stack[depth - 1].Id);
        depths.Add(depth);
        begins.Add(span.BeginNs);
        names.Add(span.Name);
        targets.Add(span.Site?.Target ?? "");
        files.Add(span.Site?.File ?? "");
        lines.Add(span.Site?.Line ?? 0);
        properties.Add(span.Properties);
        truncations.Add(truncated);
    }

    static string TextOf(List<Property[]> contexts) => contexts.Count == 0 ? PropertyJson.Empty : PropertyJson.Of(contexts.SelectMany(set => set));
}

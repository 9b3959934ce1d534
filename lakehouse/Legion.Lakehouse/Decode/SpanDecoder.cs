using System.Globalization;
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
    /// <summary>Between target, file and line of a site: a character that no code is written with.</summary>
    internal const char SiteSeparator = '\u001f';

    /// <summary>A span without an end so far. Its codes are those of the columns while its block is decoded.</summary>
    struct Open
    {
        public long Id;
        public ulong BeginTick;
        public long BeginNs;
        public ulong ChildTicks;
        public Site? Site;
        public string Name;
        public string Properties;
        public int NameCode, SiteCode, PropertiesCode;
    }

    /// <summary>The codes of a block's site.</summary>
    struct SiteCodes
    {
        public Site? Site;
        public int Name, Packed;
        public bool IsKnown;
    }

    readonly TextColumn processIds = rows.Text("process_id"), streamIds = rows.Text("stream_id"), threads = rows.Text("thread");
    readonly ColumnBuffer<long> spanIds = rows.Get<long>("span_id"), parentsBack = rows.Get<long>("parent_back"), begins = rows.Get<long>("begin_ns");
    readonly ColumnBuffer<long> durations = rows.Get<long>("duration_ns"), childTimes = rows.Get<long>("children_ns");
    readonly ColumnBuffer<int> depths = rows.Get<int>("depth");
    readonly TextColumn names = rows.Text("name"), sites = rows.Text("site"), properties = rows.Text("properties");
    readonly ColumnBuffer<bool> truncations = rows.Get<bool>("truncated");
    readonly Dictionary<SchemaHash, TraceLayout> layouts = [];
    readonly List<Property[]> contexts = [];
    Open[] stack = new Open[16];
    int open;
    SiteCodes[] siteCodes = [];
    SiteCodes noSite;
    string processId = "", streamId = "", thread = "";
    string contextText = PropertyJson.Empty;
    int processCode, streamCode, threadCode, contextCode;

    /// <summary>True when spans were open before that the block's header no longer names, and rows were written for them.</summary>
    public bool Truncated { get; private set; }

    public int OpenSpans => open;

    /// <summary>The spans that are open, from the root.</summary>
    public IEnumerable<(long Id, string Name)> Opened => stack.Take(open).Select(span => (span.Id, span.Name));

    ReadOnlySpan<Open> Stack => stack.AsSpan(0, open);

    /// <summary>Begins another stream, with no span open.</summary>
    public void Begin(string processId, string streamId, string thread)
    {
        (this.processId, this.streamId, this.thread) = (processId, streamId, thread);
        open = 0;
        contexts.Clear();
        contextText = PropertyJson.Empty;
        Truncated = false;
    }

    /// <summary>Decodes a block that follows what was decoded so far, with or without a gap between.</summary>
    /// <exception cref="InvalidDataException">The block is damaged; rows and stack are as before it.</exception>
    public void Add(Block block, Schema schema)
    {
        var (rowsBefore, momentsBefore) = (rows.Count, Array.ConvertAll(moments, each => each.Count));
        var stackBefore = Stack.ToArray();
        var contextsBefore = contexts.ToArray();
        try
        {
            FindCodes(block.Dependencies.Sites.Count);
            Decode(block, schema);
            NameStream();
        }
        catch (InvalidDataException)
        {
            rows.Truncate(rowsBefore);
            for (var i = 0; i < moments.Length; i++) moments[i].Truncate(momentsBefore[i]);
            (stack, open) = ([.. stackBefore, default], stackBefore.Length);
            contexts.Clear();
            contexts.AddRange(contextsBefore);
            contextText = TextOf(contexts);
            throw;
        }
    }

    /// <summary>Writes a row with a null end for each span that is still open.</summary>
    public void AddOpenSpans()
    {
        FindCodes(sites: 0);
        for (var depth = 0; depth < open; depth++)
        {
            AppendIdentity(stack[depth], depth, truncated: false);
            durations.AddNull();
            childTimes.AddNull();
        }
        NameStream();
    }

    /// <summary>Rows that were written meanwhile may have taken their columns' texts with them: finds the codes of what this block begins with.</summary>
    void FindCodes(int sites)
    {
        (processCode, streamCode, threadCode) = (processIds.Code(processId), streamIds.Code(streamId), threads.Code(thread));
        SetContext(contextText);
        if (siteCodes.Length < sites) siteCodes = new SiteCodes[sites];
        else Array.Clear(siteCodes);
        noSite = CodesOf(null);
        foreach (ref var span in stack.AsSpan(0, open)) FindCodes(ref span);
    }

    void FindCodes(ref Open span) =>
        (span.NameCode, span.SiteCode, span.PropertiesCode) = (names.Code(span.Name), sites.Code(Packed(span.Site)), properties.Code(span.Properties));

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
                    Push(record.Ordinal, tick, clock, SiteOf(block, layout.Site(record)));
                    break;
                case TraceEvent.SpanBeginDynamic:
                    ref var begun = ref Push(record.Ordinal, tick, clock, SiteOf(block, layout.Site(record)));
                    if (layout.Name(record) is { Length: > 0 } name) (begun.Name, begun.NameCode) = (name, names.Code(name));
                    if (layout.Arguments(record) is { Length: > 0 } arguments)
                    {
                        begun.Properties = PropertyJson.Of(contexts.SelectMany(set => set).Concat(arguments));
                        begun.PropertiesCode = properties.Code(begun.Properties);
                    }
                    break;
                case TraceEvent.SpanEnd:
                    if (open > 0) End(tick, clock);
                    else if (stackGiven) throw new InvalidDataException($"events: expected an open span at tick {tick}, saw an end without one");
                    break;
                case TraceEvent.ContextPush:
                    contexts.Add(block.Dependencies.PropertySet(layout.Set(record)) ?? []);
                    SetContext(TextOf(contexts));
                    break;
                case TraceEvent.ContextPop:
                    if (contexts.Count == 0 && stackGiven) throw new InvalidDataException($"events: expected an open context at tick {tick}, saw an end without one");
                    if (contexts.Count > 0) contexts.RemoveAt(contexts.Count - 1);
                    SetContext(TextOf(contexts));
                    break;
                case TraceEvent.Flow or TraceEvent.Marker:
                    foreach (var each in moments) each.Add(block, layout, record, (processId, streamId, thread), open > 0 ? stack[open - 1].Id : null, contexts.SelectMany(set => set));
                    break;
            }
        }
        if (!resumed) Resume(block, clock.Ns(block.Header.LastTick));
    }

    /// <summary>Takes the header's stack over, and closes what it no longer names.</summary>
    void Resume(Block block, long resumeNs)
    {
        var header = block.Header;
        var named = header.OpenSpans;
        var kept = 0;
        for (var depth = 0; depth < open; depth++)
        {
            if (kept < named.Count && stack[depth].Id == (long)named[kept].Ordinal)
            {
                kept++;
                continue;
            }
            AppendIdentity(stack[depth], depth, truncated: true);
            AppendEnd(stack[depth], Math.Max(resumeNs, stack[depth].BeginNs), header.Clock, header.Clock.Knots[0].Ticks);
            Truncated = true;
        }

        contexts.Clear();
        foreach (var context in header.OpenContexts) contexts.Add(block.Dependencies.PropertySet(context) ?? []);
        SetContext(TextOf(contexts));
        open = 0;
        foreach (var span in named)
        {
            if (span.ContextDepth > (uint)contexts.Count) throw new InvalidDataException($"block header: expected a context depth of at most {contexts.Count}, saw {span.ContextDepth}");
            var site = block.Dependencies.Site(span.Site);
            ref var resumed = ref Push();
            resumed = new Open
            {
                Id = (long)span.Ordinal,
                BeginTick = span.BeginTick,
                BeginNs = span.BeginNs,
                ChildTicks = span.ChildTicks,
                Site = site,
                Name = span.Name.Length > 0 ? span.Name : site?.Name ?? "",
                Properties = PropertyJson.Of(contexts.Take((int)span.ContextDepth).SelectMany(set => set).Concat(span.Arguments)),
            };
            FindCodes(ref resumed);
        }
    }

    ref Open Push()
    {
        if (open == stack.Length) Array.Resize(ref stack, open * 2);
        return ref stack[open++];
    }

    ref Open Push(ulong ordinal, ulong tick, BlockClock clock, in SiteCodes codes)
    {
        ref var span = ref Push();
        span.Id = (long)ordinal;
        span.BeginTick = tick;
        span.BeginNs = clock.Ns(tick);
        span.ChildTicks = 0;
        span.Site = codes.Site;
        span.Name = codes.Site?.Name ?? "";
        span.NameCode = codes.Name;
        span.SiteCode = codes.Packed;
        span.Properties = contextText;
        span.PropertiesCode = contextCode;
        return ref span;
    }

    void End(ulong tick, BlockClock clock)
    {
        ref readonly var span = ref stack[--open];
        AppendIdentity(span, open, truncated: false);
        AppendEnd(span, clock.Ns(tick), clock, tick);
        AddChildTicks(tick - span.BeginTick);
    }

    /// <summary>Ticks of a child of the innermost open span.</summary>
    void AddChildTicks(ulong ticks)
    {
        if (open > 0) stack[open - 1].ChildTicks += ticks;
    }

    void AppendEnd(in Open span, long endNs, BlockClock clock, ulong atTick)
    {
        var duration = endNs - span.BeginNs;
        durations.Add(duration);
        // Rounding, and a slope that changed meanwhile, may make the children a little longer than their parent.
        var children = span.ChildTicks == 0 ? 0 : Math.Min(duration, clock.DurationNs((long)span.ChildTicks, atTick));
        if (children == 0) childTimes.AddNull();
        else childTimes.Add(children);
    }

    void AppendIdentity(in Open span, int depth, bool truncated)
    {
        spanIds.Add(span.Id);
        if (depth == 0) parentsBack.AddNull();
        else parentsBack.Add(span.Id - stack[depth - 1].Id);
        depths.Add(depth);
        begins.Add(span.BeginNs);
        names.AddCode(span.NameCode);
        sites.AddCode(span.SiteCode);
        properties.AddCode(span.PropertiesCode);
        truncations.Add(truncated);
    }

    /// <summary>Gives the rows that were appended what all of a stream have in common: at once costs a tenth of row by row.</summary>
    void NameStream()
    {
        var count = spanIds.Count - streamIds.Count;
        processIds.AddCode(processCode, count);
        streamIds.AddCode(streamCode, count);
        threads.AddCode(threadCode, count);
    }

    void SetContext(string text)
    {
        contextText = text;
        contextCode = properties.Code(text);
    }

    ref readonly SiteCodes SiteOf(Block block, uint reference)
    {
        if (reference >= (uint)siteCodes.Length)
        {
            block.Dependencies.Site(reference); // says what is wrong with it
            return ref noSite;
        }
        ref var codes = ref siteCodes[reference];
        if (!codes.IsKnown) codes = CodesOf(block.Dependencies.Site(reference));
        return ref codes;
    }

    SiteCodes CodesOf(Site? site) => new() { Site = site, Name = names.Code(site?.Name ?? ""), Packed = sites.Code(Packed(site)), IsKnown = true };

    /// <summary>Target, file and line as one text. A separator within target or file becomes the symbol that stands for it, so that there are always three parts.</summary>
    static string Packed(Site? site) => site is null
        ? string.Create(CultureInfo.InvariantCulture, $"{SiteSeparator}{SiteSeparator}0")
        : string.Create(CultureInfo.InvariantCulture, $"{Part(site.Target)}{SiteSeparator}{Part(site.File)}{SiteSeparator}{site.Line}");

    static string Part(string text) => text.Replace(SiteSeparator, '\u241f');

    static string TextOf(List<Property[]> contexts) => contexts.Count == 0 ? PropertyJson.Empty : PropertyJson.Of(contexts.SelectMany(set => set));
}

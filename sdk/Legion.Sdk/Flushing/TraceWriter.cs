using Legion.Format;

namespace Legion.Sdk;

/// <summary>
/// Writes the spans of one thread into blocks, each with the stack of spans that are open where it begins, so that any block can be read alone.
/// Ticks must not descend; one that does is taken for the last.
/// </summary>
public sealed partial class TraceWriter(Guid processId, Guid streamId)
{
    readonly BlockAssembly assembly = new(processId, streamId, StreamClass.Trace, WellKnown.Schema);
    readonly Dictionary<Site, uint> sites = new(ReferenceEqualityComparer.Instance);

    // The sites of the block in the order of their references.
    readonly List<Site> sitesOfBlock = [];

    // In front of the dictionary, by line: a third of the time that a begin takes.
    readonly (Site? Site, uint Reference)[] recentSites = new (Site?, uint)[64];

    // What begins and ends touch is kept apart from the rest, and without references: storing those is most of what a begin costs.
    OpenSpanTicks[] open = [default, NoSpan, .. new OpenSpanTicks[64]];
    OpenSpanState[] states = new OpenSpanState[64];

    OpenContext? context;
    OpenScopes atFirstEvent = OpenScopes.None;
    ulong lastTick;

    /// <summary>Bytes that the events since the last cut would take as rows, and those of what they refer to.</summary>
    public int EventBytes => assembly.Block.RowBytes + assembly.Block.Dependencies.Bytes + marked * MarkBytes;

    /// <summary>True when there is nothing to cut.</summary>
    public bool IsEmpty => marked == 0 && assembly.IsEmpty;

    /// <summary>Ordinal of the next event.</summary>
    public ulong NextOrdinal => assembly.NextOrdinal + (uint)marked;

    /// <summary>Open spans.</summary>
    public int Depth { get; private set; }

    /// <summary>First tick since the last cut; meaningless while <see cref="IsEmpty"/>.</summary>
    public ulong FirstTick => assembly.HasEvents || marked == 0 ? assembly.FirstTick : Math.Min(assembly.FirstTick, ticks[0]);

    /// <summary>Last tick since the last cut.</summary>
    public ulong LastTick => marked > 0 ? lastTick : assembly.LastTick;

    internal OpenContext? Context => context;

    /// <summary>Begins a span named by its site.</summary>
    public void Begin(ulong tick, Site site)
    {
        lastTick = tick = Math.Max(tick, lastTick);
        BeforeMark();
        var reference = Reference(site);
        Push(tick, reference);
        MarkBegin(tick, reference);
    }

    /// <summary>Begins a span with a name, arguments or both of its own.</summary>
    /// <param name="name">Empty: the site's name counts.</param>
    public void Begin(ulong tick, Site? site, string name, ReadOnlySpan<Property> arguments)
    {
        tick = BeforeEvent(tick);
        var reference = Reference(site);
        var kept = arguments.ToArray();
        if (Depth == open.Length - Below) Grow();
        SpanBeginDynamicEvent.Write(assembly.Block, tick, reference, name, arguments);
        // From here on nothing can fail for want of memory.
        Push(tick, reference);
        assembly.CountInOrder(tick);
        Open(Depth - 1).Place |= IsDynamic;
        ref var state = ref states[Depth - 1];
        state.Name = name;
        state.Arguments = kept;
    }

    /// <summary>Ends the innermost span.</summary>
    /// <exception cref="InvalidOperationException">No span is open.</exception>
    public void End(ulong tick)
    {
        var depth = Depth - 1;
        if (depth < 0) throw NoneOpen("a span");
        lastTick = tick = Math.Max(tick, lastTick);
        BeforeMark();
        Depth = depth;
        Open(depth - 1).ChildTicks += tick - Open(depth).BeginTick;
        MarkEnd(tick);
    }

    /// <summary>Says by which address the span that began last is ended.</summary>
    internal void Name(ulong address) => Open(Depth - 1).Address = address;

    /// <summary>How many spans are open around the one that the address ends; -1 where none is.</summary>
    internal int DepthOf(ulong address)
    {
        var depth = Depth - 1;
        while (depth >= 0 && Open(depth).Address != address) depth--;
        return depth;
    }

    /// <summary>By which address each open span is ended, outermost first.</summary>
    internal ulong[] Addresses() => Array.ConvertAll(open[Below..(Below + Depth)], span => span.Address);

    /// <summary>Begins a property of what follows.</summary>
    public void PushContext(ulong tick, Property property)
    {
        tick = BeforeEvent(tick);
        var pushed = new OpenContext(context, property);
        ContextPushEvent.Write(assembly.Block, tick, assembly.Block.Dependencies.PropertySet([property]));
        assembly.CountInOrder(tick);
        context = pushed;
    }

    /// <summary>Ends the innermost property.</summary>
    /// <exception cref="InvalidOperationException">No property is open.</exception>
    public void PopContext(ulong tick)
    {
        if (context is null) throw NoneOpen("a context");
        tick = BeforeEvent(tick);
        ContextPopEvent.Write(assembly.Block, tick);
        assembly.CountInOrder(tick);
        context = context.Outer;
    }

    /// <summary>Begins an async span, which does not nest among the thread's own.</summary>
    /// <param name="span">Its site is filled in here.</param>
    /// <param name="name">Empty: the site's name counts.</param>
    public void AsyncBegin(ulong tick, in AsyncSpanIdentity span, Site? site, string name, ReadOnlySpan<Property> arguments)
    {
        tick = BeforeEvent(tick);
        var identity = span with { Site = Reference(site) };
        if (name.Length == 0 && arguments.IsEmpty) AsyncBeginEvent.Write(assembly.Block, tick, identity);
        else AsyncBeginDynamicEvent.Write(assembly.Block, tick, identity, name, arguments);
        assembly.CountInOrder(tick);
    }

    /// <summary>Ends an async span, whichever thread it began on.</summary>
    /// <param name="span">As at its begin; its site is filled in here.</param>
    /// <param name="name">As at its begin.</param>
    /// <param name="arguments">All that the span has at its end.</param>
    public void AsyncEnd(ulong tick, in AsyncSpanIdentity span, Site? site, string name, ReadOnlySpan<Property> arguments)
    {
        tick = BeforeEvent(tick);
        var identity = span with { Site = Reference(site) };
        if (name.Length == 0 && arguments.IsEmpty) AsyncEndEvent.Write(assembly.Block, tick, identity);
        else AsyncEndDynamicEvent.Write(assembly.Block, tick, identity, name, arguments);
        assembly.CountInOrder(tick);
    }

    /// <summary>Adds a point to the flow of this id, at the innermost open span.</summary>
    public void Flow(ulong tick, ulong id, Site? site)
    {
        tick = BeforeEvent(tick);
        FlowEvent.Write(assembly.Block, tick, id, Reference(site));
        assembly.CountInOrder(tick);
    }

    /// <summary>Marks a moment.</summary>
    /// <param name="name">Empty: the site's name counts.</param>
    public void Marker(ulong tick, Site? site, string name, ReadOnlySpan<Property> arguments)
    {
        tick = BeforeEvent(tick);
        MarkerEvent.Write(assembly.Block, tick, Reference(site), name, arguments);
        assembly.CountInOrder(tick);
    }

    /// <summary>Records lost events. They come first in a block: if there are events since the last cut, cut before.</summary>
    /// <param name="endedSpans">Open spans that ended among them, innermost first.</param>
    /// <param name="endedContexts">Open properties that ended among them, innermost first.</param>
    /// <exception cref="InvalidOperationException">There are events before the gap, or fewer open spans or properties.</exception>
    public void Lose(in Gap gap, int endedSpans, int endedContexts)
    {
        if (assembly.HasEvents || marked > 0) throw new InvalidOperationException("cannot record a gap: events come before it in the block");
        if (endedSpans > Depth || endedContexts > (context?.Depth ?? 0))
            throw new InvalidOperationException($"cannot end {endedSpans} spans and {endedContexts} contexts: {Depth} and {context?.Depth ?? 0} are open");
        Depth -= endedSpans;
        for (; endedContexts > 0; endedContexts--) context = context!.Outer;
        var begin = Math.Max(gap.BeginTick, lastTick);
        lastTick = Math.Max(gap.EndTick, begin);
        assembly.Lose(gap with { BeginTick = begin, EndTick = lastTick });
    }

    /// <summary>The block of all events since the last cut.</summary>
    /// <param name="blockId">A UUIDv7.</param>
    /// <param name="clock">Knots from the last at or before <see cref="FirstTick"/> to the first at or after <see cref="LastTick"/>.</param>
    public FinishedBlock Cut(Guid blockId, BlockClock clock)
    {
        if (marked > 0) WriteMarks();
        if (!assembly.HasEvents) atFirstEvent = Snapshot();
        Settle(clock);
        var (spans, openContexts) = atFirstEvent.ToHeader(assembly.Block.Dependencies, clock);
        var finished = assembly.Finish(blockId, clock, spans, openContexts, Snapshot());
        sites.Clear();
        sitesOfBlock.Clear();
        Array.Clear(recentSites);
        Array.Clear(sitesOfDeclarations);
        return finished;
    }

    /// <summary>Takes back what was written of an event that failed in the middle.</summary>
    internal void DropUncounted() => assembly.DropUncounted();

    /// <summary>Goes on behind the stream's last block.</summary>
    /// <param name="scopes">What was open there.</param>
    /// <param name="addresses">By which address each span open there is ended.</param>
    internal void Resume(ulong sequence, ulong nextOrdinal, OpenScopes scopes, IReadOnlyList<ulong> addresses)
    {
        assembly.Resume(sequence, nextOrdinal);
        states = [.. scopes.Spans, .. new OpenSpanState[16]];
        open = [default, NoSpan, .. states.Select(span => new OpenSpanTicks { Ordinal = span.Ordinal, BeginTick = span.BeginTick, ChildTicks = span.ChildTicks, Place = IsSettled })];
        for (var i = 0; i < addresses.Count; i++) Open(i).Address = addresses[i];
        Depth = scopes.Spans.Length;
        context = scopes.Context;
    }

    /// <summary>To be called before every event that is not a mark.</summary>
    ulong BeforeEvent(ulong tick)
    {
        if (marked > 0) WriteMarks();
        if (!assembly.HasEvents) atFirstEvent = Snapshot();
        return lastTick = Math.Max(tick, lastTick);
    }

    /// <summary>Gives the spans that the block leaves open what its references and its clock say of them.</summary>
    void Settle(BlockClock clock)
    {
        for (var depth = 0; depth < Depth; depth++)
        {
            ref var span = ref Open(depth);
            if ((span.Place & IsSettled) != 0) continue;
            ref var state = ref states[depth];
            state.Ordinal = span.Ordinal;
            state.BeginTick = span.BeginTick;
            state.BeginNs = clock.Ns(span.BeginTick);
            state.Site = (uint)span.Place is > 0 and var site ? sitesOfBlock[(int)site - 1] : null;
            state.ContextDepth = (uint)(span.Place >> 32) & MostContexts;
            if ((span.Place & IsDynamic) == 0) (state.Name, state.Arguments) = ("", []);
            span.Place |= IsSettled;
        }
    }

    /// <summary>What is open. Between the events of a block this is not known; callers stand before the first or behind the last.</summary>
    OpenScopes Snapshot()
    {
        var spans = states.AsSpan(0, Depth).ToArray();
        for (var i = 0; i < spans.Length; i++) spans[i].ChildTicks = Open(i).ChildTicks;
        return new OpenScopes(spans, context);
    }

    void Push(ulong tick, uint site)
    {
        if (Depth == open.Length - Below) Grow();
        Open(Depth++) = new OpenSpanTicks { Ordinal = NextOrdinal, BeginTick = tick, Place = PlaceOf(site + 1) };
    }

    void Grow()
    {
        // Spans are counted against the first of the two: it must not be the longer one.
        Array.Resize(ref states, 2 * Depth);
        Array.Resize(ref open, Below + 2 * Depth);
    }

    InvalidOperationException NoneOpen(string what) => new($"cannot end {what} of stream {streamId}: none is open");

    uint Reference(Site? site)
    {
        if (site is null) return FormatLimits.NoReference;
        ref var recent = ref recentSites[site.Line & recentSites.Length - 1];
        if (ReferenceEquals(recent.Site, site)) return recent.Reference;
        if (!sites.TryGetValue(site, out var reference))
        {
            sites.Add(site, reference = assembly.Block.Dependencies.Site(site));
            if (reference == sitesOfBlock.Count) sitesOfBlock.Add(site);
        }
        recent = (site, reference);
        return reference;
    }
}

using Legion.Format;

namespace Legion.Sdk;

/// <summary>
/// Writes the spans of one thread into blocks, each with the stack of spans that are open where it begins, so that any block can be read alone.
/// Ticks must not descend; one that does is taken for the last.
/// </summary>
public sealed class TraceWriter(Guid processId, Guid streamId)
{
    readonly BlockAssembly assembly = new(processId, streamId, StreamClass.Trace, WellKnown.Schema);
    readonly Dictionary<Site, uint> sites = new(ReferenceEqualityComparer.Instance);

    // In front of the dictionary, by line: a third of the time that a begin takes.
    readonly (Site? Site, uint Reference)[] recentSites = new (Site?, uint)[64];
    OpenSpanState[] open = new OpenSpanState[16];
    OpenContext? context;
    OpenScopes atFirstEvent = OpenScopes.None;
    ulong lastTick;

    /// <summary>Bytes that the events since the last cut would take as rows.</summary>
    public int EventBytes => assembly.Block.RowBytes;

    /// <summary>True when there is nothing to cut.</summary>
    public bool IsEmpty => assembly.IsEmpty;

    /// <summary>Ordinal of the next event.</summary>
    public ulong NextOrdinal => assembly.NextOrdinal;

    /// <summary>Open spans.</summary>
    public int Depth { get; private set; }

    /// <summary>First tick since the last cut; meaningless while <see cref="IsEmpty"/>.</summary>
    public ulong FirstTick => assembly.FirstTick;

    /// <summary>Last tick since the last cut.</summary>
    public ulong LastTick => assembly.LastTick;

    internal OpenContext? Context => context;

    /// <summary>Begins a span named by its site.</summary>
    public void Begin(ulong tick, Site site)
    {
        tick = BeforeEvent(tick);
        SpanBeginEvent.Write(assembly.Block, tick, Reference(site));
        Push(tick, site, "", []);
    }

    /// <summary>Begins a span with a name, arguments or both of its own.</summary>
    /// <param name="name">Empty: the site's name counts.</param>
    public void Begin(ulong tick, Site? site, string name, ReadOnlySpan<Property> arguments)
    {
        tick = BeforeEvent(tick);
        SpanBeginDynamicEvent.Write(assembly.Block, tick, Reference(site), name, arguments);
        Push(tick, site, name, arguments.ToArray());
    }

    /// <summary>Ends the innermost span.</summary>
    /// <exception cref="InvalidOperationException">No span is open.</exception>
    public void End(ulong tick)
    {
        if (Depth == 0) throw new InvalidOperationException($"cannot end a span of stream {streamId}: none is open");
        tick = BeforeEvent(tick);
        SpanEndEvent.Write(assembly.Block, tick);
        assembly.Count(tick);
        ref var ended = ref open[--Depth];
        if (Depth > 0) open[Depth - 1].ChildTicks += tick - ended.BeginTick;
        ended = default;
    }

    /// <summary>Begins a property of what follows.</summary>
    public void PushContext(ulong tick, Property property)
    {
        tick = BeforeEvent(tick);
        context = new OpenContext(context, property);
        ContextPushEvent.Write(assembly.Block, tick, assembly.Block.Dependencies.PropertySet([property]));
        assembly.Count(tick);
    }

    /// <summary>Ends the innermost property.</summary>
    /// <exception cref="InvalidOperationException">No property is open.</exception>
    public void PopContext(ulong tick)
    {
        if (context is null) throw new InvalidOperationException($"cannot end a context of stream {streamId}: none is open");
        tick = BeforeEvent(tick);
        context = context.Outer;
        ContextPopEvent.Write(assembly.Block, tick);
        assembly.Count(tick);
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
        assembly.Count(tick);
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
        assembly.Count(tick);
    }

    /// <summary>Adds a point to the flow of this id, at the innermost open span.</summary>
    public void Flow(ulong tick, ulong id, Site? site)
    {
        tick = BeforeEvent(tick);
        FlowEvent.Write(assembly.Block, tick, id, Reference(site));
        assembly.Count(tick);
    }

    /// <summary>Marks a moment.</summary>
    /// <param name="name">Empty: the site's name counts.</param>
    public void Marker(ulong tick, Site? site, string name, ReadOnlySpan<Property> arguments)
    {
        tick = BeforeEvent(tick);
        MarkerEvent.Write(assembly.Block, tick, Reference(site), name, arguments);
        assembly.Count(tick);
    }

    /// <summary>Records lost events. They come first in a block: if there are events since the last cut, cut before.</summary>
    /// <param name="endedSpans">Open spans that ended among them, innermost first.</param>
    /// <param name="endedContexts">Open properties that ended among them, innermost first.</param>
    /// <exception cref="InvalidOperationException">There are events before the gap, or fewer open spans or properties.</exception>
    public void Lose(in Gap gap, int endedSpans, int endedContexts)
    {
        if (assembly.HasEvents) throw new InvalidOperationException("cannot record a gap: events come before it in the block");
        if (endedSpans > Depth || endedContexts > (context?.Depth ?? 0))
            throw new InvalidOperationException($"cannot end {endedSpans} spans and {endedContexts} contexts: {Depth} and {context?.Depth ?? 0} are open");
        for (; endedSpans > 0; endedSpans--) open[--Depth] = default;
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
        if (!assembly.HasEvents) atFirstEvent = Snapshot();
        for (var i = 0; i < Depth; i++) open[i].BeginNs ??= clock.Ns(open[i].BeginTick);
        var (spans, openContexts) = atFirstEvent.ToHeader(assembly.Block.Dependencies, clock);
        var finished = assembly.Finish(blockId, clock, spans, openContexts, Snapshot());
        sites.Clear();
        Array.Clear(recentSites);
        return finished;
    }

    /// <summary>Goes on behind the stream's last block.</summary>
    /// <param name="scopes">What was open there.</param>
    internal void Resume(ulong sequence, ulong nextOrdinal, OpenScopes scopes)
    {
        assembly.Resume(sequence, nextOrdinal);
        Depth = scopes.Spans.Length;
        open = [.. scopes.Spans, .. new OpenSpanState[16]];
        context = scopes.Context;
    }

    ulong BeforeEvent(ulong tick)
    {
        if (!assembly.HasEvents) atFirstEvent = Snapshot();
        return lastTick = Math.Max(tick, lastTick);
    }

    OpenScopes Snapshot() => new(open.AsSpan(0, Depth).ToArray(), context);

    void Push(ulong tick, Site? site, string name, Property[] arguments)
    {
        if (Depth == open.Length) Array.Resize(ref open, 2 * Depth);
        open[Depth++] = new OpenSpanState
        {
            Ordinal = assembly.Count(tick), BeginTick = tick, Site = site, Name = name, Arguments = arguments, ContextDepth = context?.Depth ?? 0,
        };
    }

    uint Reference(Site? site)
    {
        if (site is null) return FormatLimits.NoReference;
        ref var recent = ref recentSites[site.Line & recentSites.Length - 1];
        if (ReferenceEquals(recent.Site, site)) return recent.Reference;
        if (!sites.TryGetValue(site, out var reference)) sites.Add(site, reference = assembly.Block.Dependencies.Site(site));
        recent = (site, reference);
        return reference;
    }
}

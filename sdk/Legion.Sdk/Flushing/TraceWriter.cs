using System.Numerics;
using System.Runtime.CompilerServices;
using Legion.Format;

namespace Legion.Sdk;

/// <summary>
/// Writes the spans of one thread into blocks, each with the stack of spans that are open where it begins, so that any block can be read alone.
/// Ticks must not descend; one that does is taken for the last.
/// </summary>
public sealed class TraceWriter(Guid processId, Guid streamId)
{
    /// <summary>What a begin or an end takes as a row, on the average.</summary>
    const int MarkBytes = 12;

    readonly BlockAssembly assembly = new(processId, streamId, StreamClass.Trace, WellKnown.Schema);
    readonly Dictionary<Site, uint> sites = new(ReferenceEqualityComparer.Instance);

    // The sites of the block in the order of their references.
    readonly List<Site> sitesOfBlock = [];

    // In front of the dictionary, by line: a third of the time that a begin takes.
    readonly (Site? Site, uint Reference)[] recentSites = new (Site?, uint)[64];

    // One more than the reference, by the id of the declaration; 0 for those that the block does not have.
    uint[] referenceOfDeclaration = new uint[64];

    // What begins and ends touch is kept apart from the rest, and without references: storing those is most of what a begin costs.
    OpenSpanTicks[] open = new OpenSpanTicks[16];
    OpenSpanState[] states = new OpenSpanState[16];

    // How many of the open spans, from the outermost, have their site and their times in the states: those that were open at the last cut.
    int settled;
    OpenContext? context;
    OpenScopes atFirstEvent = OpenScopes.None;
    ulong lastTick, firstMarkTick;

    // Begins and ends that the block does not have yet: it takes many together for a third of what it takes each alone.
    readonly SpanMark[] marks = new SpanMark[128];
    int marked;

    /// <summary>Bytes that the events since the last cut would take as rows, and those of what they refer to.</summary>
    public int EventBytes => assembly.Block.RowBytes + assembly.Block.Dependencies.Bytes + marked * MarkBytes;

    /// <summary>True when there is nothing to cut.</summary>
    public bool IsEmpty => marked == 0 && assembly.IsEmpty;

    /// <summary>Ordinal of the next event.</summary>
    public ulong NextOrdinal => assembly.NextOrdinal + (uint)marked;

    /// <summary>Open spans.</summary>
    public int Depth { get; private set; }

    /// <summary>First tick since the last cut; meaningless while <see cref="IsEmpty"/>.</summary>
    public ulong FirstTick => assembly.HasEvents || marked == 0 ? assembly.FirstTick : Math.Min(assembly.FirstTick, firstMarkTick);

    /// <summary>Last tick since the last cut.</summary>
    public ulong LastTick => marked > 0 ? lastTick : assembly.LastTick;

    internal OpenContext? Context => context;

    /// <summary>Begins a span named by its site.</summary>
    public void Begin(ulong tick, Site site)
    {
        lastTick = tick = Math.Max(tick, lastTick);
        if (marked == 0) BeforeFirstMark();
        var reference = Reference(site);
        Push(tick, reference);
        marks[marked++] = SpanMark.Begin(tick, reference);
        if (marked == marks.Length) WriteMarks();
    }

    /// <summary>Begins a span with a name, arguments or both of its own.</summary>
    /// <param name="name">Empty: the site's name counts.</param>
    public void Begin(ulong tick, Site? site, string name, ReadOnlySpan<Property> arguments)
    {
        tick = BeforeEvent(tick);
        var reference = Reference(site);
        var kept = arguments.ToArray();
        if (Depth == open.Length) Grow();
        SpanBeginDynamicEvent.Write(assembly.Block, tick, reference, name, arguments);
        // From here on nothing can fail for want of memory.
        Push(tick, reference);
        assembly.CountInOrder(tick);
        open[Depth - 1].IsDynamic = true;
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
        if (marked == 0) BeforeFirstMark();
        Depth = depth;
        if (settled > depth) settled = depth;
        if (depth > 0) open[depth - 1].ChildTicks += tick - open[depth].BeginTick;
        marks[marked++] = SpanMark.End(tick);
        if (marked == marks.Length) WriteMarks();
    }

    /// <summary>
    /// Takes the records of a segment as long as they are begins and next phases of spans named by their site, and ends of the innermost one:
    /// a third of the time that they take one by one.
    /// </summary>
    /// <param name="at">The first record; behind the last one taken when this returns.</param>
    /// <param name="addressOffset">What makes an address here the one by which a span is ended.</param>
    /// <param name="earliest">No record is before this.</param>
    /// <param name="latest">No record is after this.</param>
    /// <param name="mostBytes">Bytes of events at which the block is to be cut.</param>
    /// <param name="tick">Tick of the last record taken.</param>
    /// <returns>Events taken.</returns>
    internal unsafe int Take(ref byte* at, byte* end, ulong addressOffset, ulong earliest, ulong latest, int mostBytes, Definitions definitions, ref ulong tick)
    {
        const uint begin = (uint)RecordKind.SpanBegin | RecordLayout.PrefixBytes / 8 << 16;
        const uint next = (uint)RecordKind.SpanNext | (RecordLayout.PrefixBytes + 8) / 8 << 16;
        var events = 0;
        var record = at;
        while (end - record >= RecordLayout.PrefixBytes)
        {
            var word = *(ulong*)record;
            var ofRecord = *(ulong*)(record + 8);
            if (ofRecord < earliest || ofRecord > latest) break;
            if (RecordLayout.IsSpanEnd(word))
            {
                if (Depth == 0 || open[Depth - 1].Address != word) break;
                End(ofRecord);
                record += RecordLayout.PrefixBytes;
                events++;
            }
            else if ((uint)word == begin)
            {
                if (Depth >= ThreadStream.MostOpen || ReferenceOf((uint)(word >> 32), definitions) is var reference && reference == FormatLimits.NoReference) break;
                Begin(ofRecord, reference, (ulong)record + addressOffset);
                record += RecordLayout.PrefixBytes;
                events++;
            }
            else if ((uint)word == next && end - record >= RecordLayout.PrefixBytes + 8)
            {
                var address = *(ulong*)(record + 16);
                if (Depth == 0 || open[Depth - 1].Address != address) break;
                var following = ReferenceOf((uint)(word >> 32), definitions);
                if (following == FormatLimits.NoReference) break;
                End(ofRecord);
                Begin(ofRecord, following, address);
                record += RecordLayout.PrefixBytes + 8;
                events += 2;
            }
            else
            {
                break;
            }
            tick = ofRecord;
            if (marked == 0 && EventBytes >= mostBytes) break;
        }
        at = record;
        return events;
    }

    /// <summary>Says by which address the span that began last is ended.</summary>
    internal void Name(ulong address) => open[Depth - 1].Address = address;

    /// <summary>How many spans are open around the one that the address ends; -1 where none is.</summary>
    internal int DepthOf(ulong address)
    {
        var depth = Depth - 1;
        while (depth >= 0 && open[depth].Address != address) depth--;
        return depth;
    }

    /// <summary>By which address each open span is ended, outermost first.</summary>
    internal ulong[] Addresses() => Array.ConvertAll(open[..Depth], span => span.Address);

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
        settled = Math.Min(settled, Depth);
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
        Array.Clear(referenceOfDeclaration);
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
        open = [.. states.Select(span => new OpenSpanTicks { Ordinal = span.Ordinal, BeginTick = span.BeginTick, ChildTicks = span.ChildTicks })];
        for (var i = 0; i < addresses.Count; i++) open[i].Address = addresses[i];
        Depth = settled = scopes.Spans.Length;
        context = scopes.Context;
    }

    /// <summary>To be called before every event that is not a mark.</summary>
    ulong BeforeEvent(ulong tick)
    {
        if (marked > 0) WriteMarks();
        if (!assembly.HasEvents) atFirstEvent = Snapshot();
        return lastTick = Math.Max(tick, lastTick);
    }

    void BeforeFirstMark()
    {
        firstMarkTick = lastTick;
        if (!assembly.HasEvents) atFirstEvent = Snapshot();
    }

    void WriteMarks()
    {
        assembly.Block.Spans(marks.AsSpan(0, marked));
        assembly.CountInOrder((uint)marked, firstMarkTick, lastTick);
        marked = 0;
    }

    /// <summary>Gives the spans that the block leaves open what its references and its clock say of them.</summary>
    void Settle(BlockClock clock)
    {
        for (; settled < Depth; settled++)
        {
            ref var state = ref states[settled];
            ref readonly var span = ref open[settled];
            state.Ordinal = span.Ordinal;
            state.BeginTick = span.BeginTick;
            state.BeginNs = clock.Ns(span.BeginTick);
            state.Site = span.Site == FormatLimits.NoReference ? null : sitesOfBlock[(int)span.Site];
            state.ContextDepth = span.ContextDepth;
            if (!span.IsDynamic) (state.Name, state.Arguments) = ("", []);
        }
    }

    /// <summary>What is open. Between the events of a block this is not known; callers stand before the first or behind the last.</summary>
    OpenScopes Snapshot()
    {
        var spans = states.AsSpan(0, settled).ToArray();
        for (var i = 0; i < spans.Length; i++) spans[i].ChildTicks = open[i].ChildTicks;
        return new OpenScopes(spans, context);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void Push(ulong tick, uint site)
    {
        if (Depth == open.Length) Grow();
        ref var span = ref open[Depth++];
        span.Ordinal = NextOrdinal;
        span.BeginTick = tick;
        span.ChildTicks = 0;
        span.Site = site;
        span.ContextDepth = context?.Depth ?? 0;
        span.IsDynamic = false;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    void Grow()
    {
        // Spans are counted against the first of the two: it must not be the longer one.
        Array.Resize(ref states, 2 * Depth);
        Array.Resize(ref open, 2 * Depth);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void Begin(ulong tick, uint reference, ulong address)
    {
        lastTick = tick = Math.Max(tick, lastTick);
        if (marked == 0) BeforeFirstMark();
        Push(tick, reference);
        open[Depth - 1].Address = address;
        marks[marked++] = SpanMark.Begin(tick, reference);
        if (marked == marks.Length) WriteMarks();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    uint ReferenceOf(uint declaration, Definitions definitions)
    {
        var known = referenceOfDeclaration;
        return declaration < (uint)known.Length && known[declaration] is > 0 and var reference ? reference - 1 : FindReference(declaration, definitions);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    uint FindReference(uint declaration, Definitions definitions)
    {
        uint reference;
        try
        {
            reference = Reference(definitions.Declaration(declaration).Site);
        }
        catch (InvalidDataException)
        {
            // Whoever looks at the record more closely says what is wrong with it.
            return FormatLimits.NoReference;
        }
        if (declaration >= referenceOfDeclaration.Length) Array.Resize(ref referenceOfDeclaration, (int)BitOperations.RoundUpToPowerOf2(declaration + 1));
        referenceOfDeclaration[declaration] = reference + 1;
        return reference;
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

    /// <summary>What begins and ends read and write of an open span.</summary>
    struct OpenSpanTicks
    {
        public ulong Ordinal;
        public ulong BeginTick;
        public ulong ChildTicks;

        /// <summary>By which the span is ended, where its records come from a segment.</summary>
        public ulong Address;

        /// <summary>Reference of the block in which the span began.</summary>
        public uint Site;
        public uint ContextDepth;

        /// <summary>True if name and arguments are in the states.</summary>
        public bool IsDynamic;
    }
}

using Legion.Format;

namespace Legion.Sdk;

/// <summary>A context with those around it: what holds for an event is the chain from it outwards.</summary>
sealed class OpenContext(OpenContext? outer, Property property)
{
    public OpenContext? Outer { get; } = outer;
    public Property Property { get; } = property;
    public uint Depth { get; } = (outer?.Depth ?? 0) + 1;

    /// <summary>All properties, outermost first.</summary>
    public Property[] ToProperties()
    {
        var properties = new Property[Depth];
        for (var context = this; context is not null; context = context.Outer) properties[context.Depth - 1] = context.Property;
        return properties;
    }
}

/// <summary>A span that has begun and not ended.</summary>
struct OpenSpanState
{
    public ulong Ordinal;
    public ulong BeginTick;

    /// <summary>Null until the knots after the begin are known.</summary>
    public long? BeginNs;
    public ulong ChildTicks;
    public Site? Site;
    public string Name;
    public Property[] Arguments;
    public uint ContextDepth;
}

/// <summary>The spans and contexts that are open at one event of a thread's stream.</summary>
readonly record struct OpenScopes(OpenSpanState[] Spans, OpenContext? Context)
{
    public static OpenScopes None => new([], null);

    /// <summary>What the header of a block says was open at its first event.</summary>
    /// <exception cref="InvalidDataException">The block is damaged.</exception>
    public static OpenScopes Of(Block block)
    {
        OpenContext? context = null;
        foreach (var set in block.Header.OpenContexts) context = new OpenContext(context, block.Dependencies.PropertySet(set)![0]);
        var spans = block.Header.OpenSpans.Select(span => new OpenSpanState
        {
            Ordinal = span.Ordinal, BeginTick = span.BeginTick, BeginNs = span.BeginNs, ChildTicks = span.ChildTicks, Site = block.Dependencies.Site(span.Site),
            Name = span.Name, Arguments = [.. span.Arguments], ContextDepth = span.ContextDepth,
        });
        return new OpenScopes([.. spans], context);
    }

    /// <summary>The header's form of them, with what they refer to added to the block.</summary>
    public (OpenSpan[] Spans, uint[] Contexts) ToHeader(DependencyWriter dependencies, BlockClock clock)
    {
        var spans = new OpenSpan[Spans.Length];
        for (var i = 0; i < spans.Length; i++)
        {
            ref readonly var span = ref Spans[i];
            spans[i] = new OpenSpan
            {
                Ordinal = span.Ordinal,
                BeginTick = span.BeginTick,
                BeginNs = span.BeginNs ?? clock.Ns(span.BeginTick),
                ChildTicks = span.ChildTicks,
                Site = span.Site is null ? FormatLimits.NoReference : dependencies.Site(span.Site),
                Name = span.Name,
                Arguments = span.Arguments,
                ContextDepth = span.ContextDepth,
            };
        }
        var contexts = new uint[Context?.Depth ?? 0];
        for (var context = Context; context is not null; context = context.Outer)
            contexts[context.Depth - 1] = dependencies.PropertySet([context.Property]);
        return (spans, contexts);
    }
}

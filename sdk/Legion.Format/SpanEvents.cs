namespace Legion.Format;

/// <summary>A span with the name of its site begins. 12 bytes.</summary>
public static class SpanBeginEvent
{
    public static EventType Type { get; } = new(WellKnown.SpanBegin, 1, 12,
    [
        WellKnown.Field("tick", FieldType.Tick, 0, role: FieldRole.Time),
        WellKnown.Field("site", FieldType.SiteReference, 8),
    ]);

    /// <summary>Index of the type in <see cref="WellKnown.Schema"/>.</summary>
    public const ushort Index = 0;

    public static void Write(BlockWriter block, ulong tick, uint site) => block.SpanBegin(tick, site);
}

/// <summary>A span begins whose name, arguments or both are not static. Variable.</summary>
public static class SpanBeginDynamicEvent
{
    public static EventType Type { get; } = new(WellKnown.SpanBeginDynamic, 1, 0,
    [
        WellKnown.Field("tick", FieldType.Tick, 0, role: FieldRole.Time),
        WellKnown.Field("site", FieldType.SiteReference, 8),
        WellKnown.Field("name", FieldType.String, 12),
        WellKnown.Field("arguments", FieldType.Properties, 20),
    ]);

    /// <summary>Index of the type in <see cref="WellKnown.Schema"/>.</summary>
    public const ushort Index = 1;

    /// <param name="name">Empty: the site's name counts.</param>
    public static void Write(BlockWriter block, ulong tick, uint site, ReadOnlySpan<char> name, ReadOnlySpan<Property> arguments) =>
        Write(block, Index, tick, site, name, arguments);

    /// <summary>Writes an event of any type that has these very fields.</summary>
    internal static void Write(BlockWriter block, ushort type, ulong tick, uint site, ReadOnlySpan<char> name, ReadOnlySpan<Property> arguments)
    {
        var events = block.Events;
        var position = block.Begin(type);
        events.U64(tick);
        events.U32(site);
        events.U64(0);
        events.U64(0);
        var start = events.Length;
        events.Utf8(name);
        block.Point(position, 12, start);
        start = events.Length;
        if (!arguments.IsEmpty) Property.WriteList(events, arguments);
        block.Point(position, 20, start);
        block.End(type, position);
    }
}

/// <summary>The innermost open span ends. 8 bytes.</summary>
public static class SpanEndEvent
{
    public static EventType Type { get; } = new(WellKnown.SpanEnd, 1, 8, [WellKnown.Field("tick", FieldType.Tick, 0, role: FieldRole.Time)]);

    /// <summary>Index of the type in <see cref="WellKnown.Schema"/>.</summary>
    public const ushort Index = 2;

    public static void Write(BlockWriter block, ulong tick) => block.SpanEnd(tick);
}

/// <summary>A property set holds from here on for what the thread records. 12 bytes.</summary>
public static class ContextPushEvent
{
    public static EventType Type { get; } = new(WellKnown.ContextPush, 1, 12,
    [
        WellKnown.Field("tick", FieldType.Tick, 0, role: FieldRole.Time),
        WellKnown.Field("set", FieldType.PropertySetReference, 8),
    ]);

    /// <summary>Index of the type in <see cref="WellKnown.Schema"/>.</summary>
    public const ushort Index = 3;

    public static void Write(BlockWriter block, ulong tick, uint propertySet)
    {
        block.Events.U16(Index);
        block.Events.U64(tick);
        block.Events.U32(propertySet);
    }
}

/// <summary>The innermost context ends. 8 bytes.</summary>
public static class ContextPopEvent
{
    public static EventType Type { get; } = new(WellKnown.ContextPop, 1, 8, [WellKnown.Field("tick", FieldType.Tick, 0, role: FieldRole.Time)]);

    /// <summary>Index of the type in <see cref="WellKnown.Schema"/>.</summary>
    public const ushort Index = 4;

    public static void Write(BlockWriter block, ulong tick)
    {
        block.Events.U16(Index);
        block.Events.U64(tick);
    }
}

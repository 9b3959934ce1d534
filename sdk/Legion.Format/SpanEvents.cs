using System.Buffers.Binary;

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

    public static void Write(BlockWriter block, ulong tick, uint site)
    {
        block.Events.U16(Index);
        block.Events.U64(tick);
        block.Events.U32(site);
    }
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
    public static void Write(BlockWriter block, ulong tick, uint site, ReadOnlySpan<char> name, ReadOnlySpan<Property> arguments)
    {
        var events = block.Events;
        var position = block.Begin(Index);
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
        block.End(Index, position);
    }
}

/// <summary>The innermost open span ends. 8 bytes.</summary>
public static class SpanEndEvent
{
    public static EventType Type { get; } = new(WellKnown.SpanEnd, 1, 8, [WellKnown.Field("tick", FieldType.Tick, 0, role: FieldRole.Time)]);

    /// <summary>Index of the type in <see cref="WellKnown.Schema"/>.</summary>
    public const ushort Index = 2;

    public static void Write(BlockWriter block, ulong tick)
    {
        block.Events.U16(Index);
        block.Events.U64(tick);
    }
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

/// <summary>What begin and end of an async span both say, so that its row needs the end alone.</summary>
/// <param name="Id">Unique in the process: a process-random base plus a counter per thread.</param>
/// <param name="Parent">Id of the parent, 0 for none.</param>
/// <param name="BeginStream">The stream that recorded the begin.</param>
/// <param name="TraceId">W3C trace id, all zero for none.</param>
public readonly record struct AsyncSpanIdentity(ulong Id, ulong Parent, uint Site, ulong BeginTick, Guid BeginStream, UInt128 TraceId)
{
    internal void Write(ByteWriter events, ulong tick)
    {
        events.U64(tick);
        events.U64(Id);
        events.U64(Parent);
        events.U32(Site);
        events.U64(BeginTick);
        events.Id(BeginStream);
        BinaryPrimitives.WriteUInt128BigEndian(events.Reserve(16), TraceId);
    }

    internal static Field[] Fields() =>
    [
        WellKnown.Field("tick", FieldType.Tick, 0, role: FieldRole.Time),
        WellKnown.Field("id", FieldType.U64, 8),
        WellKnown.Field("parent", FieldType.U64, 16),
        WellKnown.Field("site", FieldType.SiteReference, 24),
        WellKnown.Field("begin_tick", FieldType.Tick, 28),
        WellKnown.Field("begin_stream", FieldType.FixedBytes, 36, 16),
        WellKnown.Field("trace_id", FieldType.FixedBytes, 52, 16),
    ];
}

/// <summary>An async span begins on this thread. 68 bytes.</summary>
public static class AsyncBeginEvent
{
    public static EventType Type { get; } = new(WellKnown.AsyncBegin, 1, 68, AsyncSpanIdentity.Fields());

    /// <summary>Index of the type in <see cref="WellKnown.Schema"/>.</summary>
    public const ushort Index = 5;

    public static void Write(BlockWriter block, in AsyncSpanIdentity span)
    {
        block.Events.U16(Index);
        span.Write(block.Events, span.BeginTick);
    }
}

/// <summary>An async span ends on this thread, whichever it began on. 68 bytes.</summary>
public static class AsyncEndEvent
{
    public static EventType Type { get; } = new(WellKnown.AsyncEnd, 1, 68, AsyncSpanIdentity.Fields());

    /// <summary>Index of the type in <see cref="WellKnown.Schema"/>.</summary>
    public const ushort Index = 6;

    public static void Write(BlockWriter block, ulong tick, in AsyncSpanIdentity span)
    {
        block.Events.U16(Index);
        span.Write(block.Events, tick);
    }
}

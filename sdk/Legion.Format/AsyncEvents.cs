using System.Buffers.Binary;

namespace Legion.Format;

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

    internal void WriteDynamic(BlockWriter block, ushort type, ulong tick, ReadOnlySpan<char> name, ReadOnlySpan<Property> arguments)
    {
        var events = block.Events;
        var position = block.Begin(type);
        Write(events, tick);
        events.U64(0);
        events.U64(0);
        var start = events.Length;
        events.Utf8(name);
        block.Point(position, FixedBytes, start);
        start = events.Length;
        if (!arguments.IsEmpty) Property.WriteList(events, arguments);
        block.Point(position, FixedBytes + 8, start);
        block.End(type, position);
    }

    /// <summary>Bytes of the fields that both kinds of begin and end have.</summary>
    const int FixedBytes = 68;

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

    internal static Field[] DynamicFields() =>
    [
        .. Fields(),
        WellKnown.Field("name", FieldType.String, FixedBytes),
        WellKnown.Field("arguments", FieldType.Properties, FixedBytes + 8),
    ];
}

/// <summary>An async span begins on this thread. 68 bytes.</summary>
public static class AsyncBeginEvent
{
    public static EventType Type { get; } = new(WellKnown.AsyncBegin, 1, 68, AsyncSpanIdentity.Fields());

    /// <summary>Index of the type in <see cref="WellKnown.Schema"/>.</summary>
    public const ushort Index = 5;

    public static void Write(BlockWriter block, ulong tick, in AsyncSpanIdentity span)
    {
        block.Events.U16(Index);
        span.Write(block.Events, tick);
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

/// <summary>An async span begins whose name, arguments or both are not static. Variable.</summary>
public static class AsyncBeginDynamicEvent
{
    public static EventType Type { get; } = new(WellKnown.AsyncBeginDynamic, 1, 0, AsyncSpanIdentity.DynamicFields());

    /// <summary>Index of the type in <see cref="WellKnown.Schema"/>.</summary>
    public const ushort Index = 11;

    /// <param name="name">Empty: the site's name counts.</param>
    public static void Write(BlockWriter block, ulong tick, in AsyncSpanIdentity span, ReadOnlySpan<char> name, ReadOnlySpan<Property> arguments) =>
        span.WriteDynamic(block, Index, tick, name, arguments);
}

/// <summary>An async span ends that has a name, arguments or both of its own; the arguments are all that it had at its end. Variable.</summary>
public static class AsyncEndDynamicEvent
{
    public static EventType Type { get; } = new(WellKnown.AsyncEndDynamic, 1, 0, AsyncSpanIdentity.DynamicFields());

    /// <summary>Index of the type in <see cref="WellKnown.Schema"/>.</summary>
    public const ushort Index = 12;

    /// <param name="name">Empty: the site's name counts.</param>
    public static void Write(BlockWriter block, ulong tick, in AsyncSpanIdentity span, ReadOnlySpan<char> name, ReadOnlySpan<Property> arguments) =>
        span.WriteDynamic(block, Index, tick, name, arguments);
}

namespace Legion.Format;

/// <summary>Severity of a log; the numbers are the first of each range of OpenTelemetry's SeverityNumber.</summary>
public enum Level : byte
{
    Trace = 1,
    Debug = 5,
    Info = 9,
    Warn = 13,
    Error = 17,
    Fatal = 21,
}

/// <summary>The thread that recorded an event of a merged stream.</summary>
/// <param name="Id">The operating system's number.</param>
/// <param name="Name">Reference into the block's strings.</param>
public readonly record struct ThreadReference(ulong Id, uint Name);

/// <summary>A log. Variable.</summary>
public static class LogEvent
{
    public static EventType Type { get; } = new(WellKnown.Log, 1, 0,
    [
        WellKnown.Field("tick", FieldType.Tick, 0, role: FieldRole.Time),
        WellKnown.Field("thread_id", FieldType.U64, 8, role: FieldRole.ThreadId),
        WellKnown.Field("thread", FieldType.StringReference, 16, role: FieldRole.Thread),
        WellKnown.Field("severity", FieldType.U8, 20),
        WellKnown.Field("template", FieldType.TemplateReference, 21),
        WellKnown.Field("properties", FieldType.PropertySetReference, 25, role: FieldRole.Properties),
        WellKnown.Field("arguments", FieldType.Values, 29),
    ]);

    /// <summary>Index of the type in <see cref="WellKnown.Schema"/>.</summary>
    public const ushort Index = 7;

    /// <param name="severity">OpenTelemetry's SeverityNumber, 1 to 24; <see cref="Level"/> names six of them.</param>
    /// <param name="arguments">One value for each hole of the template, in its order.</param>
    public static void Write(BlockWriter block, ulong tick, ThreadReference thread, byte severity, uint template, uint properties, ReadOnlySpan<Value> arguments)
    {
        var events = block.Events;
        var position = block.Begin(Index);
        events.U64(tick);
        events.U64(thread.Id);
        events.U32(thread.Name);
        events.U8(severity);
        events.U32(template);
        events.U32(properties);
        events.U64(0);
        var start = events.Length;
        events.U32((uint)arguments.Length);
        foreach (var argument in arguments) argument.Write(events);
        block.Point(position, 29, start);
        block.End(Index, position);
    }
}

/// <summary>A sample of a metric, named by its site. 40 bytes.</summary>
public static class MetricEvent
{
    public static EventType Type { get; } = new(WellKnown.Metric, 1, 40, Fields());

    /// <summary>Index of the type in <see cref="WellKnown.Schema"/>.</summary>
    public const ushort Index = 8;

    public static void Write(BlockWriter block, ulong tick, double value, ThreadReference thread, uint site, uint unit, uint properties) =>
        Write(block, Index, tick, value, thread, site, unit, properties);

    internal static Field[] Fields() =>
    [
        WellKnown.Field("tick", FieldType.Tick, 0, role: FieldRole.Time),
        WellKnown.Field("value", FieldType.F64, 8),
        WellKnown.Field("thread_id", FieldType.U64, 16, role: FieldRole.ThreadId),
        WellKnown.Field("thread", FieldType.StringReference, 24, role: FieldRole.Thread),
        WellKnown.Field("site", FieldType.SiteReference, 28),
        WellKnown.Field("unit", FieldType.StringReference, 32),
        WellKnown.Field("properties", FieldType.PropertySetReference, 36, role: FieldRole.Properties),
    ];

    internal static void Write(BlockWriter block, ushort type, ulong tick, double value, ThreadReference thread, uint site, uint unit, uint properties)
    {
        block.Events.U16(type);
        block.Events.U64(tick);
        block.Events.F64(value);
        block.Events.U64(thread.Id);
        block.Events.U32(thread.Name);
        block.Events.U32(site);
        block.Events.U32(unit);
        block.Events.U32(properties);
    }
}

/// <summary>An increment of a metric, where <see cref="MetricEvent"/> is a sample; the fields are the same. 40 bytes.</summary>
public static class CountEvent
{
    public static EventType Type { get; } = new(WellKnown.Count, 1, 40, MetricEvent.Fields());

    /// <summary>Index of the type in <see cref="WellKnown.Schema"/>.</summary>
    public const ushort Index = 16;

    public static void Write(BlockWriter block, ulong tick, double increment, ThreadReference thread, uint site, uint unit, uint properties) =>
        MetricEvent.Write(block, Index, tick, increment, thread, site, unit, properties);
}

/// <summary>A frame of the series that its site names; it ends where the next of its series begins. 44 bytes.</summary>
public static class FrameEvent
{
    public static EventType Type { get; } = new(WellKnown.Frame, 1, 44,
    [
        WellKnown.Field("tick", FieldType.Tick, 0, role: FieldRole.Time),
        WellKnown.Field("begin_tick", FieldType.Tick, 8),
        WellKnown.Field("site", FieldType.SiteReference, 16),
        WellKnown.Field("number", FieldType.U64, 20),
        WellKnown.Field("thread_id", FieldType.U64, 28, role: FieldRole.ThreadId),
        WellKnown.Field("thread", FieldType.StringReference, 36, role: FieldRole.Thread),
        WellKnown.Field("properties", FieldType.PropertySetReference, 40, role: FieldRole.Properties),
    ]);

    /// <summary>Index of the type in <see cref="WellKnown.Schema"/>.</summary>
    public const ushort Index = 15;

    /// <param name="tick">The frame's end.</param>
    /// <param name="number">From 0 in its series.</param>
    public static void Write(BlockWriter block, ulong tick, ulong beginTick, uint site, ulong number, ThreadReference thread, uint properties)
    {
        block.Events.U16(Index);
        block.Events.U64(tick);
        block.Events.U64(beginTick);
        block.Events.U32(site);
        block.Events.U64(number);
        block.Events.U64(thread.Id);
        block.Events.U32(thread.Name);
        block.Events.U32(properties);
    }
}

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
    public static EventType Type { get; } = new(WellKnown.Metric, 1, 40,
    [
        WellKnown.Field("tick", FieldType.Tick, 0, role: FieldRole.Time),
        WellKnown.Field("value", FieldType.F64, 8),
        WellKnown.Field("thread_id", FieldType.U64, 16, role: FieldRole.ThreadId),
        WellKnown.Field("thread", FieldType.StringReference, 24, role: FieldRole.Thread),
        WellKnown.Field("site", FieldType.SiteReference, 28),
        WellKnown.Field("unit", FieldType.StringReference, 32),
        WellKnown.Field("properties", FieldType.PropertySetReference, 36, role: FieldRole.Properties),
    ]);

    /// <summary>Index of the type in <see cref="WellKnown.Schema"/>.</summary>
    public const ushort Index = 8;

    public static void Write(BlockWriter block, ulong tick, double value, ThreadReference thread, uint site, uint unit, uint properties)
    {
        block.Events.U16(Index);
        block.Events.U64(tick);
        block.Events.F64(value);
        block.Events.U64(thread.Id);
        block.Events.U32(thread.Name);
        block.Events.U32(site);
        block.Events.U32(unit);
        block.Events.U32(properties);
    }
}

/// <summary>Why events were lost. The numbers are those of the wire.</summary>
public enum GapReason : byte
{
    /// <summary>The SDK had reached its memory cap.</summary>
    Memory = 1,

    /// <summary>The spool had reached its cap.</summary>
    Spool = 2,

    /// <summary>Left out on purpose.</summary>
    Sampled = 3,

    /// <summary>The events were recorded but found damaged before they were sent.</summary>
    Damaged = 4,
}

/// <summary>Events that were lost. They keep their ordinals; the record has none. 33 bytes.</summary>
public static class GapEvent
{
    public static EventType Type { get; } = new(WellKnown.Gap, 1, 33,
    [
        WellKnown.Field("tick", FieldType.Tick, 0, role: FieldRole.Time),
        WellKnown.Field("end_tick", FieldType.Tick, 8),
        WellKnown.Field("events", FieldType.U64, 16),
        WellKnown.Field("bytes", FieldType.U64, 24),
        WellKnown.Field("reason", FieldType.Enum, 32, 1) with { Attributes = [new("values", "memory=1,spool=2,sampled=3,damaged=4")] },
    ]);

    /// <summary>Index of the type in <see cref="WellKnown.Schema"/>.</summary>
    public const ushort Index = 9;

    /// <param name="type">Index of the gap type in the block's schema.</param>
    public static void Write(BlockWriter block, ushort type, in Gap gap)
    {
        block.Events.U16(type);
        block.Events.U64(gap.BeginTick);
        block.Events.U64(gap.EndTick);
        block.Events.U64(gap.Events);
        block.Events.U64(gap.Bytes);
        block.Events.U8((byte)gap.Reason);
    }

    /// <summary>Writes the record to a block of the well-known schema.</summary>
    public static void Write(BlockWriter block, in Gap gap) => Write(block, Index, gap);

    /// <summary>How many events a record of the type <see cref="WellKnown.Gap"/> says were lost.</summary>
    public static ulong ReadEvents(EventType type, ReadOnlySpan<byte> body) => type.LostEvents?.ReadU64(body) ?? 0;

    public static Gap Read(EventType type, ReadOnlySpan<byte> body)
    {
        var begin = type.Find("tick")?.ReadU64(body) ?? 0;
        return new Gap(begin, type.Find("end_tick")?.ReadU64(body) ?? begin, ReadEvents(type, body),
            type.Find("bytes")?.ReadU64(body) ?? 0, (GapReason)(type.Find("reason")?.ReadU64(body) ?? 0));
    }
}

/// <summary>A run of lost events of one stream.</summary>
/// <param name="Bytes">Bytes they would have taken, as the producer estimates.</param>
public readonly record struct Gap(ulong BeginTick, ulong EndTick, ulong Events, ulong Bytes, GapReason Reason);

/// <summary>A piece of an attachment, of at most <see cref="WellKnown.MaxChunkBytes"/>. Variable.</summary>
public static class AttachmentChunkEvent
{
    public static EventType Type { get; } = new(WellKnown.AttachmentChunk, 1, 0,
    [
        WellKnown.Field("tick", FieldType.Tick, 0, role: FieldRole.Time),
        WellKnown.Field("id", FieldType.FixedBytes, 8, 16),
        WellKnown.Field("index", FieldType.U32, 24),
        WellKnown.Field("count", FieldType.U32, 28),
        WellKnown.Field("sha256", FieldType.FixedBytes, 32, 32),
        WellKnown.Field("media_type", FieldType.String, 64),
        WellKnown.Field("name", FieldType.String, 72),
        WellKnown.Field("data", FieldType.Bytes, 80),
    ]);

    /// <summary>Index of the type in <see cref="WellKnown.Schema"/>.</summary>
    public const ushort Index = 10;

    /// <param name="sha256">32 bytes: the hash of the whole attachment.</param>
    public static void Write(BlockWriter block, ulong tick, Guid id, uint index, uint count, ReadOnlySpan<byte> sha256, string mediaType, string name, ReadOnlySpan<byte> data)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(data.Length, WellKnown.MaxChunkBytes);
        var events = block.Events;
        var position = block.Begin(Index);
        events.U64(tick);
        events.Id(id);
        events.U32(index);
        events.U32(count);
        events.Bytes(sha256);
        events.Reserve(24).Clear();
        var start = events.Length;
        events.Utf8(mediaType);
        block.Point(position, 64, start);
        start = events.Length;
        events.Utf8(name);
        block.Point(position, 72, start);
        start = events.Length;
        events.Bytes(data);
        block.Point(position, 80, start);
        block.End(Index, position);
    }
}

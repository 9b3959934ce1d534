namespace Legion.Format;

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

    /// <summary>The server will never take them.</summary>
    Refused = 5,

    /// <summary>They were erased where they were stored, on somebody's demand.</summary>
    Erased = 6,
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
        WellKnown.Field("reason", FieldType.Enum, 32, 1) with { Attributes = [new("values", "memory=1,spool=2,sampled=3,damaged=4,refused=5")] },
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

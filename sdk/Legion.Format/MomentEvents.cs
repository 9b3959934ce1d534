namespace Legion.Format;

/// <summary>
/// A point of a flow: the points of one id in the process are linked in order of time, across threads.
/// It belongs to the innermost span that is open on its thread, and opens or ends none. 20 bytes.
/// </summary>
public static class FlowEvent
{
    public static EventType Type { get; } = new(WellKnown.Flow, 1, 20,
    [
        WellKnown.Field("tick", FieldType.Tick, 0, role: FieldRole.Time),
        WellKnown.Field("id", FieldType.U64, 8),
        WellKnown.Field("site", FieldType.SiteReference, 16),
    ]);

    /// <summary>Index of the type in <see cref="WellKnown.Schema"/>.</summary>
    public const ushort Index = 13;

    public static void Write(BlockWriter block, ulong tick, ulong id, uint site)
    {
        block.Events.U16(Index);
        block.Events.U64(tick);
        block.Events.U64(id);
        block.Events.U32(site);
    }
}

/// <summary>A moment worth a mark on its thread. Variable.</summary>
public static class MarkerEvent
{
    public static EventType Type { get; } = new(WellKnown.Marker, 1, 0,
    [
        WellKnown.Field("tick", FieldType.Tick, 0, role: FieldRole.Time),
        WellKnown.Field("site", FieldType.SiteReference, 8),
        WellKnown.Field("name", FieldType.String, 12),
        WellKnown.Field("arguments", FieldType.Properties, 20),
    ]);

    /// <summary>Index of the type in <see cref="WellKnown.Schema"/>.</summary>
    public const ushort Index = 14;

    /// <param name="name">Empty: the site's name counts.</param>
    public static void Write(BlockWriter block, ulong tick, uint site, ReadOnlySpan<char> name, ReadOnlySpan<Property> arguments) =>
        SpanBeginDynamicEvent.Write(block, Index, tick, site, name, arguments);
}

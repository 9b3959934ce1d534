namespace Legion.Format;

/// <summary>
/// Event types with a meaning fixed by FORMAT.md, and the schema of all of them that this library writes.
/// Readers go by the names of types and fields, so that a client may lay the same fields out as its own structs are.
/// </summary>
public static class WellKnown
{
    public const string SpanBegin = "legion.span_begin";
    public const string SpanBeginDynamic = "legion.span_begin_dynamic";
    public const string SpanEnd = "legion.span_end";
    public const string ContextPush = "legion.context_push";
    public const string ContextPop = "legion.context_pop";
    public const string AsyncBegin = "legion.async_begin";
    public const string AsyncEnd = "legion.async_end";
    public const string Log = "legion.log";
    public const string Metric = "legion.metric";
    public const string Gap = "legion.gap";
    public const string AttachmentChunk = "legion.attachment_chunk";
    public const string AsyncBeginDynamic = "legion.async_begin_dynamic";
    public const string AsyncEndDynamic = "legion.async_end_dynamic";
    public const string Flow = "legion.flow";
    public const string Marker = "legion.marker";
    public const string Frame = "legion.frame";
    public const string Count = "legion.count";

    /// <summary>Most bytes of data in one attachment chunk.</summary>
    public const int MaxChunkBytes = 256 << 10;

    /// <summary>The well-known types as this library lays them out. Their order gives their indexes; types are only ever added at the end.</summary>
    public static Schema Schema { get; } = new(
    [
        SpanBeginEvent.Type, SpanBeginDynamicEvent.Type, SpanEndEvent.Type, ContextPushEvent.Type, ContextPopEvent.Type,
        AsyncBeginEvent.Type, AsyncEndEvent.Type, LogEvent.Type, MetricEvent.Type, GapEvent.Type, AttachmentChunkEvent.Type,
        AsyncBeginDynamicEvent.Type, AsyncEndDynamicEvent.Type, FlowEvent.Type, MarkerEvent.Type, FrameEvent.Type, CountEvent.Type,
    ]);

    internal static Field Field(string name, FieldType type, int offset, int size = 0, string? role = null) =>
        new(name, type, offset, size == 0 ? FieldTypes.FixedSize(type) : size)
        {
            Attributes = role is null ? [] : [new("role", role)],
        };
}

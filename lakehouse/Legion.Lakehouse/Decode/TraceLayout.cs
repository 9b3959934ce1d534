using Legion.Format;

namespace Legion.Lakehouse;

enum TraceEvent : byte
{
    Other,
    SpanBegin,
    SpanBeginDynamic,
    SpanEnd,
    ContextPush,
    ContextPop,
    Gap,
    Flow,
    Marker,
}

/// <summary>What the types of a schema mean to a reader of spans, found once per schema and kept by type index.</summary>
sealed class TraceLayout
{
    readonly TraceEvent[] events;
    readonly Field?[] ticks, sites, names, arguments, sets, ids;

    public TraceLayout(Schema schema)
    {
        var types = schema.Types;
        events = types.Select(type => type.Name switch
        {
            WellKnown.SpanBegin => TraceEvent.SpanBegin,
            WellKnown.SpanBeginDynamic => TraceEvent.SpanBeginDynamic,
            WellKnown.SpanEnd => TraceEvent.SpanEnd,
            WellKnown.ContextPush => TraceEvent.ContextPush,
            WellKnown.ContextPop => TraceEvent.ContextPop,
            WellKnown.Gap => TraceEvent.Gap,
            WellKnown.Flow => TraceEvent.Flow,
            WellKnown.Marker => TraceEvent.Marker,
            _ => TraceEvent.Other,
        }).ToArray();
        ticks = Fields(types, "tick", FieldType.Tick);
        sites = Fields(types, "site", FieldType.SiteReference);
        names = Fields(types, "name", FieldType.String);
        arguments = Fields(types, "arguments", FieldType.Properties);
        sets = Fields(types, "set", FieldType.PropertySetReference);
        ids = Fields(types, "id", FieldType.U64);
    }

    public TraceEvent Event(int typeIndex) => events[typeIndex];

    /// <summary>The types of a kind of event, by type index.</summary>
    public bool[] TypesOf(TraceEvent kind) => [.. events.Select(type => type == kind)];

    public ulong Tick(in EventRecord record) => (ticks[record.TypeIndex] ?? throw Missing(record, "tick")).ReadU64(record.Body);

    public uint Site(in EventRecord record) => sites[record.TypeIndex]?.ReadReference(record.Body) ?? FormatLimits.NoReference;

    public string Name(in EventRecord record) => names[record.TypeIndex]?.ReadString(record.Body) ?? "";

    public Property[] Arguments(in EventRecord record) => arguments[record.TypeIndex]?.ReadProperties(record.Body) ?? [];

    public uint Set(in EventRecord record) => sets[record.TypeIndex]?.ReadReference(record.Body) ?? FormatLimits.NoReference;

    public ulong Id(in EventRecord record) => (ids[record.TypeIndex] ?? throw Missing(record, "id")).ReadU64(record.Body);

    /// <summary>A field of another type than the name promises is taken as missing.</summary>
    static Field?[] Fields(IReadOnlyList<EventType> types, string name, FieldType type) =>
        types.Select(candidate => candidate.Find(name) is { } field && field.Type == type ? field : null).ToArray();

    static InvalidDataException Missing(in EventRecord record, string field) => new($"'{record.Type.Name}': expected a field '{field}', saw none");
}

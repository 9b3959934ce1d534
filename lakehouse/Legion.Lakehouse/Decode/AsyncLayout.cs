using Legion.Format;

namespace Legion.Lakehouse;

/// <summary>What the types of a schema mean to a reader of async spans, found once per schema and kept by type index.</summary>
sealed class AsyncLayout(Schema schema)
{
    /// <summary>The fields of one type that begins or ends async spans. A field of another type than its name promises is taken as missing.</summary>
    sealed record Fields(bool IsEnd, Field? Tick, Field? Id, Field? Parent, Field? Site, Field? BeginTick, Field? BeginStream, Field? TraceId, Field? Name, Field? Arguments);

    const int IdBytes = 16;

    readonly Fields?[] fields = schema.Types.Select(type => type.Name switch
    {
        WellKnown.AsyncBegin or WellKnown.AsyncBeginDynamic => Of(type, isEnd: false),
        WellKnown.AsyncEnd or WellKnown.AsyncEndDynamic => Of(type, isEnd: true),
        _ => null,
    }).ToArray();

    /// <summary>The types that it is about, by type index.</summary>
    public bool[] Types => field ??= [.. fields.Select(type => type is not null)];

    /// <summary>Null where the type is another, otherwise whether a span of it ends or begins.</summary>
    public bool? IsEnd(int typeIndex) => fields[typeIndex]?.IsEnd;

    public ulong Tick(in EventRecord record) => Required(record, fields[record.TypeIndex]!.Tick, "tick").ReadU64(record.Body);

    public ulong Id(in EventRecord record) => Required(record, fields[record.TypeIndex]!.Id, "id").ReadU64(record.Body);

    /// <summary>0 for none.</summary>
    public ulong Parent(in EventRecord record) => fields[record.TypeIndex]!.Parent?.ReadU64(record.Body) ?? 0;

    public ulong BeginTick(in EventRecord record) => Required(record, fields[record.TypeIndex]!.BeginTick, "begin_tick").ReadU64(record.Body);

    public Guid BeginStream(in EventRecord record) => fields[record.TypeIndex]!.BeginStream is { } field ? new Guid(field.ReadBytes(record.Body), bigEndian: true) : Guid.Empty;

    /// <summary>Null for none.</summary>
    public string? TraceId(in EventRecord record) =>
        fields[record.TypeIndex]!.TraceId is { } field && field.ReadBytes(record.Body) is var bytes && bytes.ContainsAnyExcept((byte)0) ? Convert.ToHexStringLower(bytes) : null;

    public uint Site(in EventRecord record) => fields[record.TypeIndex]!.Site?.ReadReference(record.Body) ?? FormatLimits.NoReference;

    /// <summary>Empty where the site's name counts.</summary>
    public string Name(in EventRecord record) => fields[record.TypeIndex]!.Name?.ReadString(record.Body) ?? "";

    public Property[] Arguments(in EventRecord record) => fields[record.TypeIndex]!.Arguments?.ReadProperties(record.Body) ?? [];

    static Fields Of(EventType type, bool isEnd) => new(isEnd,
        Find(type, "tick", FieldType.Tick), Find(type, "id", FieldType.U64), Find(type, "parent", FieldType.U64), Find(type, "site", FieldType.SiteReference),
        Find(type, "begin_tick", FieldType.Tick), Find(type, "begin_stream", FieldType.FixedBytes, IdBytes), Find(type, "trace_id", FieldType.FixedBytes, IdBytes),
        Find(type, "name", FieldType.String), Find(type, "arguments", FieldType.Properties));

    static Field? Find(EventType type, string name, FieldType fieldType, int size = 0) =>
        type.Find(name) is { } field && field.Type == fieldType && (size == 0 || field.Size == size) ? field : null;

    static Field Required(in EventRecord record, Field? field, string name) =>
        field ?? throw new InvalidDataException($"'{record.Type.Name}': expected a field '{name}', saw none");
}

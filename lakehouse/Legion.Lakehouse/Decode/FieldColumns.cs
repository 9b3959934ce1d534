using System.Globalization;
using Legion.Format;
using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>
/// How the fields of a user-defined event type become columns.
/// In a partition each column carries its type in its name (<c>gpu__double</c>), so that files never change when another
/// version of the type arrives; the view unites them under the field's name (<see cref="EventView"/>).
/// </summary>
static class FieldColumns
{
    /// <summary>Fields that are columns: all but those whose role makes them one of the view's base columns.</summary>
    public static IEnumerable<Field> Of(EventType type) =>
        type.Fields.Where(field => field.Role is not (FieldRole.Time or FieldRole.Thread or FieldRole.ThreadId or FieldRole.Properties));

    public static ColumnType TypeOf(Field field) => field.Type switch
    {
        FieldType.U8 or FieldType.U16 or FieldType.U32 or FieldType.I8 or FieldType.I16 or FieldType.I32 or FieldType.I64 => ColumnType.Int64,
        FieldType.Tick or FieldType.TickDelta => ColumnType.Int64,
        FieldType.U64 => ColumnType.UInt64,
        FieldType.F32 or FieldType.F64 => ColumnType.Float64,
        FieldType.Bool => ColumnType.Boolean,
        FieldType.Bytes or FieldType.FixedBytes => ColumnType.Blob,
        _ => ColumnType.Text,
    };

    /// <summary>Name of the column in a partition's file.</summary>
    public static string StoredName(Field field) => $"{field.Name}__{new Column("", TypeOf(field), "", "").SqlType.ToLowerInvariant()}";

    /// <summary>Makes the reader of a field: it appends the field's value of an event to its column.</summary>
    public static FieldAppender Appender(Field field, ColumnBuffer buffer) => (field.Type, buffer) switch
    {
        (FieldType.Tick, ColumnBuffer<long> column) => (block, body) => column.Add(block.Header.Clock.Ns(field.ReadU64(body.Bytes))),
        (FieldType.TickDelta, ColumnBuffer<long> column) => (block, body) => column.Add(block.Header.Clock.DurationNs(field.ReadI64(body.Bytes), body.Tick)),
        (_, ColumnBuffer<long> column) => (_, body) => column.Add(field.ReadI64(body.Bytes)),
        (_, ColumnBuffer<ulong> column) => (_, body) => column.Add(field.ReadU64(body.Bytes)),
        (_, ColumnBuffer<double> column) => (_, body) => column.Add(field.ReadF64(body.Bytes)),
        (_, ColumnBuffer<bool> column) => (_, body) => column.Add(field.ReadU64(body.Bytes) != 0),
        (_, ColumnBuffer<byte[]> column) => (_, body) => column.Add(field.ReadBytes(body.Bytes).ToArray()),
        (FieldType.Enum, TextColumn column) => EnumAppender(field, column),
        (_, TextColumn column) => (block, body) => column.Add(Text(field, block, body.Bytes)),
        _ => throw new ArgumentException($"cannot store field {field.Name} of type {field.Type}", nameof(field)),
    };

    static FieldAppender EnumAppender(Field field, TextColumn column)
    {
        var names = new Dictionary<ulong, string>();
        foreach (var pair in (field.Attribute("values") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.LastIndexOf('=');
            if (equals > 0 && long.TryParse(pair.AsSpan(equals + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
                names[(ulong)number & Mask(field.Size)] = pair[..equals].Trim();
        }
        return (_, body) =>
        {
            var number = field.ReadU64(body.Bytes);
            column.Add(names.TryGetValue(number, out var name) ? name : number.ToString(CultureInfo.InvariantCulture));
        };
    }

    static ulong Mask(int bytes) => bytes == 8 ? ulong.MaxValue : (1ul << (bytes * 8)) - 1;

    static string Text(Field field, Block block, ReadOnlySpan<byte> body) => field.Type switch
    {
        FieldType.String => field.ReadString(body),
        FieldType.StringReference => block.Dependencies.String(field.ReadReference(body)) ?? "",
        FieldType.SiteReference => block.Dependencies.Site(field.ReadReference(body))?.Name ?? "",
        FieldType.TemplateReference => block.Dependencies.Template(field.ReadReference(body))?.Text ?? "",
        FieldType.PropertySetReference => PropertyJson.Of(block.Dependencies.PropertySet(field.ReadReference(body)) ?? []),
        FieldType.Properties => PropertyJson.Of(field.ReadProperties(body)),
        FieldType.Values => PropertyJson.Of(field.ReadValues(body)),
        FieldType.Array => ArrayText(field, body),
        _ => "",
    };

    /// <summary>An array as JSON text.</summary>
    static string ArrayText(Field field, ReadOnlySpan<byte> body)
    {
        var bytes = field.ReadBytes(body);
        var values = new List<Value>();
        if (field.Element == FieldType.String)
        {
            var reader = new ByteReader(bytes, "field " + field.Name);
            while (reader.Remaining > 0) values.Add(reader.String());
            return PropertyJson.Of(values);
        }
        var size = FieldTypes.FixedSize(field.Element);
        if (bytes.Length % size != 0) throw new InvalidDataException($"field {field.Name}: expected a multiple of {size} bytes, saw {bytes.Length}");
        var element = new Field(field.Name, field.Element, 0, size);
        for (var at = 0; at < bytes.Length; at += size)
        {
            var one = bytes.Slice(at, size);
            values.Add(field.Element switch
            {
                FieldType.F32 or FieldType.F64 => Value.Of(element.ReadF64(one)),
                FieldType.Bool => Value.Of(element.ReadU64(one) != 0),
                FieldType.U64 or FieldType.Tick => Value.Of(element.ReadU64(one)),
                _ => Value.Of(element.ReadI64(one)),
            });
        }
        return PropertyJson.Of(values);
    }
}

/// <summary>Appends the value of one field of an event to its column.</summary>
delegate void FieldAppender(Block block, EventRecordBody body);

/// <summary>The bytes of an event and its tick, as a field's reader needs them.</summary>
readonly ref struct EventRecordBody(ReadOnlySpan<byte> bytes, ulong tick)
{
    public ReadOnlySpan<byte> Bytes { get; } = bytes;
    public ulong Tick { get; } = tick;
}

using System.Linq.Expressions;
using System.Reflection;
using Legion.Format;

namespace Legion.Sdk;

/// <summary>Appends the fields of an event: those of fixed size as they lie in the schema, then the strings.</summary>
delegate void WriteFields<T>(in T value, ref RecordWriter writer);

/// <summary>A user-defined event: its schema, and how its records turn into events of it.</summary>
sealed class EventShape
{
    /// <summary>What every event of a merged stream has before its own fields: tick, thread id, thread, properties.</summary>
    public const int PrefixBytes = 24;

    /// <summary>Index of the event's type in <see cref="Schema"/>; that of the gap record is the next.</summary>
    public const ushort TypeIndex = 0, GapIndex = 1;

    static readonly Lock appending = new();
    static EventShape[] byId = [];

    EventShape(uint id, EventType type, int fixedBytes, int[] textOffsets)
    {
        Id = id;
        Name = type.Name;
        Schema = new Schema([type, GapEvent.Type]);
        FixedBytes = fixedBytes;
        TextOffsets = textOffsets;
    }

    public uint Id { get; }
    public string Name { get; }
    public Schema Schema { get; }

    /// <summary>Bytes of the fields of fixed size.</summary>
    public int FixedBytes { get; }

    /// <summary>Where the fixed parts of the strings lie in the event.</summary>
    public int[] TextOffsets { get; }

    public static EventShape Get(uint id) => Volatile.Read(ref byId)[id];

    public static EventShape Add(EventType type, int fixedBytes, int[] textOffsets)
    {
        lock (appending)
        {
            var shape = new EventShape((uint)byId.Length, type, fixedBytes, textOffsets);
            Volatile.Write(ref byId, [.. byId, shape]);
            return shape;
        }
    }
}

/// <summary>
/// Describes <typeparamref name="T"/> once: its public fields and properties of primitive types, enumerations and strings.
/// Members of other types are left out.
/// </summary>
static class EventShape<T> where T : struct
{
    public static EventShape Shape { get; }
    public static WriteFields<T> Write { get; }

    static EventShape()
    {
        var members = Members();
        var fields = new List<Field>
        {
            Prefix("tick", FieldType.Tick, 0, FieldRole.Time),
            Prefix("thread_id", FieldType.U64, 8, FieldRole.ThreadId),
            Prefix("thread", FieldType.StringReference, 16, FieldRole.Thread),
            Prefix("properties", FieldType.PropertySetReference, 20, FieldRole.Properties),
        };
        var offset = EventShape.PrefixBytes;
        var offsets = new Dictionary<MemberInfo, int>();
        foreach (var (member, type) in members.Where(member => member.Type != typeof(string)))
        {
            offsets[member] = offset;
            offset += SizeOf(type);
        }
        var fixedBytes = offset - EventShape.PrefixBytes;
        var textOffsets = new List<int>();
        foreach (var (member, _) in members.Where(member => member.Type == typeof(string)))
        {
            offsets[member] = offset;
            textOffsets.Add(offset);
            offset += 8;
        }
        foreach (var (member, type) in members)
            fields.Add(new Field(member.Name, TypeOf(type), offsets[member], SizeOf(type)) { Attributes = AttributesOf(member, type) });

        var described = typeof(T).GetCustomAttribute<LegionEventAttribute>();
        var size = textOffsets.Count > 0 ? 0 : offset;
        Shape = EventShape.Add(new EventType(described?.Name ?? typeof(T).Name, described?.Version ?? 1, size, fields), fixedBytes, [.. textOffsets]);
        Write = Compile(members);
    }

    /// <summary>In order of declaration, fields before properties.</summary>
    static List<(MemberInfo Member, Type Type)> Members()
    {
        const BindingFlags instance = BindingFlags.Public | BindingFlags.Instance;
        var fields = typeof(T).GetFields(instance).OrderBy(field => field.MetadataToken).Select(field => ((MemberInfo)field, field.FieldType));
        var properties = typeof(T).GetProperties(instance).OrderBy(property => property.MetadataToken)
            .Where(property => property.CanRead && property.GetMethod!.IsPublic && property.GetIndexParameters().Length == 0)
            .Select(property => ((MemberInfo)property, property.PropertyType));
        return [.. fields.Concat(properties).Where(member => TypeOf(member.Item2) != 0)];
    }

    /// <summary>Reads all members first and writes them then: a property's getter may record events itself.</summary>
    static WriteFields<T> Compile(List<(MemberInfo Member, Type Type)> members)
    {
        var value = Expression.Parameter(typeof(T).MakeByRefType(), "value");
        var writer = Expression.Parameter(typeof(RecordWriter).MakeByRefType(), "writer");
        var locals = members.ConvertAll(member => Expression.Variable(member.Type));
        var reads = members.Zip(locals, (member, local) => (Expression)Expression.Assign(local, Expression.MakeMemberAccess(value, member.Member)));
        var isFixed = locals.ToLookup(local => local.Type != typeof(string));
        var writeFixed = typeof(RecordWriter).GetMethod(nameof(RecordWriter.Fixed))!;
        var writeText = typeof(EventShape<T>).GetMethod(nameof(WriteText), BindingFlags.NonPublic | BindingFlags.Static)!;
        var fixedWrites = isFixed[true].Select(local => Expression.Call(writer, writeFixed, Bits(local), Expression.Constant(SizeOf(local.Type))));
        var textWrites = isFixed[false].Select(local => Expression.Call(writeText, writer, local));
        return Expression.Lambda<WriteFields<T>>(Expression.Block(locals, [.. reads, .. fixedWrites, .. textWrites, Expression.Empty()]), value, writer).Compile();
    }

    static void WriteText(ref RecordWriter writer, string? text) => writer.Text(text);

    static Expression Bits(Expression value)
    {
        if (value.Type.IsEnum) value = Expression.Convert(value, value.Type.GetEnumUnderlyingType());
        if (value.Type == typeof(bool)) return Expression.Condition(value, Expression.Constant(1ul), Expression.Constant(0ul));
        if (value.Type == typeof(double)) return Expression.Call(typeof(BitConverter), nameof(BitConverter.DoubleToUInt64Bits), null, value);
        if (value.Type == typeof(float)) value = Expression.Call(typeof(BitConverter), nameof(BitConverter.SingleToUInt32Bits), null, value);
        return Expression.Convert(value, typeof(ulong));
    }

    static FieldType TypeOf(Type type) =>
        type.IsEnum ? FieldType.Enum
        : type == typeof(byte) ? FieldType.U8
        : type == typeof(ushort) || type == typeof(char) ? FieldType.U16
        : type == typeof(uint) ? FieldType.U32
        : type == typeof(ulong) ? FieldType.U64
        : type == typeof(sbyte) ? FieldType.I8
        : type == typeof(short) ? FieldType.I16
        : type == typeof(int) ? FieldType.I32
        : type == typeof(long) ? FieldType.I64
        : type == typeof(float) ? FieldType.F32
        : type == typeof(double) ? FieldType.F64
        : type == typeof(bool) ? FieldType.Bool
        : type == typeof(string) ? FieldType.String
        : 0;

    static int SizeOf(Type type)
    {
        var size = FieldTypes.FixedSize(TypeOf(type));
        return size > 0 ? size : FieldTypes.FixedSize(TypeOf(type.GetEnumUnderlyingType()));
    }

    static List<KeyValuePair<string, string>> AttributesOf(MemberInfo member, Type type)
    {
        var attributes = new List<KeyValuePair<string, string>>();
        if (member.GetCustomAttribute<UnitAttribute>() is { } unit) attributes.Add(new("unit", unit.Name));
        if (type.IsEnum)
            attributes.Add(new("values", string.Join(',', Enum.GetNames(type).Zip(Enum.GetValuesAsUnderlyingType(type).Cast<object>(), (name, value) => $"{name}={value}"))));
        return attributes;
    }

    /// <summary>A field that every event of a merged stream has; a member of the program's own keeps its name.</summary>
    static Field Prefix(string name, FieldType type, int offset, string role)
    {
        var taken = Members().Any(member => member.Member.Name == name);
        return new Field(taken ? "_" + name : name, type, offset, FieldTypes.FixedSize(type)) { Attributes = [new("role", role)] };
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;
using Legion.Format;

namespace Legion.Sdk;

/// <summary>
/// Describes <typeparamref name="T"/> once, where the source generator has not: its public fields and properties of primitive types,
/// enumerations and strings. Members of other types are left out.
/// </summary>
static class ReflectedShape<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicFields | DynamicallyAccessedMemberTypes.PublicProperties)] T> where T : struct
{
    public static readonly EventShape Shape;
    public static readonly WriteBody<T> Write;

    static ReflectedShape()
    {
        var members = Members();
        var described = typeof(T).GetCustomAttribute<LegionEventAttribute>();
        Shape = EventShape.Of(described?.Name ?? typeof(T).Name, described?.Version ?? 1, members.ConvertAll(member => FieldOf(member.Member, member.Type)));
        // Where no code can be made at run time, members are read by reflection: slow, and right.
        Write = RuntimeFeature.IsDynamicCodeSupported ? Compile(members) : Interpret(members);
    }

    /// <summary>In order of declaration, fields before properties.</summary>
    static List<(MemberInfo Member, Type Type)> Members()
    {
        const BindingFlags instance = BindingFlags.Public | BindingFlags.Instance;
        var fields = typeof(T).GetFields(instance).OrderBy(Order).Select(field => ((MemberInfo)field, field.FieldType));
        var properties = typeof(T).GetProperties(instance).OrderBy(Order)
            .Where(property => property.CanRead && property.GetMethod!.IsPublic && property.GetIndexParameters().Length == 0)
            .Select(property => ((MemberInfo)property, property.PropertyType));
        return [.. fields.Concat(properties).Where(member => TypeOf(member.Item2) != 0)];
    }

    static int Order(MemberInfo member) => member.HasMetadataToken() ? member.MetadataToken : 0;

    /// <summary>Reads all members first and writes them then: a property's getter may record events itself.</summary>
    static WriteBody<T> Compile(List<(MemberInfo Member, Type Type)> members)
    {
        var value = Expression.Parameter(typeof(T).MakeByRefType(), "value");
        var writer = Expression.Parameter(typeof(RecordWriter).MakeByRefType(), "writer");
        var locals = members.ConvertAll(member => Expression.Variable(member.Type));
        var reads = members.Zip(locals, (member, local) => (Expression)Expression.Assign(local, Expression.MakeMemberAccess(value, member.Member)));
        var isFixed = locals.ToLookup(local => local.Type != typeof(string));
        var writeFixed = typeof(RecordWriter).GetMethod(nameof(RecordWriter.Fixed), [typeof(ulong), typeof(int)])!;
        var writeText = ((WriteTextOf)WriteText).Method;
        var fixedWrites = isFixed[true].Select(local => Expression.Call(writer, writeFixed, Bits(local), Expression.Constant(SizeOf(local.Type))));
        var textWrites = isFixed[false].Select(local => Expression.Call(writeText, writer, local));
        return Expression.Lambda<WriteBody<T>>(Expression.Block(locals, [.. reads, .. fixedWrites, .. textWrites, Expression.Empty()]), value, writer).Compile();
    }

    delegate void WriteTextOf(ref RecordWriter writer, string? text);

    static void WriteText(ref RecordWriter writer, string? text) => writer.Text(text);

    static Expression Bits(Expression value)
    {
        if (value.Type.IsEnum) value = Expression.Convert(value, value.Type.GetEnumUnderlyingType());
        if (value.Type == typeof(bool)) return Expression.Condition(value, Expression.Constant(1ul), Expression.Constant(0ul));
        if (value.Type == typeof(double)) return Expression.Call(((Func<double, ulong>)BitConverter.DoubleToUInt64Bits).Method, value);
        if (value.Type == typeof(float)) value = Expression.Call(((Func<float, uint>)BitConverter.SingleToUInt32Bits).Method, value);
        return Expression.Convert(value, typeof(ulong));
    }

    static WriteBody<T> Interpret(List<(MemberInfo Member, Type Type)> members)
    {
        var isFixed = members.ToLookup(member => member.Type != typeof(string));
        (MemberInfo Member, Type Type)[] ordered = [.. isFixed[true], .. isFixed[false]];
        return (in T value, ref RecordWriter writer) =>
        {
            object boxed = value;
            var read = Array.ConvertAll(ordered, member => member.Member is FieldInfo field ? field.GetValue(boxed) : ((PropertyInfo)member.Member).GetValue(boxed));
            for (var i = 0; i < ordered.Length; i++)
            {
                if (ordered[i].Type == typeof(string)) writer.Text((string?)read[i]);
                else writer.Fixed(Bits(read[i]!), SizeOf(ordered[i].Type));
            }
        };
    }

    static ulong Bits(object value) => value switch
    {
        bool truth => truth ? 1u : 0u,
        char character => character,
        float single => BitConverter.SingleToUInt32Bits(single),
        double number => BitConverter.DoubleToUInt64Bits(number),
        sbyte or short or int or long => (ulong)Convert.ToInt64(value, CultureInfo.InvariantCulture),
        Enum named when Enum.GetUnderlyingType(named.GetType()) is var type && (type == typeof(sbyte) || type == typeof(short) || type == typeof(int) || type == typeof(long)) =>
            (ulong)Convert.ToInt64(value, CultureInfo.InvariantCulture),
        _ => Convert.ToUInt64(value, CultureInfo.InvariantCulture),
    };

    static EventField FieldOf(MemberInfo member, Type type) => new(
        member.Name, TypeOf(type), type.IsEnum ? SizeOf(type) : 0, member.GetCustomAttribute<UnitAttribute>()?.Name, type.IsEnum ? ValuesOf(type) : null);

    static string ValuesOf(Type type) => string.Join(',', Enum.GetNames(type).Zip(
        Enum.GetValuesAsUnderlyingType(type).Cast<object>(), (name, value) => string.Create(CultureInfo.InvariantCulture, $"{name}={value}")));

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
}

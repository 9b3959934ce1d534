using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using Microsoft.CodeAnalysis;

namespace Legion.Sdk.Generators;

/// <summary>Describes an event type as the SDK does by reflection, member for member: both must give the same schema.</summary>
static class EventDescription
{
    /// <summary>The members of a struct that implements <c>IEventFields</c>.</summary>
    public static string Of(INamedTypeSymbol type)
    {
        var members = Recorded(type);
        var attribute = type.GetAttributes().FirstOrDefault(attribute => SdkNames.IsNamed(attribute.AttributeClass, "LegionEventAttribute"));
        var name = Named(attribute, "Name") as string ?? type.MetadataName;
        var version = Named(attribute, "Version") as uint? ?? 1;
        var code = new StringBuilder();
        code.Append("        public static string Name => ").Append(SiteCall.Literal(name)).Append(";\n");
        code.Append("        public static uint Version => ").Append(version.ToString(CultureInfo.InvariantCulture)).Append("u;\n");
        code.Append("        public static global::Legion.Sdk.EventField[] Fields =>\n        [\n");
        foreach (var member in members) code.Append("            ").Append(FieldOf(member)).Append(",\n");
        code.Append("        ];\n");
        AppendWriter(code, SiteCall.Display(type), members);
        return code.ToString();
    }

    /// <summary>Fields before properties, each in order of declaration.</summary>
    public static List<(ISymbol Member, ITypeSymbol Type)> Recorded(INamedTypeSymbol type) => [.. Public(type).Where(member => FieldType(member.Type) is not null)];

    /// <summary>Public fields and readable properties, also those that no event can hold.</summary>
    public static IEnumerable<(ISymbol Member, ITypeSymbol Type)> Public(INamedTypeSymbol type)
    {
        foreach (var field in type.GetMembers().OfType<IFieldSymbol>())
            if (field is { IsStatic: false, DeclaredAccessibility: Accessibility.Public }) yield return (field, field.Type);
        foreach (var property in type.GetMembers().OfType<IPropertySymbol>())
            if (property is { IsStatic: false, IsIndexer: false, RefKind: RefKind.None, GetMethod.DeclaredAccessibility: Accessibility.Public }) yield return (property, property.Type);
    }

    static void AppendWriter(StringBuilder code, string type, List<(ISymbol Member, ITypeSymbol Type)> members)
    {
        var isFixed = members.ToLookup(member => member.Type.SpecialType != SpecialType.System_String);
        if (isFixed[true].Any())
        {
            code.Append("        [global::System.Runtime.InteropServices.StructLayout(global::System.Runtime.InteropServices.LayoutKind.Sequential, Pack = 1)]\n");
            code.Append("        struct Fixed\n        {\n");
            foreach (var member in isFixed[true]) code.Append("            public ").Append(StoredAs(member.Type)).Append(" @").Append(member.Member.Name).Append(";\n");
            code.Append("        }\n");
        }
        code.Append("        public static void Write(in ").Append(type).Append(" value, ref global::Legion.Sdk.EventFieldWriter writer)\n        {\n");
        if (isFixed[true].Any()) code.Append("            global::System.Runtime.CompilerServices.Unsafe.SkipInit(out Fixed members);\n");
        foreach (var (member, memberType) in members)
        {
            var read = "value.@" + member.Name;
            if (memberType.SpecialType == SpecialType.System_String) code.Append("            var text_").Append(member.Name).Append(" = ").Append(read).Append(";\n");
            else code.Append("            members.@").Append(member.Name).Append(" = ").Append(Stored(memberType, read)).Append(";\n");
        }
        if (isFixed[true].Any()) code.Append("            writer.Fixed(in members);\n");
        foreach (var (member, _) in isFixed[false]) code.Append("            writer.Text(text_").Append(member.Name).Append(");\n");
        code.Append("        }\n");
    }

    static string FieldOf((ISymbol Member, ITypeSymbol Type) member)
    {
        var unit = member.Member.GetAttributes().FirstOrDefault(attribute => SdkNames.IsNamed(attribute.AttributeClass, "UnitAttribute"))
            ?.ConstructorArguments.FirstOrDefault().Value as string;
        var (bytes, values) = member.Type is INamedTypeSymbol { EnumUnderlyingType: { } underlying } named ? (SizeOf(underlying), ValuesOf(named)) : (0, null);
        return $"new({SiteCall.Literal(member.Member.Name)}, global::Legion.Format.FieldType.{FieldType(member.Type)}, {bytes}, {OrNull(unit)}, {OrNull(values)})";
    }

    static string? FieldType(ITypeSymbol type) => type.TypeKind == TypeKind.Enum ? "Enum" : type.SpecialType switch
    {
        SpecialType.System_Byte => "U8",
        SpecialType.System_UInt16 or SpecialType.System_Char => "U16",
        SpecialType.System_UInt32 => "U32",
        SpecialType.System_UInt64 => "U64",
        SpecialType.System_SByte => "I8",
        SpecialType.System_Int16 => "I16",
        SpecialType.System_Int32 => "I32",
        SpecialType.System_Int64 => "I64",
        SpecialType.System_Single => "F32",
        SpecialType.System_Double => "F64",
        SpecialType.System_Boolean => "Bool",
        SpecialType.System_String => "String",
        _ => null,
    };

    static string StoredAs(ITypeSymbol type) => type switch
    {
        INamedTypeSymbol { EnumUnderlyingType: { } underlying } => SiteCall.Display(underlying),
        { SpecialType: SpecialType.System_Boolean } => "byte",
        { SpecialType: SpecialType.System_Char } => "ushort",
        _ => SiteCall.Display(type),
    };

    static string Stored(ITypeSymbol type, string read) => type switch
    {
        { TypeKind: TypeKind.Enum } => $"({StoredAs(type)}){read}",
        { SpecialType: SpecialType.System_Boolean } => $"{read} ? (byte)1 : (byte)0",
        _ => read,
    };

    static int SizeOf(ITypeSymbol underlying) => underlying.SpecialType switch
    {
        SpecialType.System_Byte or SpecialType.System_SByte => 1,
        SpecialType.System_Int16 or SpecialType.System_UInt16 => 2,
        SpecialType.System_Int32 or SpecialType.System_UInt32 => 4,
        _ => 8,
    };

    /// <summary>In the order in which the runtime names them: ascending as unsigned numbers of the enumeration's size.</summary>
    static string ValuesOf(INamedTypeSymbol type)
    {
        var mask = ulong.MaxValue >> 64 - 8 * SizeOf(type.EnumUnderlyingType!);
        var constants = type.GetMembers().OfType<IFieldSymbol>().Where(field => field.HasConstantValue).ToArray();
        return string.Join(",", constants.OrderBy(constant => Unsigned(constant.ConstantValue!) & mask).Select(constant => $"{constant.Name}={Invariant(constant.ConstantValue!)}"));
    }

    static ulong Unsigned(object value) => value is ulong large ? large : unchecked((ulong)Convert.ToInt64(value, CultureInfo.InvariantCulture));

    static string Invariant(object value) => ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture);

    static string OrNull(string? text) => text is null ? "null" : SiteCall.Literal(text);

    static object? Named(AttributeData? attribute, string name) => attribute?.NamedArguments.FirstOrDefault(argument => argument.Key == name).Value.Value;
}

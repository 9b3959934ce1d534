using System.ComponentModel;
using System.Reflection;
using System.Runtime.CompilerServices;
using Legion.Sdk;
using Legion.Sdk.Hosting;
using Legion.Tests.Format;
using Xunit;

namespace Legion.Tests.Sdk;

/// <summary>
/// What programs may call is written down, one member a line.
/// After a change of it, run this test with <c>LEGION_WRITE_PUBLIC_API=1</c> and read the difference: a line that goes breaks somebody's program.
/// </summary>
public sealed class PublicApiTests
{
    static readonly NullabilityInfoContext nullability = new();

    [Theory]
    [InlineData(typeof(Telemetry))]
    [InlineData(typeof(LegionHosting))]
    public async Task The_public_surface_is_the_approved_one(Type ofAssembly)
    {
        var approvedPath = Path.Combine(RepositoryTree.Root, "sdk", ofAssembly.Assembly.GetName().Name!, "PublicApi.txt");
        var surface = string.Concat(Lines(ofAssembly.Assembly).Order(StringComparer.Ordinal).Select(line => line + "\n"));
        if (Environment.GetEnvironmentVariable("LEGION_WRITE_PUBLIC_API") == "1") await File.WriteAllTextAsync(approvedPath, surface, TestContext.Current.CancellationToken);
        Assert.Equal(await File.ReadAllTextAsync(approvedPath, TestContext.Current.CancellationToken), surface);
    }

    static IEnumerable<string> Lines(Assembly assembly)
    {
        const BindingFlags declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        foreach (var type in assembly.GetExportedTypes())
        {
            var name = type.FullName!.Split('`')[0].Replace('+', '.') + GenericArguments(type.GetGenericArguments());
            yield return $"{name}: {Kind(type)}{Remark(type)}";
            foreach (var member in type.GetMembers(declared).Where(IsVisible))
                if (Describe(member, type) is { } line) yield return $"{name}.{line}{Remark(member)}";
        }
    }

    static string Kind(Type type)
    {
        var kind = type.IsEnum ? "enum" : type.IsInterface ? "interface" : type.IsSubclassOf(typeof(Delegate)) ? "delegate"
            : type.IsValueType ? (type.IsDefined(typeof(IsReadOnlyAttribute)) ? "readonly " : "") + (type.IsByRefLike ? "ref struct" : "struct")
            : (type.IsAbstract && type.IsSealed ? "static " : type.IsAbstract ? "abstract " : type.IsSealed ? "sealed " : "") + "class";
        var bases = type.GetInterfaces().Concat(type.BaseType is { } based && based.Assembly == type.Assembly ? [based] : []).Select(Name).Order(StringComparer.Ordinal);
        return string.Join(" : ", new[] { kind, string.Join(", ", type.IsEnum ? [] : bases) }.Where(part => part.Length > 0));
    }

    /// <summary>Public or protected, and not what the compiler gives every record.</summary>
    static bool IsVisible(MemberInfo member) => !member.IsDefined(typeof(CompilerGeneratedAttribute)) && member switch
    {
        MethodBase method => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly,
        FieldInfo field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly,
        PropertyInfo property => property.GetAccessors(nonPublic: true).Any(IsVisible) || property.GetAccessors().Length > 0,
        EventInfo added => added.AddMethod!.IsPublic,
        _ => false,
    };

    static string? Describe(MemberInfo member, Type type) => member switch
    {
        ConstructorInfo made when !made.IsStatic => $"{type.Name.Split('`')[0]}({Parameters(made)})",
        MethodInfo { IsSpecialName: true } method when !method.Name.StartsWith("op_", StringComparison.Ordinal) => null,
        MethodInfo method => $"{method.Name}{GenericArguments(method.GetGenericArguments())}({Parameters(method)}) -> {Name(method.ReturnType)}{Nullable(nullability.Create(method.ReturnParameter))}{Static(method)}",
        PropertyInfo property => $"{property.Name} {{ {string.Join(' ', property.GetAccessors().Select(Accessor))} }} -> {Name(property.PropertyType)}{Nullable(nullability.Create(property))}{Static(property.GetAccessors(nonPublic: true)[0])}",
        FieldInfo { IsLiteral: true } field => $"const {field.Name} = {field.GetRawConstantValue()}",
        FieldInfo field when !field.IsSpecialName => $"{field.Name} -> {Name(field.FieldType)}{Nullable(nullability.Create(field))}{(field.IsStatic ? " static" : "")}",
        EventInfo added => $"event {added.Name} -> {Name(added.EventHandlerType!)}",
        _ => null,
    };

    static string Static(MethodBase method) => method.IsStatic ? method.IsAbstract ? " static abstract" : " static" : "";

    static string Accessor(MethodInfo accessor) =>
        accessor.Name.StartsWith("get_", StringComparison.Ordinal) ? "get;" : accessor.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? "init;" : "set;";

    static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(parameter =>
    {
        var by = parameter.IsOut ? "out " : parameter.IsIn ? "in " : parameter.ParameterType.IsByRef ? "ref " : "";
        var standard = parameter.HasDefaultValue ? $" = {parameter.DefaultValue switch { null => "default", string text => $"\"{text}\"", var value => value }}" : "";
        return $"{by}{Name(parameter.ParameterType)}{Nullable(nullability.Create(parameter))} {parameter.Name}{standard}";
    }));

    static string Nullable(NullabilityInfo info) => !info.Type.IsValueType && info.ReadState == NullabilityState.Nullable && !info.Type.IsGenericParameter ? "?" : "";

    static string Name(Type type) =>
        type.IsByRef ? Name(type.GetElementType()!)
        : type.IsArray ? Name(type.GetElementType()!) + "[]"
        : System.Nullable.GetUnderlyingType(type) is { } underlying ? Name(underlying) + "?"
        : (type.IsNested && !type.IsGenericParameter ? Name(type.DeclaringType!) + "." : "") + type.Name.Split('`')[0] + GenericArguments(type.GetGenericArguments());

    static string GenericArguments(Type[] arguments) => arguments.Length == 0 ? "" : $"<{string.Join(", ", arguments.Select(Name))}>";

    static string Remark(MemberInfo member) =>
        member.GetCustomAttribute<EditorBrowsableAttribute>()?.State == EditorBrowsableState.Never ? " (for generated code)" : "";
}

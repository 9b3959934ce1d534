using System.Text;

namespace Legion.Kernel.Cells;

/// <summary>How a type is written in C#.</summary>
static class CSharpTypeName
{
    static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(bool)] = "bool", [typeof(byte)] = "byte", [typeof(sbyte)] = "sbyte", [typeof(char)] = "char", [typeof(short)] = "short",
        [typeof(ushort)] = "ushort", [typeof(int)] = "int", [typeof(uint)] = "uint", [typeof(long)] = "long", [typeof(ulong)] = "ulong",
        [typeof(float)] = "float", [typeof(double)] = "double", [typeof(decimal)] = "decimal", [typeof(string)] = "string", [typeof(object)] = "object",
    };

    /// <summary>
    /// The full name; for a type that a cell cannot name (private, anonymous, declared in a cell)
    /// <c>dynamic</c>, through which its public members remain in reach.
    /// </summary>
    public static string Of(Type type)
    {
        if (!type.IsVisible || type.FullName is null || type.FullName.StartsWith("Submission#", StringComparison.Ordinal))
            return "dynamic";
        if (type.IsArray)
            return $"{Of(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]";
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return $"{Of(underlying)}?";

        // Arguments of a nested generic type come in one list, outermost first.
        var arguments = type.GetGenericArguments();
        var used = 0;
        var name = new StringBuilder("global::");
        if (type.Namespace is not null)
            name.Append(type.Namespace).Append('.');
        foreach (var part in OutermostFirst(type))
        {
            var tick = part.Name.IndexOf('`');
            name.Append(tick < 0 ? part.Name : part.Name[..tick]);
            var count = part.GetGenericArguments().Length - used;
            if (count > 0)
            {
                name.Append('<').AppendJoin(", ", arguments.Skip(used).Take(count).Select(Of)).Append('>');
                used += count;
            }
            name.Append('.');
        }
        return name.ToString(0, name.Length - 1);
    }

    /// <summary>As people write it where the namespace is clear.</summary>
    public static string Short(Type type)
    {
        if (type.IsArray)
            return $"{Short(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]";
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return $"{Short(underlying)}?";
        if (Keywords.TryGetValue(type, out var keyword))
            return keyword;
        var arguments = string.Join(", ", type.GetGenericArguments().Select(Short));
        if (type.FullName?.StartsWith("System.ValueTuple`", StringComparison.Ordinal) == true)
            return $"({arguments})";
        var tick = type.Name.IndexOf('`');
        return tick < 0 ? type.Name : $"{type.Name[..tick]}<{arguments}>";
    }

    static IEnumerable<Type> OutermostFirst(Type type) =>
        type.DeclaringType is { } outer ? OutermostFirst(outer).Append(type) : [type];
}

using System.Text;

namespace Legion.Kernel.Cells;

/// <summary>How a type is written in C#.</summary>
static class CSharpTypeName
{
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

    static IEnumerable<Type> OutermostFirst(Type type) =>
        type.DeclaringType is { } outer ? OutermostFirst(outer).Append(type) : [type];
}

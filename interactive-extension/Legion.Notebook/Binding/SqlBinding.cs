using Legion.Lakehouse;
using Legion.Notebook.Grammar;

namespace Legion.Notebook;

/// <summary>Binds <c>$name</c> to the C# variable of that name, <c>$name_begin_ns</c> to the begin of what is selected in it.</summary>
static class SqlBinding
{
    /// <exception cref="QueryException">There is no such variable, or SQL has no value for what it holds; at the parameter's place.</exception>
    public static Dictionary<string, object?> Values(string sql, INotebookHost host)
    {
        var values = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var name in SqlParameters.Names(sql))
        {
            if (!host.TryGetVariable(name, out var value) && !SelectedTimes.TryGet(name, host, out value))
                throw Error(sql, name, $"found no variable '{name}' to bind{NearestName.Suggestion(name, host.VariableNames)}");
            values[name] = value switch
            {
                null or bool or sbyte or byte or short or ushort or int or uint or long or ulong or float or double or decimal or string or DateTime or Guid => value,
                DateTimeOffset time => time.UtcDateTime,
                Enum or char => value.ToString(),
                _ => ProcessReference.Id(value)
                    ?? throw Error(sql, name, $"cannot bind ${name}: SQL has no value for a {value.GetType().Name}"),
            };
        }
        return values;
    }

    static QueryException Error(string sql, string name, string problem) => new(problem, sql.IndexOf($"${name}", StringComparison.Ordinal));
}

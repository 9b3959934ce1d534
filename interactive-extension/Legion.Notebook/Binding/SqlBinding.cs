using Apache.Arrow;
using Legion.Lakehouse;
using Legion.Notebook.Grammar;
using Microsoft.Data.Analysis;

namespace Legion.Notebook;

/// <summary>Binds <c>$name</c> to the C# variable of that name, <c>$name_begin_ns</c> to the begin of what is selected in it.</summary>
static class SqlBinding
{
    /// <exception cref="QueryException">There is no such variable, or SQL has no value for what it holds; at the parameter's place.</exception>
    /// <param name="process">What <c>$process</c> is, whatever variable has this name; null: the variable.</param>
    /// <param name="saved">Texts of saved queries that the SQL may use.</param>
    public static Dictionary<string, object?> Values(string sql, IEnumerable<string> saved, INotebookHost host, Guid? process)
    {
        var values = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var name in saved.Prepend(sql).SelectMany(SqlParameters.Names).Distinct())
        {
            if (name == "process" && process is not null)
            {
                values[name] = process;
                continue;
            }
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

    /// <summary>The DataFrames of the session, by their variables' names.</summary>
    public static Dictionary<string, Func<RecordBatch>> Tables(INotebookHost host)
    {
        var tables = new Dictionary<string, Func<RecordBatch>>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in host.VariableNames)
            if (host.TryGetVariable(name, out var value) && FrameOf(value) is { } frame)
                tables[name] = () => BatchOf(name, frame);
        return tables;
    }

    /// <summary>Other results have a ToDataFrame: one that is called as a view is should not take its place unasked.</summary>
    static DataFrame? FrameOf(object? value) => value switch
    {
        DataFrame frame => frame,
        SqlAnswer answer => answer.Frame,
        TableView table => table.Frame,
        _ => null,
    };

    static RecordBatch BatchOf(string name, DataFrame frame)
    {
        try
        {
            return FrameBatch.Of(frame);
        }
        catch (ArgumentException error)
        {
            throw new QueryException($"cannot read '{name}': {error.Message}");
        }
    }

    static QueryException Error(string sql, string name, string problem) => new(problem, sql.IndexOf($"${name}", StringComparison.Ordinal) is var at and >= 0 ? at : null);
}

using System.Text.RegularExpressions;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Notebook.Grammar;
using Legion.Store;

namespace Legion.Notebook;

/// <summary>What the lake knows of names: for completion, and of one name its documentation.</summary>
static partial class LakeOffers
{
    const int MostProcesses = 30;

    static readonly string[] Keywords = ["SELECT", "FROM", "WHERE", "GROUP BY ALL", "ORDER BY", "LIMIT", "JOIN", "USING", "WITH", "HAVING", "DESC", "DISTINCT", "CASE", "WHEN", "THEN", "ELSE", "END", "AND", "OR", "NOT", "IN", "IS NULL", "BETWEEN"];

    /// <summary>Names that could stand at a place. What cannot be read at the moment is not offered.</summary>
    public static async Task<IReadOnlyList<MagicCompletion>> AtAsync(NotebookLake lake, MagicPlace place, INotebookHost host, CancellationToken cancel)
    {
        try
        {
            switch (place.Kind)
            {
                case ValueKind.Process:
                    return [.. (await lake.ProcessesAsync(new() { Limit = MostProcesses }, cancel)).Select(process => new MagicCompletion(process.ProcessId.ToString(), $"{process.Exe}, {TimeText.Format(process.StartNs)}, {process.State}"))];
                case ValueKind.Metric or ValueKind.Span when ProcessOf(place.Process, host) is { } process:
                    var sql = place.Kind == ValueKind.Metric ? "SELECT DISTINCT name, unit FROM measures WHERE process_id = $process ORDER BY ALL" : "SELECT name, 'spans' FROM span_stats WHERE process_id = $process GROUP BY name ORDER BY sum(total_ns) DESC, name";
                    using (var result = await lake.Lake.QueryAsync(sql, new QueryOptions { Parameters = new Dictionary<string, object?> { ["process"] = process } }, cancel))
                    using (var rows = result.ReadRows(cancel))
                    {
                        var names = new List<MagicCompletion>();
                        while (rows.Read())
                            names.Add(new(Quoted(rows.Text(0)), rows.IsNull(1) ? "" : rows.Text(1)));
                        return names;
                    }
                case ValueKind.View:
                    return [.. await ViewsAsync(lake, cancel)];
                case ValueKind.Sql:
                    var columns = Mentioned(place.Sql).SelectMany(view => Columns(view).Select(column => new MagicCompletion(column.Name, $"{column.Type} of {view.Name}: {column.Meaning}")));
                    return [.. columns.Concat(await ViewsAsync(lake, cancel)).Concat(Functions()).Concat(Keywords.Select(word => new MagicCompletion(word, ""))).DistinctBy(item => item.Text)];
                default:
                    return [];
            }
        }
        catch (Exception error) when (error is NotInLakeException or QueryException or StoreUnavailableException)
        {
            return [];
        }
    }

    /// <summary>What a word of SQL means: a view with its columns, a column of a view that the SQL names, a function; null where it is none of them.</summary>
    public static string? Describe(string sql, string word)
    {
        if (Views.Find(word) is { } found)
            return $"{found.Name}: {found.Meaning}\n{string.Join('\n', Columns(found).Select(Line))}";
        var columns = Mentioned(sql).SelectMany(view => Columns(view).Where(column => column.Name.Equals(word, StringComparison.OrdinalIgnoreCase)).Select(column => $"{view.Name}.{Line(column)}")).ToList();
        if (columns.Count > 0)
            return string.Join('\n', columns);
        var calls = SqlFunctions.All.Where(function => function.Name.Equals(word, StringComparison.OrdinalIgnoreCase)).SelectMany(function => function.Forms).ToList();
        return calls.Count == 0 ? null : string.Join('\n', calls.Select(call => $"{call.Call} gives {call.Returns}\n  {call.Meaning}"));

        static string Line((string Name, string Type, string Unit, string Meaning) column) => $"{column.Name} {column.Type}{(column.Unit.Length > 0 ? $" ({column.Unit})" : "")}: {column.Meaning}";
    }

    static async Task<IEnumerable<MagicCompletion>> ViewsAsync(NotebookLake lake, CancellationToken cancel)
    {
        var saved = await lake.Lake.ReadSavedQueriesAsync(cancel);
        return Views.All.Select(view => new MagicCompletion(view.Name, view.Meaning)).Concat(saved.Select(query => new MagicCompletion(query.Name, "saved query")));
    }

    static IEnumerable<MagicCompletion> Functions() => SqlFunctions.All.Select(function => new MagicCompletion(function.Name, function.Forms[0].Call));

    static IEnumerable<View> Mentioned(string sql) => WordPattern().Matches(sql).Select(match => Views.Find(match.Value)).OfType<View>().Distinct();

    static IEnumerable<(string Name, string Type, string Unit, string Meaning)> Columns(View view) =>
        view.Columns.Select(column => (column.Name, column.SqlType, column.Unit, column.Meaning))
            .Concat(view.Columns.Where(column => column.TimeTwin is not null).Select(column => (column.TimeTwin!, "TIMESTAMP_NS", "UTC", $"{column.Name} as a timestamp.")));

    static Guid? ProcessOf(string? text, INotebookHost host) => text switch
    {
        null => null,
        ['@', .. var path] => host.TryGetVariable(path.Split('.')[0], out var value) ? ProcessReference.Id(value) : null,
        _ => ProcessReference.Id(text),
    };

    /// <summary>As it has to be written on a magic's line.</summary>
    static string Quoted(string name) => name.Any(char.IsWhiteSpace) || name.Length == 0 || name[0] is '@' or '-' or '"' or '\''
        ? $"\"{name.Replace("\\", "\\\\").Replace("\"", "\\\"")}\"" : name;

    [GeneratedRegex("[A-Za-z_][A-Za-z0-9_]*")]
    private static partial Regex WordPattern();
}

using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Notebook.Grammar;

namespace Legion.Notebook;

/// <summary>The verb <c>sql</c>.</summary>
static class SqlVerb
{
    public static async Task<object?> RunAsync(LakeCall call, CancellationToken cancel)
    {
        var isBody = call.Call.Arguments.Count == 0;
        var sql = isBody ? call.Call.Body : call.Argument(0);
        if (string.IsNullOrWhiteSpace(sql))
            throw call.Call.Error("expected a statement: in quotes on this line, or on the lines below");
        await CheckSavedAsync(call, cancel);
        var process = await call.ProcessOptionAsync(cancel);
        try
        {
            var options = new QueryOptions { Parameters = SqlBinding.Values(sql, await SavedAsync(call.Lake.Lake, sql, cancel), call.Host, process), Range = call.Range, Tables = SqlBinding.Tables(call.Host), Progress = call.Progress };
            if (call.Call.Has("explain"))
                return await call.Lake.ExplainAsync(sql, options, cancel);
            long? limit = call.Call.Options.ContainsKey("limit") ? call.Limit(0) : null;
            var answer = await call.Lake.SqlAsync(sql, options, limit, cancel);
            if (call.Text("save") is { } name)
                await SaveAsync(call, name, sql, cancel);
            return new MagicResult(answer.Frame, answer);
        }
        catch (QueryException error) when (error.Position is { } position)
        {
            if (isBody)
                throw call.Call.ErrorInBody(position, error.Message, error);
            // Behind the opening quote; a reference has no text on the line to point into.
            var argument = call.Call.Arguments[0];
            throw call.Call.Error(argument.IsReference ? argument : argument with { Column = argument.Column + 1 + position }, error.Message);
        }
    }

    /// <summary>A saved query is read wherever its name stands; who names it with <c>--with</c> means no view and no DataFrame.</summary>
    static async Task CheckSavedAsync(LakeCall call, CancellationToken cancel)
    {
        if (call.Call.List("with", call.Host) is not { } names)
            return;
        var saved = (await call.Lake.Lake.ReadSavedQueriesAsync(cancel)).Select(query => query.Name).ToList();
        foreach (var name in names)
            if (!saved.Contains(name, StringComparer.OrdinalIgnoreCase))
                throw call.Call.Error(call.Call.Options["with"], $"there is no saved query '{name}'{NearestName.Suggestion(name, saved)} (--save NAME saves one)");
    }

    /// <summary>The texts of the saved queries that the SQL may use, themselves or through others: their parameters are bound, too.</summary>
    static async Task<IReadOnlyList<string>> SavedAsync(Lake lake, string sql, CancellationToken cancel)
    {
        var others = (await lake.ReadSavedQueriesAsync(cancel)).ToList();
        var used = new List<string>();
        for (var at = -1; at < used.Count; at++)
        {
            var text = at < 0 ? sql : used[at];
            used.AddRange(others.Where(query => text.Contains(query.Name, StringComparison.OrdinalIgnoreCase)).Select(query => query.Sql));
            others.RemoveAll(query => used.Contains(query.Sql));
        }
        return used;
    }

    static async Task SaveAsync(LakeCall call, string name, string sql, CancellationToken cancel)
    {
        try
        {
            await call.Lake.Lake.SaveQueryAsync(name, sql, "user " + Environment.UserName, cancel);
        }
        catch (QueryException error)
        {
            throw call.Call.Error(call.Call.Options["save"], error.Message);
        }
    }
}

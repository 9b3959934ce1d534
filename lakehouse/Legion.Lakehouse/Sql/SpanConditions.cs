using DuckDB.NET.Data;

namespace Legion.Lakehouse.Sql;

/// <summary>Tells which spans meet conditions of policies, each name and site once: spans are many, and these few.</summary>
sealed class SpanConditions : IDisposable
{
    /// <summary>Answers that are remembered for one set of conditions, some ten megabytes. Names that hold numbers have no end.</summary>
    const int MostAnswers = 100_000;

    readonly Lazy<DuckDBConnection> engine = new(Open);
    readonly Dictionary<IReadOnlyList<string>, Dictionary<SpanSite, bool>> answers = [];

    /// <param name="conditions">A span is asked for that meets one of them; an empty one is met by all.</param>
    /// <returns>Of each span, whether it is asked for.</returns>
    /// <exception cref="QueryException">The engine cannot tell.</exception>
    public bool[] AreMet(IReadOnlyList<string> conditions, IReadOnlyList<SpanSite> sites)
    {
        var met = new bool[sites.Count];
        if (conditions.Count == 0) return met;
        if (conditions.Contains(""))
        {
            Array.Fill(met, true);
            return met;
        }
        if (!answers.TryGetValue(conditions, out var known)) answers.Add(conditions, known = []);
        if (known.Count > MostAnswers) known.Clear();
        SpanSite[] asked = [.. sites.Where(site => !known.ContainsKey(site)).Distinct()];
        if (asked.Length > 0)
        {
            foreach (var site in asked) known[site] = false;
            foreach (var number in Ask(conditions, asked)) known[asked[number]] = true;
        }
        for (var i = 0; i < met.Length; i++) met[i] = known[sites[i]];
        return met;
    }

    public void Dispose()
    {
        if (engine.IsValueCreated) engine.Value.Dispose();
    }

    static DuckDBConnection Open()
    {
        var engine = DuckDb.Open(new QueryOptions { Threads = 1 });
        DuckDb.Execute(engine, $"CREATE TABLE spans__rows (number INTEGER, {PolicyCondition.Spans.Columns})");
        return engine;
    }

    /// <summary>The numbers of those that meet one of the conditions.</summary>
    List<int> Ask(IReadOnlyList<string> conditions, SpanSite[] sites)
    {
        try
        {
            DuckDb.Execute(engine.Value, "DELETE FROM spans__rows");
            using (var appender = engine.Value.CreateAppender("spans__rows"))
                for (var i = 0; i < sites.Length; i++)
                    appender.CreateRow().AppendValue((int?)i).AppendValue(sites[i].Name).AppendValue(sites[i].Target).AppendValue(sites[i].File).AppendValue((int?)sites[i].Line).EndRow();
            foreach (var condition in conditions) PolicyCondition.CreateFunctions(engine.Value, condition);
            using var command = engine.Value.CreateCommand();
            command.CommandText = $"SELECT number FROM spans__rows AS spans WHERE {string.Join(" OR ", conditions.Select(PolicyCondition.IsMet))}";
            using var reader = command.ExecuteReader();
            var numbers = new List<int>();
            while (reader.Read()) numbers.Add(reader.GetInt32(0));
            return numbers;
        }
        catch (DuckDBException cause)
        {
            throw new QueryException($"cannot tell which spans a policy asks for by '{string.Join("' or '", conditions)}': {SqlParser.Explain(cause, null).Message}; `legion lake policy remove` removes it", cause: cause);
        }
    }
}

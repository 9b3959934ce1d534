namespace Legion.Notebook.Grammar;

/// <summary>Which <c>$name</c> a statement binds.</summary>
public static class SqlParameters
{
    /// <summary>
    /// Every name once, in the order of the text. Strings, quoted names and comments bind nothing;
    /// neither do <c>$1</c> and the dollar-quoted strings of DuckDB.
    /// </summary>
    public static IReadOnlyList<string> Names(string sql)
    {
        var names = new List<string>();
        var at = 0;
        while (at < sql.Length)
        {
            var rest = sql.AsSpan(at);
            if (rest[0] is '\'' or '"')
                at = After(sql, at + 1, rest[0].ToString());
            else if (rest.StartsWith("--"))
                at = After(sql, at, "\n");
            else if (rest.StartsWith("/*"))
                at = After(sql, at + 2, "*/");
            else if (rest.StartsWith("$$"))
                at = After(sql, at + 2, "$$");
            else if (rest[0] == '$' && rest.Length > 1 && (char.IsLetter(rest[1]) || rest[1] == '_'))
            {
                var end = at + 1;
                while (end < sql.Length && (char.IsLetterOrDigit(sql[end]) || sql[end] == '_'))
                    end++;
                if (end < sql.Length && sql[end] == '$')
                {
                    var tag = sql[at..(end + 1)];
                    at = After(sql, end + 1, tag);
                    continue;
                }
                var name = sql[(at + 1)..end];
                if (!names.Contains(name))
                    names.Add(name);
                at = end;
            }
            else
                at++;
        }
        return names;
    }

    static int After(string sql, int from, string end)
    {
        var found = sql.IndexOf(end, Math.Min(from, sql.Length), StringComparison.Ordinal);
        return found < 0 ? sql.Length : found + end.Length;
    }
}

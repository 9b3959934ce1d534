using System.Buffers;
using Legion.Lakehouse.Sql;

namespace Legion.Lakehouse.Export;

/// <summary>Rows as text: a line of names, then a line for each row, as RFC 4180 quotes them, but with line feeds.</summary>
public static class CsvRows
{
    static readonly SearchValues<char> NeedsQuotes = SearchValues.Create(",\"\r\n");

    /// <exception cref="QueryException">The engine refuses the query.</exception>
    public static void Write(QueryResult result, TextWriter text, CancellationToken cancellation = default)
    {
        using var rows = result.ReadRows(cancellation);
        text.WriteLine(string.Join(',', rows.Columns.Select(column => Quoted(column.Name))));
        while (rows.Read()) text.WriteLine(string.Join(',', Enumerable.Range(0, rows.Columns.Count).Select(i => Cell(rows[i]))));
    }

    /// <summary>An empty text is quoted, so that it differs from null.</summary>
    static string Cell(object? value) => value is "" ? "\"\"" : Quoted(ResultText.Of(value));

    static string Quoted(string cell) => cell.AsSpan().ContainsAny(NeedsQuotes) ? $"\"{cell.Replace("\"", "\"\"")}\"" : cell;
}

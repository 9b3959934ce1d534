using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.Data.Analysis;

namespace Legion.Kernel.Display;

/// <summary>The first rows of a DataFrame as a table, with how many there are.</summary>
static class DataFrameTable
{
    // What fits on a screen; the frame itself is one line of C# away.
    const int ShownRows = 20;

    // A text of a whole page in one cell of a table hides all others.
    const int ShownCharacters = 200;

    public static string Html(DataFrame frame)
    {
        var html = new StringBuilder("<table class=\"dataframe\"><thead><tr>");
        foreach (var column in frame.Columns)
            html.Append("<th>").Append(WebUtility.HtmlEncode(column.Name)).Append("</th>");
        html.Append("</tr></thead><tbody>");
        for (var row = 0L; row < Math.Min(ShownRows, frame.Rows.Count); row++)
        {
            html.Append("<tr>");
            foreach (var column in frame.Columns)
                html.Append(IsNumber(column) ? "<td style=\"text-align:right\">" : "<td style=\"text-align:left\">")
                    .Append(WebUtility.HtmlEncode(Show(column[row]))).Append("</td>");
            html.Append("</tr>");
        }
        return html.Append("</tbody></table><p>").Append(Size(frame)).Append("</p>").ToString();
    }

    public static string Text(DataFrame frame)
    {
        var shown = (int)Math.Min(ShownRows, frame.Rows.Count);
        var columns = frame.Columns
            .Select(column => (
                column,
                cells: Enumerable.Range(0, shown).Select(row => Show(column[row]).ReplaceLineEndings(" ")).Prepend(column.Name).ToList()))
            .Select(pair => (pair.column, pair.cells, width: pair.cells.Max(cell => cell.Length)))
            .ToList();
        var text = new StringBuilder();
        for (var row = 0; row <= shown; row++)
        {
            var line = columns.Select(pair => IsNumber(pair.column) ? pair.cells[row].PadLeft(pair.width) : pair.cells[row].PadRight(pair.width));
            text.Append(string.Join("  ", line).TrimEnd()).Append('\n');
        }
        return text.Append(Size(frame)).ToString();
    }

    static string Size(DataFrame frame)
    {
        var size = string.Create(CultureInfo.InvariantCulture, $"{frame.Rows.Count:N0} rows, {frame.Columns.Count} columns");
        return frame.Rows.Count > ShownRows ? $"{size}; the first {ShownRows} are shown" : size;
    }

    static bool IsNumber(DataFrameColumn column) =>
        column.DataType.IsPrimitive && column.DataType != typeof(bool) && column.DataType != typeof(char) || column.DataType == typeof(decimal);

    static string Show(object? value)
    {
        var text = value switch
        {
            null => "",
            DateTime time => time.ToString("yyyy-MM-dd HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture),
            _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
        };
        return text.Length > ShownCharacters ? $"{text.AsSpan(0, ShownCharacters)}…" : text;
    }
}

using System.Net;
using System.Text;

namespace Legion.Notebook;

/// <summary>A table that is shown: cells as text, in the order of the columns.</summary>
/// <param name="Note">Below it: how many rows there are, what they cost.</param>
sealed record TableText(IReadOnlyList<TableTextColumn> Columns, IReadOnlyList<string[]> Rows, string Note)
{
    // A text of a whole page in one cell of a table hides all others.
    const int ShownCharacters = 200;

    /// <summary>A CSS colour for the text of a row, by its index; null for the usual one.</summary>
    public Func<int, string?> Color { get; init; } = static _ => null;

    /// <summary>Everything in it is escaped.</summary>
    public string ToHtml()
    {
        var html = new StringBuilder("<table class=\"dataframe\"><thead><tr>");
        foreach (var column in Columns)
            html.Append("<th>").Append(WebUtility.HtmlEncode(column.Name)).Append("</th>");
        html.Append("</tr></thead><tbody>");
        for (var row = 0; row < Rows.Count; row++)
        {
            html.Append("<tr>");
            for (var i = 0; i < Columns.Count; i++)
            {
                html.Append(Columns[i].IsNumber ? "<td style=\"text-align:right" : "<td style=\"text-align:left");
                if (Color(row) is { } color)
                    html.Append(";color:").Append(color);
                html.Append("\">").Append(WebUtility.HtmlEncode(Cut(Rows[row][i]))).Append("</td>");
            }
            html.Append("</tr>");
        }
        return html.Append("</tbody></table><p>").Append(WebUtility.HtmlEncode(Note)).Append("</p>").ToString();
    }

    public override string ToString()
    {
        var cells = Rows.Select(row => row.Select(cell => Cut(cell).ReplaceLineEndings(" ")).ToArray()).Prepend(Columns.Select(column => column.Name).ToArray()).ToList();
        var widths = Columns.Select((_, i) => cells.Max(row => row[i].Length)).ToArray();
        var text = new StringBuilder();
        foreach (var row in cells)
            text.Append(string.Join("  ", row.Select((cell, i) => Columns[i].IsNumber ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]))).TrimEnd()).Append('\n');
        return text.Append(Note).ToString();
    }

    static string Cut(string text) => text.Length > ShownCharacters ? $"{text.AsSpan(0, ShownCharacters)}…" : text;
}

/// <param name="IsNumber">Stands on the right.</param>
readonly record struct TableTextColumn(string Name, bool IsNumber = false);

using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Legion.Notebook;

/// <summary>A table that is shown: cells as text, in the order of the columns.</summary>
/// <param name="Note">Below it: how many rows there are, what they cost.</param>
sealed record TableText(IReadOnlyList<TableTextColumn> Columns, IReadOnlyList<string?[]> Rows, string Note)
{
    // A text of a whole page in one cell of a table hides all others.
    const int ShownCharacters = 200;

    // A live table stands in the notebook's file: enough to look through, and far below what makes the file slow.
    const int MostLiveCharacters = 60_000;

    /// <summary>Rows that are shown where nobody can page: all by default.</summary>
    public int ShownRows { get; init; } = int.MaxValue;

    /// <summary>Rows of the whole, of which these are the first; null: these are all.</summary>
    public long? Total { get; init; }

    /// <summary>Below the live table, which shows all rows; null: the same.</summary>
    public string? LiveNote { get; init; }

    /// <summary>By column, what a live table sorts its rows by; columns without are sorted by their texts.</summary>
    public IReadOnlyDictionary<int, IReadOnlyList<double?>> Keys { get; init; } = new Dictionary<int, IReadOnlyList<double?>>();

    /// <summary>A CSS colour for the text of a row, by its index; null for the usual one.</summary>
    public Func<int, string?> Color { get; init; } = static _ => null;

    /// <summary>Everything in it is escaped.</summary>
    public string ToHtml()
    {
        var html = new StringBuilder("<table class=\"dataframe\"><thead><tr>");
        foreach (var column in Columns)
        {
            html.Append("<th>").Append(WebUtility.HtmlEncode(column.Name));
            if (column.Type.Length > 0)
                html.Append("<br><small>").Append(WebUtility.HtmlEncode(column.Type)).Append("</small>");
            html.Append("</th>");
        }
        html.Append("</tr></thead><tbody>");
        for (var row = 0; row < Math.Min(Rows.Count, ShownRows); row++)
        {
            html.Append("<tr>");
            for (var i = 0; i < Columns.Count; i++)
            {
                html.Append(Columns[i].IsNumber ? "<td style=\"text-align:right" : "<td style=\"text-align:left");
                if (Color(row) is { } color)
                    html.Append(";color:").Append(color);
                html.Append("\">").Append(WebUtility.HtmlEncode(Cut(Rows[row][i] ?? ""))).Append("</td>");
            }
            html.Append("</tr>");
        }
        return html.Append("</tbody></table><p>").Append(WebUtility.HtmlEncode(Note)).Append("</p>").ToString();
    }

    /// <summary>The live form: a table that sorts and pages, of as many of the rows as a notebook should hold.</summary>
    public string ToCell()
    {
        var characters = 0;
        var here = Rows.Select(row => row.Select(cell => cell is null ? null : Cut(cell)).ToArray())
            .TakeWhile(row => (characters += row.Sum(cell => 4 + (cell?.Length ?? 0))) <= MostLiveCharacters).ToList();
        return new JsonObject
        {
            ["module"] = "table",
            ["model"] = new JsonObject
            {
                ["columns"] = new JsonArray([.. Columns.Select(column => new JsonObject { ["name"] = column.Name, ["type"] = column.Type, ["number"] = column.IsNumber })]),
                ["rows"] = new JsonArray([.. here.Select(row => new JsonArray([.. row.Select(cell => (JsonNode?)cell)]))]),
                ["keys"] = new JsonObject(Keys.Select(key => KeyValuePair.Create(key.Key.ToString(System.Globalization.CultureInfo.InvariantCulture),
                    (JsonNode?)new JsonArray([.. key.Value.Take(here.Count).Select(value => value is { } number && double.IsFinite(number) ? (JsonNode?)number : null)])))),
                ["total"] = Total ?? Rows.Count,
            },
            ["note"] = LiveNote ?? Note,
        }.ToJsonString();
    }

    public override string ToString()
    {
        var cells = Rows.Take(ShownRows).Select(row => row.Select(cell => Cut(cell ?? "").ReplaceLineEndings(" ")).ToArray()).Prepend(Columns.Select(column => column.Name).ToArray()).ToList();
        var widths = Columns.Select((_, i) => cells.Max(row => row[i].Length)).ToArray();
        var text = new StringBuilder();
        foreach (var row in cells)
            text.Append(string.Join("  ", row.Select((cell, i) => Columns[i].IsNumber ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]))).TrimEnd()).Append('\n');
        return text.Append(Note).ToString();
    }

    static string Cut(string text) => text.Length > ShownCharacters ? $"{text.AsSpan(0, ShownCharacters)}…" : text;
}

/// <param name="IsNumber">Stands on the right.</param>
/// <param name="Type">Of its values, and their unit, as people read it; empty where nobody needs it.</param>
readonly record struct TableTextColumn(string Name, bool IsNumber = false, string Type = "");

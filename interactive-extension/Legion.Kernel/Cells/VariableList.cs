using System.Collections;
using System.Globalization;
using System.Net;
using System.Text;
using Legion.Kernel.Display;
using Microsoft.CodeAnalysis.Scripting;

namespace Legion.Kernel.Cells;

/// <summary>What <c>#!who</c> and <c>#!whos</c> show of a session's variables.</summary>
static class VariableList
{
    // A line of a table, not the value itself.
    const int MostCharacters = 80;

    public static MimeBundle Names(IEnumerable<ScriptVariable> variables) =>
        MimeBundle.Text(string.Join('\n', Last(variables).Select(variable => variable.Name).DefaultIfEmpty("no variables")));

    public static MimeBundle Table(IEnumerable<ScriptVariable> variables)
    {
        var rows = Last(variables).Select(variable => new[] { variable.Name, CSharpTypeName.Short(variable.Type), Value(variable.Value) }).ToList();
        if (rows.Count == 0)
            return MimeBundle.Text("no variables");
        string[] header = ["name", "type", "value"];
        var widths = Enumerable.Range(0, 2).Select(column => rows.Append(header).Max(row => row[column].Length)).ToList();
        var text = string.Join('\n', rows.Prepend(header).Select(row => $"{row[0].PadRight(widths[0])}  {row[1].PadRight(widths[1])}  {row[2]}".TrimEnd()));
        var html = new StringBuilder("<table><thead><tr>");
        html.AppendJoin("", header.Select(name => $"<th>{name}</th>")).Append("</tr></thead><tbody>");
        foreach (var row in rows)
            html.Append("<tr>").AppendJoin("", row.Select(cell => $"<td style=\"text-align:left\">{WebUtility.HtmlEncode(cell)}</td>")).Append("</tr>");
        return MimeBundle.Text(text).With(MimeBundle.Html, html.Append("</tbody></table>").ToString());
    }

    // A later cell may declare a name again; the variable before it cannot be reached any more.
    static IEnumerable<ScriptVariable> Last(IEnumerable<ScriptVariable> variables) =>
        variables.GroupBy(variable => variable.Name).Select(same => same.Last()).OrderBy(variable => variable.Name, StringComparer.OrdinalIgnoreCase);

    static string Value(object? value)
    {
        string text;
        try
        {
            text = value switch
            {
                null => "null",
                string written => $"\"{written}\"",
                ICollection collection => $"{CSharpTypeName.Short(value.GetType())} of {collection.Count}",
                _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
            };
        }
        catch (Exception e) // ToString is user code; one value that cannot be shown must not hide the others.
        {
            text = $"cannot be shown: {e.GetType().Name}: {e.Message}";
        }
        text = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return text.Length <= MostCharacters ? text : $"{text[..(MostCharacters - 1)]}…";
    }
}

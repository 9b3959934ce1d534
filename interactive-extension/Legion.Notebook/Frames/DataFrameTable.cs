using System.Globalization;
using Microsoft.Data.Analysis;

namespace Legion.Notebook;

/// <summary>The first rows of a DataFrame as a table, with how many there are.</summary>
public static class DataFrameTable
{
    // What fits on a screen; the frame itself is one line of C# away.
    const int ShownRows = 20;

    public static string Html(DataFrame frame) => Of(frame).ToHtml();

    public static string Text(DataFrame frame) => Of(frame).ToString();

    internal static TableText Of(DataFrame frame, string? receipt = null)
    {
        var shown = (int)Math.Min(ShownRows, frame.Rows.Count);
        var rows = Enumerable.Range(0, shown).Select(row => frame.Columns.Select(column => Show(column[row])).ToArray()).ToList();
        return new(frame.Columns.Select(column => new TableTextColumn(column.Name, IsNumber(column))).ToList(), rows, Note(frame, receipt));
    }

    static string Note(DataFrame frame, string? receipt)
    {
        var size = string.Create(CultureInfo.InvariantCulture, $"{frame.Rows.Count:N0} rows, {frame.Columns.Count} columns");
        var note = frame.Rows.Count > ShownRows ? $"{size}; the first {ShownRows} are shown" : size;
        return receipt is null ? note : $"{note}; {receipt}";
    }

    static bool IsNumber(DataFrameColumn column) =>
        column.DataType.IsPrimitive && column.DataType != typeof(bool) && column.DataType != typeof(char) || column.DataType == typeof(decimal);

    static string Show(object? value) => value switch
    {
        null => "",
        DateTime time => time.ToString("yyyy-MM-dd HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };
}

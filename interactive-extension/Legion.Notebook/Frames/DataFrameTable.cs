using System.Globalization;
using Microsoft.Data.Analysis;

namespace Legion.Notebook;

/// <summary>A DataFrame as a table: the first rows, with types and how many there are; where scripts run, one that sorts and pages.</summary>
public static class DataFrameTable
{
    // What fits on a screen; the frame itself is one line of C# away.
    const int ShownRows = 20;

    const double ShownDigitsBelow = 1e7;

    // Of a live table: some screens, of which each column can be looked through.
    internal const int LiveRows = 1000;

    public static string Html(DataFrame frame) => Of(frame).ToHtml();

    public static string Text(DataFrame frame) => Of(frame).ToString();

    /// <summary>The live form, as <c>application/vnd.legion.cell+json</c>.</summary>
    public static string Cell(DataFrame frame) => Of(frame).ToCell();

    internal static TableText Of(DataFrame frame, string? receipt = null)
    {
        var live = (int)Math.Min(LiveRows, frame.Rows.Count);
        var rows = Enumerable.Range(0, live).Select(row => frame.Columns.Select(column => Show(column[row])).ToArray()).ToList();
        return new(frame.Columns.Select(column => new TableTextColumn(column.Name, IsNumber(column), TypeName(column))).ToList(), rows, Note(frame, ShownRows, receipt))
        {
            ShownRows = ShownRows, LiveNote = Note(frame, long.MaxValue, receipt), Total = frame.Rows.Count, Keys = Keys(frame, live),
        };
    }

    /// <summary>What rows are sorted by: numbers and times as numbers.</summary>
    internal static IReadOnlyDictionary<int, IReadOnlyList<double?>> Keys(DataFrame frame, int rows) => frame.Columns
        .Select((column, index) => (Column: column, Index: index)).Where(item => IsNumber(item.Column) || item.Column.DataType == typeof(DateTime))
        .ToDictionary(item => item.Index, item => (IReadOnlyList<double?>)Enumerable.Range(0, rows).Select(row => item.Column[row] switch
        {
            null => (double?)null,
            DateTime time => time.Ticks,
            var number => Convert.ToDouble(number, CultureInfo.InvariantCulture),
        }).ToList());

    static string Note(DataFrame frame, long shown, string? receipt)
    {
        var size = string.Create(CultureInfo.InvariantCulture, $"{frame.Rows.Count:N0} rows, {frame.Columns.Count} columns");
        var note = frame.Rows.Count > shown ? $"{size}; the first {shown} are shown" : size;
        return receipt is null ? note : $"{note}; {receipt}";
    }

    static bool IsNumber(DataFrameColumn column) =>
        column.DataType.IsPrimitive && column.DataType != typeof(bool) && column.DataType != typeof(char) || column.DataType == typeof(decimal);

    /// <summary>As C# writes it.</summary>
    static string TypeName(DataFrameColumn column) => Type.GetTypeCode(column.DataType) switch
    {
        TypeCode.Boolean => "bool",
        TypeCode.SByte => "sbyte",
        TypeCode.Byte => "byte",
        TypeCode.Int16 => "short",
        TypeCode.UInt16 => "ushort",
        TypeCode.Int32 => "int",
        TypeCode.UInt32 => "uint",
        TypeCode.Int64 => "long",
        TypeCode.UInt64 => "ulong",
        TypeCode.Single => "float",
        TypeCode.Double => "double",
        TypeCode.Decimal => "decimal",
        TypeCode.Char => "char",
        TypeCode.String => "string",
        _ => column.DataType.Name,
    };

    static string? Show(object? value) => value switch
    {
        null => null,
        DateTime time => time.ToString("yyyy-MM-dd HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture),
        // What is computed has digits that nobody measured; the frame has them all.
        double number when Math.Abs(number) < ShownDigitsBelow => number.ToString("G7", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };
}

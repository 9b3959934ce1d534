using System.Globalization;
using Microsoft.Data.Analysis;

namespace Legion.Notebook;

/// <summary>How a column of a table is written.</summary>
enum CellKind
{
    Text,

    /// <summary>With separators of thousands.</summary>
    Number,

    /// <summary>A number of nanoseconds, as people write durations.</summary>
    Duration,

    /// <summary>A number of bytes.</summary>
    Bytes,
}

/// <summary>A result that is a table: rows as a DataFrame, and a form for people, with units.</summary>
[TypeFormatterSource(typeof(DisplayFormatters), PreferredMimeTypes = [MimeType.Cell, MimeType.Html, MimeType.Plain])]
public sealed class TableView : IDisplayForms
{
    const int ShownRows = 50;

    readonly IReadOnlyDictionary<string, CellKind> _kinds;
    readonly string _note;

    /// <param name="kinds">By column; those that are missing are written as they are.</param>
    /// <param name="note">Below it.</param>
    internal TableView(DataFrame frame, IReadOnlyDictionary<string, CellKind> kinds, string note)
    {
        Frame = frame;
        _kinds = kinds;
        _note = note;
    }

    /// <summary>All rows, in plain units.</summary>
    public DataFrame Frame { get; }

    public long Count => Frame.Rows.Count;

    public DataFrame ToDataFrame() => Frame;

    public override string ToString() => Table().ToString();

    string? IDisplayForms.Form(string mimeType) => mimeType switch
    {
        MimeType.Cell => Table().ToCell(),
        MimeType.Html => Table().ToHtml(),
        MimeType.Plain => ToString(),
        _ => null,
    };

    TableText Table()
    {
        var (shown, live) = ((int)Math.Min(ShownRows, Count), (int)Math.Min(DataFrameTable.LiveRows, Count));
        var note = Count > shown ? string.Create(CultureInfo.InvariantCulture, $"the first {shown} of {Count:N0} rows, all are in Frame; {_note}") : _note;
        return new(
            Frame.Columns.Select(column => new TableTextColumn(column.Name, KindOf(column) != CellKind.Text)).ToList(),
            Enumerable.Range(0, live).Select(row => Frame.Columns.Select(column => Show(column[row], KindOf(column))).ToArray()).ToList(), note)
        {
            ShownRows = ShownRows, LiveNote = _note, Total = Count, Keys = DataFrameTable.Keys(Frame, live),
        };
    }

    CellKind KindOf(DataFrameColumn column) => _kinds.TryGetValue(column.Name, out var kind) ? kind : column.IsNumericColumn() ? CellKind.Number : CellKind.Text;

    static string? Show(object? value, CellKind kind) => value is null ? null : kind switch
    {
        CellKind.Duration => ShortTime.OfNs(Convert.ToDouble(value, CultureInfo.InvariantCulture)),
        CellKind.Bytes => ReceiptText.Bytes(Convert.ToInt64(value, CultureInfo.InvariantCulture)),
        CellKind.Number when value is double or float or decimal => Convert.ToDouble(value, CultureInfo.InvariantCulture).ToString("G6", CultureInfo.InvariantCulture),
        CellKind.Number => Convert.ToDecimal(value, CultureInfo.InvariantCulture).ToString("N0", CultureInfo.InvariantCulture),
        _ => value is DateTime time ? time.ToString("yyyy-MM-dd HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture) : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };
}

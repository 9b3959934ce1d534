using Legion.Lakehouse.Sql;
using Microsoft.Data.Analysis;

namespace Legion.Notebook;

/// <summary>The rows of an answer, and what it cost.</summary>
[TypeFormatterSource(typeof(DisplayFormatters), PreferredMimeTypes = [MimeType.Cell, MimeType.Html, MimeType.Plain])]
public sealed record SqlAnswer(DataFrame Frame, Receipt Receipt) : IDisplayForms
{
    /// <summary>The limit cut it: there are further rows.</summary>
    public bool HasMore { get; init; }

    public override string ToString() => Table().ToString();

    string? IDisplayForms.Form(string mimeType) => mimeType switch
    {
        MimeType.Cell => Table().ToCell(),
        MimeType.Html => Table().ToHtml(),
        MimeType.Plain => ToString(),
        _ => null,
    };

    TableText Table() => DataFrameTable.Of(Frame, HasMore ? $"there are further rows: raise the limit; {ReceiptText.OfCost(Receipt)}" : ReceiptText.OfCost(Receipt));
}

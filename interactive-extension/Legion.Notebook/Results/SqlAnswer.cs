using Legion.Lakehouse.Sql;
using Microsoft.Data.Analysis;

namespace Legion.Notebook;

/// <summary>The rows of an answer, and what it cost.</summary>
[TypeFormatterSource(typeof(DisplayFormatters), PreferredMimeTypes = [MimeType.Html, MimeType.Plain])]
public sealed record SqlAnswer(DataFrame Frame, Receipt Receipt) : IDisplayForms
{
    public override string ToString() => DataFrameTable.Of(Frame, ReceiptText.OfCost(Receipt)).ToString();

    string? IDisplayForms.Form(string mimeType) => mimeType switch
    {
        MimeType.Html => DataFrameTable.Of(Frame, ReceiptText.OfCost(Receipt)).ToHtml(),
        MimeType.Plain => ToString(),
        _ => null,
    };
}

using System.Globalization;
using Legion.Lakehouse.Sql;

namespace Legion.Notebook;

/// <summary>What a query would build and read.</summary>
[TypeFormatterSource(typeof(DisplayFormatters), PreferredMimeTypes = [MimeType.Html, MimeType.Plain])]
public sealed record PlanView(QueryPlan Plan) : IDisplayForms
{
    public override string ToString() => Table().ToString();

    string? IDisplayForms.Form(string mimeType) => mimeType switch
    {
        MimeType.Html => Table().ToHtml(),
        MimeType.Plain => ToString(),
        _ => null,
    };

    TableText Table()
    {
        var rows = Plan.Views.Select(view => view is { Processes.Count: 0, Files: null }
                ? new[] { view.View, "the catalog", "", "", "", "", "" }
                : [view.View, view.Processes.Count == 0 ? "files of many processes" : $"{view.Processes.Count} processes", Count(view.Slots), Count(view.Missing), ReceiptText.Bytes(view.PartitionBytes), ReceiptText.Bytes(view.BlockBytes), Count(view.EstimatedRows)])
            .Concat(Plan.Blocks.Select(block => new[] { "parse_block", $"block {block.BlockId}", "", "", "", ReceiptText.Bytes(block.Bytes), "" })).ToList();
        var saved = Plan.SavedQueries.Count == 0 ? "" : $"; saved queries: {string.Join(", ", Plan.SavedQueries.Select(query => query.Name))}";
        return new([new("view"), new("of"), new("slots", true), new("to be built", true), new("to be read", true), new("to be decoded", true), new("rows, about", true)], rows, $"nothing was built or read{saved}");
    }

    static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}

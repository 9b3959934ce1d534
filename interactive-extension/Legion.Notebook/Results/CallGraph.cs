using System.Globalization;
using System.Text.Json.Nodes;
using Legion.Lakehouse.Sql;
using Microsoft.Data.Analysis;

namespace Legion.Notebook;

/// <summary>Calls from one name to another.</summary>
/// <param name="Caller">Null: it is a root.</param>
/// <param name="TotalNs">Of the callee's spans; those within another of the same name are not counted again.</param>
public sealed record CallEdge(string? Caller, string Callee, long Count, long TotalNs, long SelfNs);

/// <summary>Who calls whom in a process, those calls of most time first.</summary>
[TypeFormatterSource(typeof(DisplayFormatters), PreferredMimeTypes = [MimeType.Cell, MimeType.Html, MimeType.Plain])]
public sealed class CallGraph : IDisplayForms
{
    const int ShownEdges = 30;

    readonly bool _hasMore;

    internal CallGraph(Guid process, string? root, IReadOnlyList<CallEdge> edges, bool hasMore, Receipt receipt)
    {
        Process = process;
        Root = root;
        Edges = edges;
        _hasMore = hasMore;
        Receipt = receipt;
    }

    public Guid Process { get; }

    /// <summary>The name from which on calls are shown; null: all.</summary>
    public string? Root { get; }

    public IReadOnlyList<CallEdge> Edges { get; }

    /// <summary>Every name once.</summary>
    public IReadOnlyList<string> Names => Edges.SelectMany(edge => edge.Caller is null ? [edge.Callee] : (string[])[edge.Caller, edge.Callee]).Distinct().ToList();

    public Receipt Receipt { get; }

    public DataFrame ToDataFrame() => new(
        new StringDataFrameColumn("caller", Edges.Select(edge => edge.Caller)),
        new StringDataFrameColumn("callee", Edges.Select(edge => edge.Callee)),
        new Int64DataFrameColumn("count", Edges.Select(edge => edge.Count)),
        new Int64DataFrameColumn("total_ns", Edges.Select(edge => edge.TotalNs)),
        new Int64DataFrameColumn("self_ns", Edges.Select(edge => edge.SelfNs)));

    public override string ToString() => Table().ToString();

    string? IDisplayForms.Form(string mimeType) => mimeType switch
    {
        MimeType.Cell => Cell(),
        MimeType.Html => Table().ToHtml(),
        MimeType.Plain => ToString(),
        _ => null,
    };

    string Cell()
    {
        var names = Names.Select((name, index) => (name, index)).ToDictionary(item => item.name, item => item.index);
        return new JsonObject
        {
            ["module"] = "graph",
            ["model"] = new JsonObject
            {
                ["names"] = new JsonArray([.. names.OrderBy(name => name.Value).Select(name => (JsonNode)name.Key)]),
                // Nanoseconds fit into a browser's numbers for a hundred days.
                ["calls"] = new JsonArray([.. Edges.Select(edge => (JsonNode)new JsonArray(edge.Caller is null ? -1 : names[edge.Caller], names[edge.Callee], edge.Count, edge.TotalNs, edge.SelfNs))]),
                ["root"] = Root,
            },
            ["note"] = Note("") + ReceiptText.OfCost(Receipt),
        }.ToJsonString();
    }

    string Note(string shown) => string.Create(CultureInfo.InvariantCulture, $"{Edges.Count:N0} calls between {Names.Count:N0} names{(Root is null ? "" : $", from '{Root}' on")}{shown}{(_hasMore ? "; there are more: raise --top" : "")}; ");

    TableText Table()
    {
        var shown = Edges.Take(ShownEdges).ToList();
        var note = Note(Edges.Count > shown.Count ? $"; the {shown.Count} of most time are shown" : "");
        return new(
            [new("caller"), new("callee"), new("calls", true), new("total", true), new("self", true)],
            shown.Select(edge => new[] { edge.Caller ?? "(root)", edge.Callee, edge.Count.ToString("N0", CultureInfo.InvariantCulture), ShortTime.OfNs(edge.TotalNs), ShortTime.OfNs(edge.SelfNs) }).ToList(),
            note + ReceiptText.OfCost(Receipt));
    }
}

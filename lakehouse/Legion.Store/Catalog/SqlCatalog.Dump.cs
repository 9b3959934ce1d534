using System.Text.RegularExpressions;

namespace Legion.Store;

public abstract partial class SqlCatalog
{
    /// <summary>What a backup leaves out: how the catalog itself is made, and what names files and programs.</summary>
    static readonly string[] NotDumped = ["migrations", "partitions", "global_views", "global_processes", "policy_covers", "claims", "leases"];

    /// <summary>Rows in memory at once, of those that are loaded.</summary>
    const int RowsAtOnce = 500;

    /// <summary>Selects the names of the catalog's tables.</summary>
    private protected abstract string SelectTables { get; }

    public Task DumpAsync(Func<TextWriter> open, CancellationToken cancellation) => ReadAsync(async transaction =>
    {
        await using var dump = open();
        var rows = 0L;
        foreach (var table in await TablesAsync(transaction))
        {
            await transaction.EachAsync($"SELECT * FROM `{table}`", columns => dump.WriteLineAsync(CatalogDump.Line(new CatalogDump.Table(table, columns))), async row =>
            {
                cancellation.ThrowIfCancellationRequested();
                await dump.WriteLineAsync(CatalogDump.Line(row));
                rows++;
            });
        }
        await dump.WriteLineAsync(CatalogDump.Line(new CatalogDump.End(rows)));
        return rows;
    }, cancellation);

    public virtual Task LoadAsync(Func<TextReader> open, CancellationToken cancellation) => WriteAsync(async transaction =>
    {
        using var dump = open();
        var tables = (await TablesAsync(transaction)).ToHashSet();
        var (table, some, rows, end) = (new CatalogDump.Table("", []), new List<object[]>(), 0L, default(CatalogDump.End));
        while (dump.ReadLine() is { } line)
        {
            switch (CatalogDump.Read(line))
            {
                case CatalogDump.Table next:
                    await InsertAsync();
                    if (!tables.Contains(next.Name) || !next.Columns.All(PlainName().IsMatch))
                        throw new InvalidDataException($"cannot load table '{next.Name}' of the catalog's dump: this catalog has none of that name; use the program that wrote it, or a newer one");
                    table = next;
                    break;
                case object[] row when row.Length == table.Columns.Length:
                    some.Add(row);
                    rows++;
                    if (some.Count == RowsAtOnce) await InsertAsync();
                    break;
                case CatalogDump.End last:
                    end = last;
                    break;
                default:
                    throw new InvalidDataException($"cannot load a row of table '{table.Name}': expected {table.Columns.Length} values");
            }
        }
        await InsertAsync();
        if (end?.Rows != rows) throw new InvalidDataException($"cannot load the catalog's dump: expected {end?.Rows.ToString() ?? "an end"}, saw {rows} rows");
        return rows;

        async Task InsertAsync()
        {
            if (some.Count > 0) await transaction.InsertAsync($"`{table.Name}`", [.. table.Columns.Select(column => $"`{column}`")], some);
            some.Clear();
        }
    }, cancellation);

    async Task<IReadOnlyList<string>> TablesAsync(CatalogTransaction transaction) =>
        [.. (await transaction.ReadAsync(SelectTables, new { }, row => row.GetString(0))).Except(NotDumped).Order(StringComparer.Ordinal)];

    [GeneratedRegex("^[a-z_]+$")]
    private static partial Regex PlainName();
}

using DuckDB.NET.Data;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Lakehouse;

/// <summary>All rows of a process in all views that are built from blocks, as text by the view's name: those that SQL shows, and those that tiles and selections are made from.</summary>
sealed class ViewContents
{
    readonly SortedDictionary<string, string> rows = new(StringComparer.Ordinal);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public IReadOnlyDictionary<string, string> Rows => rows;

    /// <summary>Names of the views that SQL shows, but that which has nothing without a policy.</summary>
    public static IEnumerable<string> Shown => Views.All.Where(view => view.Source != ViewSource.Catalog && view != Views.SpanRollups).Select(view => view.Name).Append("events.Turn");

    /// <param name="of">Who is asked; null: the test lake's own.</param>
    public static async Task<ViewContents> ReadAsync(TestLake lake, Guid processId, Lake? of = null)
    {
        var contents = new ViewContents();
        foreach (var name in Shown) contents.rows.Add(name, await ReadAsync(lake, processId, name, of));
        foreach (var (slots, tops, merge) in ((View, View, NodeMerger)[])
            [
                (Views.SpanLevels, Views.SpanTops, SpanLevelRows.MergeAsync),
                (Views.SpanStats, Views.StatTops, StatisticsRows.MergeAsync),
                (Views.AsyncLevels, Views.AsyncTops, AsyncLevel.MergeAsync),
                (Views.MeasureLevels, Views.MeasureTops, StepLevel<MeasureItem>.MergeAsync),
                (Views.LogLevels, Views.LogTops, StepLevel<LogItem>.MergeAsync),
            ])
            await contents.AddTreeAsync(lake, processId, of ?? lake.Lake, slots, tops, merge);
        return contents;
    }

    public static Task<string> ReadAsync(TestLake lake, Guid processId, string view, Lake? of = null) => lake.CsvAsync(
        $"SELECT CAST(COLUMNS(*) AS VARCHAR) FROM {view} WHERE process_id = $process ORDER BY ALL",
        new QueryOptions { Parameters = new Dictionary<string, object?> { ["process"] = processId } }, of);

    /// <summary>Holds that the rows are the same, and says which view has others.</summary>
    public void AssertEqual(ViewContents others, string where)
    {
        Assert.Equal(rows.Keys, others.rows.Keys);
        foreach (var (view, text) in rows)
        {
            var (expected, saw) = (text.Split('\n'), others.rows[view].Split('\n'));
            string First(string[] some, string[] without) => some.Except(without).FirstOrDefault("nothing else");
            Assert.True(text == others.rows[view], $"{where}: {view} has other rows: of {expected.Length} lines saw {saw.Length}; expected, first, {First(expected, saw)}; saw {First(saw, expected)}");
        }
    }

    /// <summary>Every piece of a tree over slots, leaves included, with its rows.</summary>
    async Task AddTreeAsync(TestLake lake, Guid processId, Lake asked, View slots, View tops, NodeMerger merge)
    {
        var snapshot = Assert.Single(await ProcessSnapshot.ReadAsync(lake.Store.Catalog, Tenant.Default, [processId], Cancellation));
        var root = await new SlotTree(lake.Store, asked.Materializer, slots, tops, merge).ReadAsync(snapshot, progress: null, Cancellation);
        using var connection = new DuckDBConnection("Data Source=:memory:");
        connection.Open();
        var text = new List<string>();
        await AddAsync(root);
        text.Sort(StringComparer.Ordinal);
        rows.Add($"{slots.Name} and {tops.Name}", string.Join('\n', text));

        async Task AddAsync(SlotTreeNode? node)
        {
            if (node is null) return;
            using var command = connection.CreateCommand();
            command.CommandText = $"SELECT rows::VARCHAR FROM read_parquet('{await lake.Store.Objects.LocalFileAsync(node.Partition.Path, Cancellation)}', hive_partitioning = false) AS rows";
            using (var reader = command.ExecuteReader())
                while (reader.Read()) text.Add($"{node.Partition.View} {node.Partition.Slot}: {reader.GetString(0)}");
            foreach (var child in node.Children) await AddAsync(child);
        }
    }
}

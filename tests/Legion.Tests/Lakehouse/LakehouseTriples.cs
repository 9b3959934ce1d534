using Legion.Lakehouse.Sql;
using Legion.Tests.Format;
using Legion.Tests.Support;

namespace Legion.Tests.Lakehouse;

/// <summary>
/// Events, SQL, CSV: each folder of <c>tests/data/lakehouse</c> is one or more cases. <c>events.txt</c> is a script
/// (<see cref="EventScript"/>), each <c>NAME.sql</c> a query in which <c>$process</c> is the script's process, and
/// <c>NAME.csv</c> its answer: the same on the first query, after late blocks, again from what was built, and after
/// all partitions were deleted.
/// </summary>
public sealed class LakehouseTriples
{
    static readonly string Folder = Path.Combine(RepositoryTree.Root, "tests", "data", "lakehouse");

    public static TheoryData<string> Cases() =>
        [.. Directory.EnumerateFiles(Folder, "*.sql", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Folder, file)[..^".sql".Length]).Order()];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Answers(string name)
    {
        var file = Path.Combine(Folder, name);
        var script = EventScript.Parse(await File.ReadAllTextAsync(Path.Combine(Path.GetDirectoryName(file)!, "events.txt"), TestContext.Current.CancellationToken));
        var sql = await File.ReadAllTextAsync(file + ".sql", TestContext.Current.CancellationToken);
        var expected = File.Exists(file + ".csv") ? await File.ReadAllTextAsync(file + ".csv", TestContext.Current.CancellationToken) : "";
        var options = new QueryOptions { Parameters = new Dictionary<string, object?> { ["process"] = script.ProcessId } };

        using var lake = new TestLake();
        await script.DeliverAsync(lake, beforeLate: () => lake.CsvAsync(sql, options));
        var first = await lake.CsvAsync(sql, options);
        if (first != expected) await File.WriteAllTextAsync(file + ".actual", first, TestContext.Current.CancellationToken);
        Assert.Equal(expected, first);
        Assert.Equal(expected, await lake.CsvAsync(sql, options));
        await lake.DropPartitionsAsync();
        Assert.Equal(expected, await lake.CsvAsync(sql, options));
    }
}

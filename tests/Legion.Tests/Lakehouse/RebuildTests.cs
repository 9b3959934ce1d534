using Legion.Lakehouse;
using Legion.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Lakehouse;

/// <summary>Invariant 1 of the architecture: raw blocks are the truth. Every view, those that SQL does not show included, is made again from them alone.</summary>
public sealed class RebuildTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deleting_every_partition_and_every_file_of_views_loses_nothing()
    {
        using var lake = new TestLake();
        var scripts = Enumerable.Range(1, 3).Select(seed => EventScript.Parse(RandomEvents.Of(new Random(seed), 60))).ToArray();
        foreach (var script in scripts)
        {
            var batch = script.Records();
            foreach (var block in script.Blocks) batch.AddBlock(block.Bytes);
            await lake.AppendAsync(batch);
        }
        foreach (var damaged in scripts[0].Blocks.Where((_, index) => index % 20 == 3)) await lake.DamageAsync(damaged.Id);
        await lake.Lake.AddPolicyAsync("all", "", "", "test", Cancellation);
        var before = new List<ViewContents>();
        foreach (var script in scripts) before.Add(await ViewContents.ReadAsync(lake, script.ProcessId));
        var ofAll = await OfAllAsync(lake);
        Assert.All(ViewContents.Shown, view => Assert.Contains(before, contents => contents.Rows[view].Count(letter => letter == '\n') > 1));
        Assert.All(Views.Materialized, view => Assert.Contains(Partitions(lake), partition => partition.View == view.Name && partition.Rows > 0));

        await lake.Store.Catalog.DropPartitionsAsync(Tenant.Default, null, null, Cancellation);
        Assert.Empty(Partitions(lake));
        Directory.Delete(Path.Combine(lake.Folder, StoreNames.ViewsPrefix), recursive: true);

        for (var i = 0; i < scripts.Length; i++) before[i].AssertEqual(await ViewContents.ReadAsync(lake, scripts[i].ProcessId), $"after all was built again, process {i}");
        Assert.Equal(ofAll, await OfAllAsync(lake));

        // Files that go without anybody's telling the catalog, too.
        Directory.Delete(Path.Combine(lake.Folder, StoreNames.ViewsPrefix), recursive: true);
        for (var i = 0; i < scripts.Length; i++) before[i].AssertEqual(await ViewContents.ReadAsync(lake, scripts[i].ProcessId), $"after all files went, process {i}");
        Assert.Equal(ofAll, await OfAllAsync(lake));
    }

    /// <summary>Rows of all processes, once their files are built, and what sums them up.</summary>
    static async Task<string[]> OfAllAsync(TestLake lake)
    {
        await new GlobalBuild(lake.Store, Tenant.Default, TimeProvider.System).RunAsync(Cancellation);
        var rows = new List<string>();
        foreach (var view in GlobalView.All)
        {
            if (!view.IsByPolicy) rows.Add(await lake.CsvAsync($"SELECT CAST(COLUMNS(*) AS VARCHAR) FROM {view.Rows.Name} ORDER BY ALL"));
            rows.Add(await lake.CsvAsync($"SELECT step, time_ns, process_id, sum(count) AS count FROM {view.Rollups.Name} WHERE step <> 'second' GROUP BY ALL ORDER BY ALL"));
        }
        return [.. rows];
    }

    static IReadOnlyList<PartitionRow> Partitions(TestLake lake) => lake.Store.Catalog.ReadPartitionsAsync(Tenant.Default, null, null, Cancellation).GetAwaiter().GetResult();
}

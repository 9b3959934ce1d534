using DuckDB.NET.Data;
using Legion.Lakehouse;
using Legion.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Lakehouse;

/// <summary>What other engines are told to read is what is current, at any time, and means what the views show.</summary>
public sealed class ManifestTests : IDisposable
{
    readonly TestLake lake = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> BlockViews => [.. Views.All.Where(view => view.Source == ViewSource.Blocks).Select(view => view.Name)];

    [Fact]
    public async Task The_files_that_are_named_are_the_current_ones_after_rebuilds_and_erasure()
    {
        var script = EventScript.Parse("""
            main begin 1000 outer
            main end 20000
            main cut
            main begin 30000 late
            main end 40000
            main cut late
            main begin 50000 last
            main end 7200000000000
            """);
        var manifests = new PublishedManifests(lake.Store, Tenant.Default);
        await script.DeliverAsync(lake, beforeLate: async () =>
        {
            await BuildAsync();
            Assert.Empty(await NamedAsync()); // nobody asked for them yet
            await manifests.PublishAsync("spans", Views.Spans.SchemaVersion, Cancellation);
            Assert.Equal(await CurrentAsync(), await NamedAsync());
        });
        var before = await NamedAsync();

        await BuildAsync();
        Assert.NotEqual(before, await NamedAsync());
        Assert.Equal(await CurrentAsync(), await NamedAsync());
        Assert.All(await NamedAsync(), uri => Assert.True(File.Exists(new Uri(uri).LocalPath)));

        var erasure = new LakeErasure(lake.Store, Tenant.Default, TimeProvider.System);
        await erasure.RunAsync(await erasure.BeginAsync(script.ProcessId, Cancellation), null, Cancellation);
        Assert.Empty(await NamedAsync());
        Assert.Empty(await CurrentAsync());

        Task BuildAsync() => lake.Lake.MaterializeAsync("spans", script.ProcessId, cancellation: Cancellation);
    }

    [Theory]
    [MemberData(nameof(BlockViews))]
    public async Task A_definition_shows_the_views_columns_over_its_files(string name)
    {
        var script = EventScript.Parse("""
            main begin 1000 outer key=value
            main begin 2000 inner
            main end 5000
            main end 20000
            main async 6000 7 request
            main async 6500 8 never
            worker await 9000 7
            main marker 7000 here
            main flow 7500 5 step
            log 1500 warn main "hello {x}" 5
            metric 1600 worker load percent 12.5
            frame 10 20 main frames 0
            """);
        await script.DeliverAsync(lake, beforeLate: () => Task.CompletedTask);
        var view = Views.Find(name)!;
        await lake.Lake.MaterializeAsync(name, script.ProcessId, cancellation: Cancellation);
        await new PublishedManifests(lake.Store, Tenant.Default).PublishAsync(name, view.SchemaVersion, Cancellation);
        var definition = new TableDefinition(view, lake.Store.Location, Tenant.Default);

        var files = await NamedAsync(view);
        foreach (var engine in (string[])[TableDefinition.Athena, TableDefinition.Trino, TableDefinition.Spark])
        {
            var ddl = definition.Of(engine);
            Assert.Contains($"LOCATION '{new Uri(lake.Folder).AbsoluteUri}/manifests/{name}/v={view.SchemaVersion}/tenant=default/'", ddl, StringComparison.Ordinal);
            Assert.EndsWith($"{definition.Select(name + "_files")};\n", ddl, StringComparison.Ordinal);
            foreach (var column in view.Stored.Where(column => column.Name != "process_id")) Assert.Contains($"  `{column.Name}` ", ddl, StringComparison.Ordinal);
        }
        if (files.Count == 0) return; // nothing of it happened
        var expected = (await lake.CsvAsync($"SELECT {string.Join(", ", view.Columns.Select(column => column.Name))} FROM {name} WHERE process_id = '{script.ProcessId}' ORDER BY ALL"));
        var source = $"read_parquet([{string.Join(", ", files.Select(file => $"'{new Uri(file).LocalPath}'"))}], union_by_name = true, hive_partitioning = false)";
        Assert.Equal(expected, Csv($"SELECT * FROM ({definition.Select("files")}) ORDER BY ALL", $"CREATE TABLE files AS SELECT * FROM {source}"));
    }

    public void Dispose() => lake.Dispose();

    async Task<List<string>> NamedAsync(View? view = null)
    {
        var named = new List<string>();
        await foreach (var manifest in lake.Store.Objects.ListAsync(StoreNames.ManifestsPrefix((view ?? Views.Spans).Name, (view ?? Views.Spans).SchemaVersion, Tenant.Default), Cancellation))
            named.AddRange(await File.ReadAllLinesAsync(await lake.Store.Objects.LocalFileAsync(manifest.Key, Cancellation), Cancellation));
        named.Sort(StringComparer.Ordinal);
        return named;
    }

    async Task<List<string>> CurrentAsync() => [.. (await lake.Store.Catalog.ReadPartitionsAsync(Tenant.Default, "spans", null, Cancellation))
        .Where(partition => partition.Path.Length > 0).Select(partition => new Uri(Path.Combine(lake.Folder, partition.Path)).AbsoluteUri).Order(StringComparer.Ordinal)];

    static string Csv(string sql, string before)
    {
        using var connection = new DuckDBConnection("Data Source=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = before;
        command.ExecuteNonQuery();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var lines = new List<string> { string.Join(',', Enumerable.Range(0, reader.FieldCount).Select(reader.GetName)) };
        while (reader.Read()) lines.Add(string.Join(',', Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? "" : Convert.ToString(reader.GetValue(i), System.Globalization.CultureInfo.InvariantCulture))));
        return string.Join('\n', lines) + "\n";
    }
}

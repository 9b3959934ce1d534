using Dapper;
using Legion.Lakehouse;
using Legion.Store;
using Legion.Tests.Support;
using Microsoft.Data.Sqlite;

namespace Legion.Tests.Lakehouse;

/// <summary>Partitions of schema versions that were replaced, and of views that there are no more, go with their files and with what other engines are told of them.</summary>
public sealed class PartitionRetirementTests : IDisposable
{
    static readonly TimeSpan grace = new SweepOptions().Grace;

    readonly TestLake lake = new();
    readonly ManualClock clock = new();
    readonly Lake asked;
    readonly EventScript script = EventScript.Parse("""
        main begin 1000 outer
        main end 20000
        main cut
        main begin 7200000000000 later
        main end 7200000000001
        log 1000 info main "hello"
        """);

    public PartitionRetirementTests() => asked = new Lake(lake.Store, time: clock);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    string SpansOfProcess => $"SELECT name FROM spans WHERE process_id = '{script.ProcessId}' ORDER BY name";

    [Fact]
    public async Task A_replaced_version_goes_after_a_week_and_its_files_after_the_grace()
    {
        await BuildAsync();
        var (spans, logs) = (await FilesAsync("spans"), await FilesAsync("log_entries"));
        Assert.Equal((2, 1), (spans.Length, logs.Length));

        clock.Advance(PartitionRetirement.Unused);
        Assert.Equal(default, await RetireAsync(SpansReplaced));
        clock.Advance(TimeSpan.FromSeconds(1));
        var bytes = (await PartitionsAsync("spans")).Sum(row => row.Bytes);
        Assert.Equal(new RetirementTotals(2, bytes, 0), await RetireAsync(SpansReplaced, dryRun: true));
        Assert.Equal(2, (await FilesAsync("spans")).Length);
        Assert.Equal(new RetirementTotals(2, bytes, 0), await RetireAsync(SpansReplaced));
        Assert.All(await PartitionsAsync("spans"), row => Assert.Equal("", row.Path));

        // A program of the older version may read them now.
        clock.Advance(grace - TimeSpan.FromSeconds(1));
        Assert.Equal(0, (await SweepAsync()).ViewFiles);
        Assert.Equal(spans, await FilesAsync("spans"));
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(2, (await SweepAsync()).ViewFiles);
        Assert.Empty(await FilesAsync("spans"));
        Assert.Equal(logs, await FilesAsync("log_entries"));

        clock.Advance(PartitionRetirement.Unused);
        Assert.Equal(default, await RetireAsync(SpansReplaced));
        Assert.Empty(await PartitionsAsync("spans"));
        Assert.Single(await PartitionsAsync("log_entries"));
    }

    [Fact]
    public async Task Whoever_still_reads_a_retired_version_builds_it_again()
    {
        await BuildAsync();
        clock.Advance(PartitionRetirement.Unused + TimeSpan.FromSeconds(1));
        await RetireAsync(SpansReplaced);
        Assert.Equal("name\nlater\nouter\n", await lake.CsvAsync(SpansOfProcess, of: asked));
        Assert.All(await PartitionsAsync("spans"), row => Assert.Equal(3, row.Generation));
    }

    [Fact]
    public async Task A_newer_programs_versions_stay()
    {
        await BuildAsync();
        clock.Advance(PartitionRetirement.Unused * 10);
        Assert.Equal(default, await RetireAsync(view => Views.VersionOf(view) - 1));
        Assert.Equal(default, await new PartitionRetirement(lake.Store, clock).RunAsync(dryRun: false, Cancellation));
    }

    [Fact]
    public async Task A_view_that_there_is_no_more_goes_with_what_is_told_of_it()
    {
        await BuildAsync();
        var manifests = new PublishedManifests(lake.Store, Tenant.Default);
        Assert.Equal(2, await manifests.PublishAsync("spans", Views.Spans.SchemaVersion, Cancellation));
        Assert.Equal(1, await manifests.PublishAsync("log_entries", Views.LogEntries.SchemaVersion, Cancellation));
        clock.Advance(PartitionRetirement.Unused + TimeSpan.FromSeconds(1));
        Assert.Equal((2, 1), await RetireAsync(view => view == "spans" ? null : Views.VersionOf(view)) is var retired ? (retired.Partitions, retired.Manifests) : default);
        Assert.False(await manifests.IsPublishedAsync("spans", Cancellation));
        Assert.Empty(await KeysAsync("manifests/spans/"));
        Assert.True(await manifests.IsPublishedAsync("log_entries", Cancellation));
        Assert.Equal(2, (await KeysAsync("manifests/log_entries/")).Length);
    }

    /// <summary>A schema version is raised: what is asked for is built anew at once, and what is told of the older version is what is left of it.</summary>
    [Fact]
    public async Task What_is_built_anew_leaves_the_older_versions_manifest()
    {
        await BuildAsync();
        using (var catalog = new SqliteConnection($"Data Source={Path.Combine(lake.Folder, StoreNames.CatalogFile)}")) // as if an older program had built it
            await catalog.ExecuteAsync("UPDATE partitions SET schema_version = schema_version - 1");
        var (older, newer) = (Views.Spans.SchemaVersion - 1, Views.Spans.SchemaVersion);
        var manifests = new PublishedManifests(lake.Store, Tenant.Default);
        Assert.Equal(2, await manifests.PublishAsync("spans", older, Cancellation));
        Assert.NotEmpty(await KeysAsync(StoreNames.ManifestsPrefix("spans", older, Tenant.Default)));

        Assert.Equal("name\nlater\nouter\n", await lake.CsvAsync(SpansOfProcess, of: asked));
        Assert.All(await PartitionsAsync("spans"), row => Assert.Equal((newer, 2), (row.SchemaVersion, row.Generation)));
        Assert.Empty(await KeysAsync(StoreNames.ManifestsPrefix("spans", older, Tenant.Default)));
        Assert.NotEmpty(await KeysAsync(StoreNames.ManifestsPrefix("spans", newer, Tenant.Default)));

        // The files of the generation before go after the grace, but those that a query holds, which go after its lease.
        var held = (await FilesAsync("spans")).Except((await PartitionsAsync("spans")).Select(row => row.Path)).First();
        await lake.Store.Catalog.LeaseAsync(Tenant.Default, "query", [held], NowNs + (long)(grace * 3).TotalNanoseconds, Cancellation);
        clock.Advance(grace * 2);
        Assert.Equal(1, (await SweepAsync()).ViewFiles);
        Assert.Contains(held, await FilesAsync("spans"));
        clock.Advance(grace * 2);
        Assert.Equal(1, (await SweepAsync()).ViewFiles);
        Assert.Equal((await PartitionsAsync("spans")).Select(row => row.Path).Order(StringComparer.Ordinal), await FilesAsync("spans"));
    }

    /// <summary>What is not listed would be retired.</summary>
    [Fact]
    public void Every_view_with_partitions_is_known()
    {
        var views = typeof(Views).GetProperties(System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.NonPublic)
            .Where(property => property.PropertyType == typeof(View)).Select(property => (View)property.GetValue(null)!).Append(Views.Events("Frame")).ToArray();
        Assert.Contains(Views.SpanTops, views);
        foreach (var view in views) Assert.Equal(view.Source is ViewSource.Catalog or ViewSource.Derived ? null : view.SchemaVersion, Views.VersionOf(view.Name));
    }

    public void Dispose() => lake.Dispose();

    long NowNs => (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;

    static int? SpansReplaced(string view) => Views.VersionOf(view) + (view == "spans" ? 1 : 0);

    async Task BuildAsync()
    {
        await script.DeliverAsync(lake, beforeLate: () => Task.CompletedTask);
        await asked.MaterializeAsync("spans", script.ProcessId, cancellation: Cancellation);
        await asked.MaterializeAsync("log_entries", script.ProcessId, cancellation: Cancellation);
    }

    Task<RetirementTotals> RetireAsync(Func<string, int?> versionOf, bool dryRun = false) => new PartitionRetirement(lake.Store, clock, versionOf).RunAsync(dryRun, Cancellation);

    Task<SweepTotals> SweepAsync() => new LakeSweep(lake.Store, clock).RunAsync(new SweepOptions(), null, Cancellation);

    Task<IReadOnlyList<PartitionRow>> PartitionsAsync(string view) => lake.Store.Catalog.ReadPartitionsAsync(Tenant.Default, view, null, Cancellation);

    Task<string[]> FilesAsync(string view) => KeysAsync($"{StoreNames.ViewsPrefix}{view}/");

    async Task<string[]> KeysAsync(string prefix)
    {
        var keys = new List<string>();
        await foreach (var stored in lake.Store.Objects.ListAsync(prefix, Cancellation)) keys.Add(stored.Key);
        return [.. keys.Order(StringComparer.Ordinal)];
    }
}

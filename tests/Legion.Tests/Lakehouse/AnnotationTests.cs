using Legion.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Lakehouse;

/// <summary>Notes of people are rows beside what they are about.</summary>
public sealed class AnnotationTests
{
    [Fact]
    public async Task ANoteIsJoinedToTheSpansItIsAbout()
    {
        using var lake = new TestLake();
        var script = EventScript.Parse("""
            main begin 1000 outer
            main begin 2000 stall
            main end 5000
            main end 20000
            """);
        await script.DeliverAsync(lake, () => Task.CompletedTask);
        var process = Assert.Single(await lake.Store.Catalog.ReadProcessesAsync(Tenant.Default, null, TestContext.Current.CancellationToken));
        var startNs = long.Parse((await lake.CsvAsync($"SELECT min(begin_ns) FROM spans WHERE process_id = '{process.ProcessId}'")).Split('\n')[1], System.Globalization.CultureInfo.InvariantCulture);
        Assert.True(await lake.Store.Catalog.AnnotateAsync(Tenant.Default,
            new AnnotationRow(Guid.NewGuid(), process.ProcessId, startNs, startNs + 10_000, null, "stall", "why is it so long?", startNs, "ann"), TestContext.Current.CancellationToken));
        Assert.Equal("name,duration_ns,note,created_by\nstall,3000,why is it so long?,ann\n", await lake.CsvAsync($"""
            SELECT s.name, s.duration_ns, a.note, a.created_by
            FROM annotations a JOIN spans s ON s.process_id = a.process_id AND s.begin_ns < a.end_ns AND s.end_ns > a.begin_ns AND (a.name IS NULL OR a.name = s.name)
            WHERE s.process_id = '{process.ProcessId}' AND a.begin_time = make_timestamp_ns(a.begin_ns)
            """));
    }
}

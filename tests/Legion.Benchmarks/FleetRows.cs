using System.Diagnostics;
using Legion.Lakehouse.Sql;
using Legion.Store;

namespace Legion.Benchmarks;

/// <summary>What a question about all of a fleet costs: the 99th percentile of frame times by build, from files of many processes and what sums them up.</summary>
static class FleetRows
{
    const string Bench = "query";
    const int Processes = 10_000, FramesOfEach = 600, Builds = 20, Runs = 9;

    const string PercentileByBuild = """
        SELECT build, percentile(bins, counts, 0.99) AS p99 FROM (
            SELECT build, list(bin) AS bins, list(frames) AS counts FROM (
                SELECT build, bin, sum(n) AS frames FROM (
                    SELECT property(p.properties, 'build') AS build, unnest(bins) AS bin, unnest(counts) AS n
                    FROM frame_rollups AS f JOIN processes AS p ON f.process_id = p.process_id WHERE step = 'day')
                GROUP BY ALL)
            GROUP BY build)
        GROUP BY build ORDER BY build
        """;

    static readonly (string Name, string Sql, double Target)[] Questions =
    [
        ("fleet-p99-by-build", PercentileByBuild, 1000),
        ("fleet-frames-by-minute", "SELECT time_ns, sum(count), max(max_ns) FROM frame_rollups WHERE step = 'minute' GROUP BY time_ns ORDER BY time_ns", 1000),
        ("fleet-longest-frames", "SELECT process_id, duration_ns FROM frames ORDER BY duration_ns DESC LIMIT 100", 0),
    ];

    public static async Task<IReadOnlyList<BenchmarkRow>> RunAsync()
    {
        using var fleet = new FleetLake(Processes, FramesOfEach, Builds);
        var watch = Stopwatch.StartNew();
        await fleet.Lake.MaterializeGlobalAsync("frames");
        var rows = new List<BenchmarkRow> { BenchmarkRow.Of(Bench, "fleet-build-frames-per-second", "frames", [fleet.Frames / watch.Elapsed.TotalSeconds]) };
        var files = await fleet.Store.Catalog.ReadPartitionsAsync(Tenant.Default, null, [Guid.Empty], default);
        rows.Add(BenchmarkRow.Of(Bench, "fleet-files-of-a-day", "files", [files.Count / 2.0], Aim.AtMost, GlobalSlot.FilesPerDay));
        rows.Add(BenchmarkRow.Of(Bench, "fleet-bytes-per-frame", "bytes", [files.Where(file => file.View != "frame_rollups").Sum(file => file.Bytes) / (double)fleet.Frames]));
        rows.Add(BenchmarkRow.Of(Bench, "fleet-rollups-over-frames", "ratio", [files.Where(file => file.View == "frame_rollups").Sum(file => file.Bytes) / (double)files.Where(file => file.View != "frame_rollups").Sum(file => file.Bytes)]));
        foreach (var (name, sql, target) in Questions)
        {
            var milliseconds = new double[Runs];
            for (var run = -2; run < Runs; run++)
            {
                watch.Restart();
                using var result = await fleet.Lake.QueryAsync(sql, new QueryOptions());
                using (var answer = result.ReadRows())
                    while (answer.Read()) { }
                milliseconds[Math.Max(run, 0)] = watch.Elapsed.TotalMilliseconds;
            }
            rows.Add(BenchmarkRow.Of(Bench, name, "ms", milliseconds, target > 0 ? Aim.AtMost : Aim.None, target));
        }
        return rows;
    }
}

using System.Diagnostics;
using Legion.Lakehouse.Sql;

namespace Legion.Benchmarks;

/// <summary>What a question costs once its partitions are there: from the SQL to the last row, against the engine's scan alone.</summary>
static class QuerySuite
{
    const string Bench = "query";
    const int Runs = 15;

    static readonly (string Name, string Sql)[] Questions =
    [
        ("count", "SELECT count(*) FROM spans WHERE process_id = $process"),
        ("group-by-name", "SELECT name, count(*), sum(duration_ns), sum(self_ns), quantile_cont(duration_ns, 0.99) FROM spans WHERE process_id = $process GROUP BY name ORDER BY 3 DESC"),
        ("longest-100", "SELECT name, begin_ns, duration_ns FROM spans WHERE process_id = $process ORDER BY duration_ns DESC LIMIT 100"),
        ("one-millisecond", "SELECT name, depth FROM spans WHERE process_id = $process AND begin_time BETWEEN TIMESTAMP '2026-01-01 00:00:01' AND TIMESTAMP '2026-01-01 00:00:01.001'"),
    ];

    public static IEnumerable<BenchmarkRow> Run(BenchmarkSize size) => RunAsync(size).GetAwaiter().GetResult();

    static async Task<IReadOnlyList<BenchmarkRow>> RunAsync(BenchmarkSize size)
    {
        var spans = Math.Min(size.Spans, 1_000_000);
        using var lake = new GeneratedLake(spans);
        await lake.Lake.MaterializeAsync("spans", lake.ProcessId);
        var options = new QueryOptions { Parameters = new Dictionary<string, object?> { ["process"] = lake.ProcessId } };
        var rows = new List<BenchmarkRow>();
        foreach (var (name, sql) in Questions)
        {
            double[] milliseconds = new double[Runs], overScan = new double[Runs];
            for (var run = -3; run < Runs; run++)
            {
                var at = Math.Max(run, 0);
                var watch = Stopwatch.StartNew();
                using var result = await lake.Lake.QueryAsync(sql, options);
                using (var answer = result.ReadRows())
                    while (answer.Read()) { }
                milliseconds[at] = watch.Elapsed.TotalMilliseconds;
                overScan[at] = milliseconds[at] / result.Receipt.Scan.TotalMilliseconds;
            }
            rows.Add(BenchmarkRow.Of(Bench, name, "ms", milliseconds));
            rows.Add(BenchmarkRow.Of(Bench, name + "-over-scan", "ratio", overScan));
        }
        rows.AddRange(await FleetRows.RunAsync());
        rows.Add(BenchmarkRow.Of(Bench, "peak-memory", "MiB", [Process.GetCurrentProcess().PeakWorkingSet64 / (1024.0 * 1024)], Aim.AtMost, 2048));
        return [.. rows, .. await LargeQueries.RunAsync(), .. await SideBySide.RunAsync(size.Spans)];
    }
}

using System.Diagnostics;
using Legion.Lakehouse;
using Legion.Store;

namespace Legion.Benchmarks;

/// <summary>What turning blocks into partitions costs, against writing the same rows as Parquet and nothing else.</summary>
static class LakehouseSuite
{
    const string Bench = "lakehouse";
    const int Runs = 5;

    public static IEnumerable<BenchmarkRow> Run(BenchmarkSize size) => RunAsync(size).GetAwaiter().GetResult();

    static async Task<IReadOnlyList<BenchmarkRow>> RunAsync(BenchmarkSize size)
    {
        var spans = Math.Min(size.Spans, 1_000_000);
        using var lake = new GeneratedLake(spans);
        double[] seconds = new double[Runs], share = new double[Runs], rate = new double[Runs];
        BuildTotals totals = default;
        for (var run = -1; run < Runs; run++)
        {
            var at = Math.Max(run, 0);
            lake.DropPartitions();
            var watch = Stopwatch.StartNew();
            totals = await lake.Lake.MaterializeAsync("spans", lake.ProcessId);
            seconds[at] = watch.Elapsed.TotalSeconds;
            (share[at], rate[at]) = await ParquetShareAsync(lake);
        }
        var peak = Process.GetCurrentProcess().PeakWorkingSet64 / (1024.0 * 1024);
        return
        [
            BenchmarkRow.Of(Bench, $"materialize-{spans}-spans", "s", seconds),
            BenchmarkRow.Of(Bench, "spans-per-second", "1/s", seconds.Select(one => spans / one).ToArray()),
            BenchmarkRow.Of(Bench, "etl-over-parquet-alone", "ratio", share, Aim.AtLeast, 0.6),
            BenchmarkRow.Of(Bench, "spans-per-second-per-core", "1/s", rate, Aim.AtLeast, 2_500_000),
            BenchmarkRow.Of(Bench, "bytes-per-span", "bytes", [(double)totals.BuiltBytes / spans]),
            BenchmarkRow.Of(Bench, "block-bytes-per-span", "bytes", [(double)totals.BlockBytes / spans]),
            BenchmarkRow.Of(Bench, "peak-memory", "MiB", [peak], Aim.AtMost, 2048),
        ];
    }

    /// <summary>On one thread: how fast rows come out of blocks into Parquet, as a share of how fast Parquet alone takes them.</summary>
    static async Task<(double Share, double Rate)> ParquetShareAsync(GeneratedLake lake)
    {
        var snapshot = (await ProcessSnapshot.ReadAsync(lake.Store.Catalog, Tenant.Default, [lake.ProcessId], default)).Single();
        var slot = snapshot.Slots.MaxBy(candidate => candidate.Blocks.Count)!;
        var file = lake.Temporary("encoded.parquet");
        var (whole, encoding) = (Stopwatch.StartNew(), new Stopwatch());
        using (var parquet = new ParquetFile(file))
        {
            await new PartitionBuilder(new BlockSource(lake.Store.Objects, lake.Store.Catalog, Tenant.Default), snapshot, slot).BuildAsync(Views.Spans, (rows, isLast) =>
            {
                encoding.Start();
                parquet.Append(rows, isLast, default);
                encoding.Stop();
            }, default);
            encoding.Start();
            parquet.Finish();
            encoding.Stop();
        }
        whole.Stop();
        File.Delete(file);
        return (encoding.Elapsed / whole.Elapsed, slot.Blocks.Sum(block => (long)block.Events) / 2 / whole.Elapsed.TotalSeconds);
    }
}

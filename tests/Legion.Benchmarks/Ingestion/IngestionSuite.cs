using System.Globalization;
using Legion.Benchmarks.Cost;
using Legion.Store;

namespace Legion.Benchmarks.Ingestion;

/// <summary>
/// A real <c>legion serve --role ingestion</c> over an embedded lake, and what stands in its way on this machine, in turns.
/// Clients run in this process, the server in another; both share the processors.
/// </summary>
static class IngestionSuite
{
    const string Bench = "ingestion";
    const int Rounds = 3;
    const int Clients = 32;

    /// <summary>The row whose figure the bills go by.</summary>
    const string SmallBatches = "durable-64KiB-batches";

    /// <summary>A server's memory under load: 256 MiB of bodies, as much again in pools and connections, and the program.</summary>
    const double MemoryCapMiB = 768;

    static readonly TimeSpan run = TimeSpan.FromSeconds(4), ceiling = TimeSpan.FromSeconds(2);

    /// <summary>Until then the compiler takes a fifth of the processors.</summary>
    static readonly TimeSpan warmUp = TimeSpan.FromSeconds(20);

    /// <summary>What no quota binds.</summary>
    static readonly string[] unbound = ["--tenant-bytes", $"{1L << 40}", "--tenant-requests", "1000000000"];

    public static IEnumerable<BenchmarkRow> Run(BenchmarkSize size)
    {
        var soak = TimeSpan.FromSeconds(double.Parse(Environment.GetEnvironmentVariable("LEGION_SOAK_SECONDS") ?? "60", CultureInfo.InvariantCulture));
        var folder = Directory.CreateTempSubdirectory("legion-bench-").FullName;
        var batchesPerProcessor = 0.0;
        try
        {
            foreach (var (name, bytes, clients) in ((string, int, int)[])[("64KiB", 64 << 10, Clients), ("1MiB", 1 << 20, Clients / 2)])
                foreach (var row in ThroughputAsync(Path.Combine(folder, name), name, bytes, clients).GetAwaiter().GetResult())
                {
                    if (row.Name == SmallBatches) batchesPerProcessor = row.Value / Environment.ProcessorCount;
                    yield return row;
                }
            foreach (var part in (Func<string, Task<IReadOnlyList<BenchmarkRow>>>[])[OverloadAsync, Neighbours.MeasureAsync, Tricklers.MeasureAsync, lake => Soak.MeasureAsync(lake, soak)])
                foreach (var row in part(Path.Combine(folder, part.Method.DeclaringType!.Name + part.Method.Name)).GetAwaiter().GetResult()) yield return row;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
        foreach (var row in CostSuite.Run(batchesPerProcessor)) yield return row;
    }

    static async Task<IReadOnlyList<BenchmarkRow>> ThroughputAsync(string folder, string name, int bytes, int clients)
    {
        Directory.CreateDirectory(folder);
        var batches = await PreparedBatch.MakeAsync(clients, bytes);
        using var service = ServedIngestion.Serve(Path.Combine(folder, "lake"), unbound);
        using var discard = ServedIngestion.Discard();
        using var load = await AppendLoad.OpenAsync(service.Address, batches);
        using var http = await AppendLoad.OpenAsync(discard.Address, batches);
        // What the runtime compiles while it runs does not count. One after the other: a batch is in one place at a time.
        await http.RunClosedAsync(ceiling);
        await load.RunClosedAsync(warmUp);

        double[] rate = new double[Rounds], share = new double[Rounds], median = new double[Rounds], worst = new double[Rounds];
        double[] disk = new double[Rounds], loopback = new double[Rounds], catalog = new double[Rounds];
        for (var round = 0; round < Rounds; round++)
        {
            disk[round] = IngestionCeilings.Disk(folder, batches, ceiling);
            loopback[round] = (await http.RunClosedAsync(ceiling)).PerSecond;
            catalog[round] = await IngestionCeilings.CatalogAsync(Path.Combine(folder, $"catalog{round}"), batches, ceiling);
            var outcome = await load.RunClosedAsync(run);
            rate[round] = outcome.PerSecond;
            share[round] = outcome.PerSecond / Math.Min(disk[round], Math.Min(loopback[round], catalog[round]));
            (median[round], worst[round]) = (LoadOutcome.Percentile(outcome.Taken, 0.5), LoadOutcome.Percentile(outcome.Taken, 0.99));
        }
        double[] MiB(double[] perSecond) => [.. perSecond.Select(one => one * bytes / (1 << 20))];
        return
        [
            BenchmarkRow.Of(Bench, $"durable-{name}-over-least-ceiling", "ratio", share, Aim.AtLeast, 0.5),
            BenchmarkRow.Of(Bench, $"durable-{name}-batches", "1/s", rate),
            BenchmarkRow.Of(Bench, $"durable-{name}", "MiB/s", MiB(rate)),
            BenchmarkRow.Of(Bench, $"durable-{name}-events", "1/s", [.. rate.Select(one => one * batches[0].Events)]),
            BenchmarkRow.Of(Bench, $"disk-ceiling-{name}", "MiB/s", MiB(disk)),
            BenchmarkRow.Of(Bench, $"http-ceiling-{name}", "MiB/s", MiB(loopback)),
            BenchmarkRow.Of(Bench, $"catalog-ceiling-{name}", "MiB/s", MiB(catalog)),
            BenchmarkRow.Of(Bench, $"acknowledged-{name}-p50", "ms", median),
            BenchmarkRow.Of(Bench, $"acknowledged-{name}-p99", "ms", worst),
            BenchmarkRow.Of(Bench, $"peak-memory-{name}", "MiB", [service.PeakMemoryMiB], Aim.AtMost, MemoryCapMiB),
        ];
    }

    /// <summary>Three times what it can do, whatever it answers; then the lake is asked for what was acknowledged.</summary>
    static async Task<IReadOnlyList<BenchmarkRow>> OverloadAsync(string lake)
    {
        const int Many = 384;
        var time = TimeSpan.FromSeconds(8);
        var batches = await PreparedBatch.MakeAsync(Many, 64 << 10);
        using var service = ServedIngestion.Serve(lake, unbound);
        using var some = await AppendLoad.OpenAsync(service.Address, batches[..Clients]);
        using var many = await AppendLoad.OpenAsync(service.Address, batches);
        await some.RunClosedAsync(warmUp);
        var (acknowledged, peak, good, refusals) = (0L, new double[Rounds], new double[Rounds], new List<double>());
        var stored = await BlocksAsync(lake);
        for (var round = 0; round < Rounds; round++)
        {
            var alone = await some.RunClosedAsync(run);
            var over = await many.RunOpenAsync(time, 3 * alone.PerSecond);
            peak[round] = alone.PerSecond;
            good[round] = over.PerSecond / alone.PerSecond;
            refusals.Add(LoadOutcome.Percentile(over.Refused, 0.99));
            acknowledged += alone.Blocks + over.Blocks;
        }
        return
        [
            BenchmarkRow.Of(Bench, "overload-goodput-over-peak", "ratio", good, Aim.AtLeast, 0.9),
            BenchmarkRow.Of(Bench, "overload-refusal-p99", "ms", refusals, Aim.AtMost, 50),
            BenchmarkRow.Of(Bench, "overload-peak-memory", "MiB", [service.PeakMemoryMiB], Aim.AtMost, MemoryCapMiB),
            BenchmarkRow.Of(Bench, "overload-acknowledged-and-lost", "blocks", [acknowledged - (await BlocksAsync(lake) - stored)], Aim.AtMost, 0),
        ];
    }

    internal static async Task<long> BlocksAsync(string lake) => (await LakeStore.Open(LakeLocation.Parse(lake)).Catalog.ReadTotalsAsync(Tenant.Default, default)).Blocks;
}

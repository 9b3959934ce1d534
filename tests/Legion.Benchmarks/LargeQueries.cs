using System.Diagnostics;
using Apache.Arrow;
using DuckDB.NET.Data;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Notebook;
using Legion.Store;

namespace Legion.Benchmarks;

/// <summary>What a question over ten million rows costs beside what the engine and the copy of its answer cost alone.</summary>
static class LargeQueries
{
    const string Bench = "query";
    const long Spans = 10_000_000;
    const int Runs = 7;

    const string Sums = "name, count(*), sum(duration_ns), quantile_cont(duration_ns, 0.99)";
    const string SixColumns = "SELECT span_id, parent_id, depth, begin_ns, duration_ns, self_ns FROM spans WHERE process_id = $process";

    public static async Task<IReadOnlyList<BenchmarkRow>> RunAsync()
    {
        using var lake = new GeneratedLake(Spans, threads: 6);
        await lake.Lake.MaterializeAsync("spans", lake.ProcessId);
        return [.. await GroupByAsync(lake), .. await FrameAsync(lake)];
    }

    static async Task<IReadOnlyList<BenchmarkRow>> GroupByAsync(GeneratedLake lake)
    {
        var partitions = await lake.Store.Catalog.ReadPartitionsAsync(Tenant.Default, Views.Spans.Name, [lake.ProcessId], default);
        var files = string.Join(", ", partitions.Where(partition => partition.Path.Length > 0).Select(partition => $"'{Path.Combine(lake.Folder, partition.Path)}'"));
        using var engine = new DuckDBConnection("Data Source=:memory:");
        engine.Open();
        double[] ours = new double[Runs], alone = new double[Runs], over = new double[Runs];
        PeakMemory.Begin();
        for (var run = -2; run < Runs; run++)
        {
            var at = Math.Max(run, 0);
            var watch = Stopwatch.StartNew();
            using (var command = engine.CreateCommand())
            {
                command.CommandText = $"SELECT {Sums} FROM read_parquet([{files}]) GROUP BY name ORDER BY 3 DESC";
                using var answer = command.ExecuteReader();
                while (answer.Read()) { }
            }
            alone[at] = watch.Elapsed.TotalMilliseconds;
            watch.Restart();
            using (var result = await lake.Lake.QueryAsync($"SELECT {Sums} FROM spans WHERE process_id = $process GROUP BY name ORDER BY 3 DESC", OptionsOf(lake)))
            using (var answer = result.ReadRows())
                while (answer.Read()) { }
            ours[at] = watch.Elapsed.TotalMilliseconds;
            over[at] = ours[at] / alone[at];
        }
        return
        [
            BenchmarkRow.Of(Bench, $"group-by-name-of-{Spans}", "ms", ours),
            BenchmarkRow.Of(Bench, $"group-by-name-of-{Spans}-by-the-engine-alone", "ms", alone),
            BenchmarkRow.Of(Bench, $"group-by-name-of-{Spans}-over-the-engine", "ratio", over, Aim.AtMost, 1.1),
            BenchmarkRow.Of(Bench, "group-by-name-peak-memory", "MiB", [PeakMemory.MiB()]),
        ];
    }

    static async Task<IReadOnlyList<BenchmarkRow>> FrameAsync(GeneratedLake lake)
    {
        const int FrameRuns = 5;
        var notebook = new NotebookLake(lake.Lake);
        double[] frames = new double[FrameRuns], over = new double[FrameRuns], memory = new double[FrameRuns];
        for (var run = -1; run < FrameRuns; run++)
        {
            var at = Math.Max(run, 0);
            var watch = Stopwatch.StartNew();
            await DrainAsync(lake);
            var drained = watch.Elapsed.TotalSeconds;
            var before = PeakMemory.Begin();
            watch.Restart();
            var rows = await FrameRowsAsync(notebook, lake);
            frames[at] = watch.Elapsed.TotalSeconds;
            memory[at] = PeakMemory.MiB() - before;
            over[at] = frames[at] / drained;
            if (rows != Spans) throw new InvalidDataException($"expected {Spans} rows in the frame, saw {rows}");
        }
        return
        [
            BenchmarkRow.Of(Bench, $"frame-of-{Spans}-by-6", "s", frames),
            BenchmarkRow.Of(Bench, $"frame-of-{Spans}-by-6-over-drain-and-copy", "ratio", over, Aim.AtMost, 1.3),
            BenchmarkRow.Of(Bench, $"frame-of-{Spans}-by-6-memory", "MiB", memory, Aim.AtMost, 600_000_000 / (1024.0 * 1024)),
        ];
    }

    /// <summary>The frame is let go before the next one is made.</summary>
    static async Task<long> FrameRowsAsync(NotebookLake notebook, GeneratedLake lake) => (await notebook.SqlAsync(SixColumns, OptionsOf(lake))).Frame.Rows.Count;

    /// <summary>The answer's batches, and a copy of their values as they lie.</summary>
    static async Task DrainAsync(GeneratedLake lake)
    {
        using var result = await lake.Lake.QueryAsync(SixColumns, OptionsOf(lake));
        var copies = new List<byte[]>();
        await foreach (var batch in result.ReadBatchesAsync())
        {
            using var _ = batch;
            for (var column = 0; column < batch.ColumnCount; column++) copies.Add(((IArrowArray)batch.Column(column)).Data.Buffers[1].Span.ToArray());
        }
        GC.KeepAlive(copies);
    }

    static QueryOptions OptionsOf(GeneratedLake lake) => new() { Parameters = new Dictionary<string, object?> { ["process"] = lake.ProcessId } };
}

using System.Diagnostics;
using System.IO.Compression;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Lakehouse.Tiles;
using Legion.Store;

namespace Legion.Benchmarks;

/// <summary>What turning blocks into partitions costs, against writing the same rows as Parquet and nothing else, and what can be seen of them then.</summary>
static class LakehouseSuite
{
    const string Bench = "lakehouse";
    const int Runs = 5;

    /// <summary>A slot's worth: what one core does is measured on it.</summary>
    const long SlotSpans = 1_000_000;

    /// <summary>Six threads of eight depths: about fifty lanes, in which a view is drawn on so many pixels.</summary>
    const int Threads = 6;
    const int Pixels = 1920;

    static readonly Random random = new(5);

    public static IEnumerable<BenchmarkRow> Run(BenchmarkSize size)
    {
        foreach (var row in OneCore()) yield return row;
        foreach (var row in Whole(size.Spans, size.Folder)) yield return row;
        foreach (var row in SmallSlots.Run()) yield return row;
    }

    /// <summary>One slot on one thread.</summary>
    static IEnumerable<BenchmarkRow> OneCore()
    {
        using var lake = new GeneratedLake(SlotSpans, Threads);
        double[] share = new double[Runs], rate = new double[Runs], decoding = new double[Runs], pyramid = new double[Runs], statistics = new double[Runs], tree = new double[Runs];
        for (var run = -2; run < Runs; run++)
        {
            var at = Math.Max(run, 0);
            var (spans, whole, encoding) = Build(lake, Views.Spans, encode: true);
            share[at] = encoding / whole;
            rate[at] = spans / whole.TotalSeconds;
            var decode = Build(lake, Views.Spans, encode: false).Whole;
            decoding[at] = spans / decode.TotalSeconds;
            pyramid[at] = spans / (Build(lake, Views.SpanLevels, encode: true).Whole - decode).TotalSeconds;
            statistics[at] = spans / (Build(lake, Views.SpanStats, encode: true).Whole - decode).TotalSeconds;
            tree[at] = spans / (Build(lake, Views.CallTree, encode: true).Whole - decode).TotalSeconds;
        }
        yield return BenchmarkRow.Of(Bench, "etl-over-parquet-alone", "ratio", share, Aim.AtLeast, 0.6);
        yield return BenchmarkRow.Of(Bench, "spans-per-second-per-core", "1/s", rate, Aim.AtLeast, 2_500_000);
        yield return BenchmarkRow.Of(Bench, "decode-per-second-per-core", "1/s", decoding);
        yield return BenchmarkRow.Of(Bench, "pyramid-per-second-per-core", "1/s", pyramid, Aim.AtLeast, 4_000_000);
        yield return BenchmarkRow.Of(Bench, "statistics-per-second-per-core", "1/s", statistics);
        yield return BenchmarkRow.Of(Bench, "call-tree-per-second-per-core", "1/s", tree);
    }

    /// <summary>Builds the partition of the largest slot, and throws it away.</summary>
    static (long Spans, TimeSpan Whole, TimeSpan Encoding) Build(GeneratedLake lake, View view, bool encode)
    {
        var snapshot = ProcessSnapshot.ReadAsync(lake.Store.Catalog, Tenant.Default, [lake.ProcessId], default).GetAwaiter().GetResult().Single();
        var slot = snapshot.Slots.MaxBy(candidate => candidate.Blocks.Count)!;
        var file = lake.Temporary("encoded.parquet");
        var (whole, encoding) = (Stopwatch.StartNew(), new Stopwatch());
        using (var parquet = new ParquetFile(file))
        {
            new PartitionBuilder(new BlockSource(lake.Store.Objects, lake.Store.Catalog, Tenant.Default), snapshot, slot).BuildAsync(view, (rows, isLast) =>
            {
                encoding.Start();
                if (encode) parquet.Append(rows, isLast, default);
                encoding.Stop();
            }, default).GetAwaiter().GetResult();
            encoding.Start();
            parquet.Finish();
            encoding.Stop();
        }
        whole.Stop();
        File.Delete(file);
        return (slot.Blocks.Sum(block => (long)block.Events) / 2, whole.Elapsed, encoding.Elapsed);
    }

    /// <summary>A whole process on all cores, from nothing materialized to a full view.</summary>
    static IEnumerable<BenchmarkRow> Whole(long spans, string? folder)
    {
        using var lake = new GeneratedLake(spans, Threads, folder);
        var process = lake.Store.Catalog.ReadProcessesAsync(Tenant.Default, [lake.ProcessId], default).GetAwaiter().GetResult().Single();
        var (beginNs, durationNs) = (process.StartNs, process.EndNs!.Value - process.StartNs);

        var watch = Stopwatch.StartNew();
        if (Bytes(lake, Views.Spans) > 0)
        {
            // Of a run that was broken off: what is missing is built, and what that takes says nothing.
            lake.Lake.MaterializeAsync("spans", lake.ProcessId).GetAwaiter().GetResult();
        }
        else
        {
            foreach (var row in Cold(lake, spans, beginNs, durationNs)) yield return row;
            foreach (var row in Materialized(lake, spans, "spans")) yield return row;
        }
        var spanBytes = Bytes(lake, Views.Spans);
        yield return BenchmarkRow.Of(Bench, "bytes-per-span", "bytes", [(double)spanBytes / spans], Aim.AtMost, 9);
        yield return BenchmarkRow.Of(Bench, "block-bytes-per-span", "bytes", [(double)lake.Store.Catalog.ReadBlocksAsync(Tenant.Default, [lake.ProcessId], default).GetAwaiter().GetResult().Sum(block => (long)block.Bytes) / spans]);

        watch.Restart();
        new SpanTiles(lake.Lake).ManifestAsync(lake.ProcessId).GetAwaiter().GetResult();
        yield return BenchmarkRow.Of(Bench, $"pyramid-of-{spans}", "s", [watch.Elapsed.TotalSeconds]);
        yield return BenchmarkRow.Of(Bench, "pyramid-over-span-bytes", "ratio", [(double)(Bytes(lake, Views.SpanLevels) + Bytes(lake, Views.SpanTops)) / spanBytes], Aim.AtMost, 0.3);
        foreach (var row in FullView(lake, spans)) yield return row;

        watch.Restart();
        var selections = new SpanSelections(lake.Lake);
        selections.ReadAsync(lake.ProcessId, beginNs, beginNs + durationNs + 1).GetAwaiter().GetResult();
        yield return BenchmarkRow.Of(Bench, $"statistics-of-{spans}", "s", [watch.Elapsed.TotalSeconds]);
        yield return BenchmarkRow.Of(Bench, "statistics-over-span-bytes", "ratio", [(double)(Bytes(lake, Views.SpanStats) + Bytes(lake, Views.StatTops)) / spanBytes]);
        var selected = new double[31];
        for (var run = -5; run < selected.Length; run++)
        {
            var (a, b) = (random.NextInt64(durationNs), random.NextInt64(durationNs));
            watch.Restart();
            selections.ReadAsync(lake.ProcessId, beginNs + Math.Min(a, b), beginNs + Math.Max(a, b)).GetAwaiter().GetResult();
            selected[Math.Max(run, 0)] = watch.Elapsed.TotalMilliseconds;
        }
        yield return BenchmarkRow.Of(Bench, $"selection-of-{spans}", "ms", selected, Aim.AtMost, 100);
    }

    /// <summary>One hundredth of the time, somewhere in the middle, with nothing there.</summary>
    static IEnumerable<BenchmarkRow> Cold(GeneratedLake lake, long spans, long beginNs, long durationNs)
    {
        var from = beginNs + durationNs / 2;
        var watch = Stopwatch.StartNew();
        var (rows, built) = Query(lake, "SELECT name, begin_ns, duration_ns FROM spans WHERE process_id = $process AND end_ns >= $from AND begin_ns < $to", from, from + durationNs / 100);
        yield return BenchmarkRow.Of(Bench, $"cold-hundredth-of-{spans}", "s", [watch.Elapsed.TotalSeconds], Aim.AtMost, 2);
        yield return BenchmarkRow.Of(Bench, $"cold-hundredth-of-{spans}-rows", "rows", [rows]);
        yield return BenchmarkRow.Of(Bench, $"cold-hundredth-of-{spans}-slots-built", "slots", [built]);
        lake.DropPartitions();
    }

    static IEnumerable<BenchmarkRow> Materialized(GeneratedLake lake, long spans, string view)
    {
        var (took, peak) = MaterializingProgram.Run(lake.Folder, view, lake.ProcessId);
        yield return BenchmarkRow.Of(Bench, $"materialize-{spans}-{view}", "s", [took.TotalSeconds]);
        yield return BenchmarkRow.Of(Bench, $"{view}-per-second", "1/s", [spans / took.TotalSeconds]);
        yield return BenchmarkRow.Of(Bench, $"peak-memory-{spans}", "MiB", [peak], Aim.AtMost, 600_000_000 / (1024.0 * 1024));
    }

    /// <summary>All tiles of the sharp level of the whole process, made anew each time from what is materialized, and compressed as the viewer does.</summary>
    static IEnumerable<BenchmarkRow> FullView(GeneratedLake lake, long spans)
    {
        double[] milliseconds = new double[15], bytes = new double[15], rectangles = new double[15];
        for (var run = -3; run < milliseconds.Length; run++)
        {
            var tiles = new SpanTiles(lake.Lake);
            var watch = Stopwatch.StartNew();
            var manifest = tiles.ManifestAsync(lake.ProcessId).GetAwaiter().GetResult();
            var level = TileGrid.SharpLevel(manifest.EndNs - manifest.BeginNs, Pixels, manifest.MaxLevel);
            var (size, count) = (0L, 0L);
            for (var index = TileGrid.Index(level, manifest.BeginNs); index <= TileGrid.Index(level, manifest.EndNs); index++)
                foreach (var group in manifest.Groups)
                {
                    var tile = tiles.TileAsync(new TileAddress(lake.ProcessId, group.Number, level, index), group.Generation).GetAwaiter().GetResult().Bytes;
                    using var compressed = new MemoryStream();
                    using (var brotli = new BrotliStream(compressed, CompressionLevel.Fastest, leaveOpen: true)) brotli.Write(tile.Span);
                    size += compressed.Length;
                    count += Tile.Read(tile.Span).Rectangles.Count;
                }
            var at = Math.Max(run, 0);
            (milliseconds[at], bytes[at], rectangles[at]) = (watch.Elapsed.TotalMilliseconds, size / 1000.0, count);
        }
        yield return BenchmarkRow.Of(Bench, $"full-view-of-{spans}", "ms", milliseconds, Aim.AtMost, spans <= 1_000_000 ? 50 : spans <= 100_000_000 ? 150 : 250);
        yield return BenchmarkRow.Of(Bench, $"full-view-of-{spans}-bytes", "kB", bytes, Aim.AtMost, 200);
        yield return BenchmarkRow.Of(Bench, $"full-view-of-{spans}-rectangles", "", rectangles);
    }

    static (long Rows, int Built) Query(GeneratedLake lake, string sql, long fromNs, long toNs)
    {
        using var result = lake.Lake.QueryAsync(sql, new QueryOptions { Parameters = new Dictionary<string, object?> { ["process"] = lake.ProcessId, ["from"] = fromNs, ["to"] = toNs } }).GetAwaiter().GetResult();
        using var rows = result.ReadRows();
        while (rows.Read()) { }
        return (result.Receipt.Rows, result.Receipt.Build.Built);
    }

    static long Bytes(GeneratedLake lake, View view) =>
        lake.Store.Catalog.ReadPartitionsAsync(Tenant.Default, view.Name, [lake.ProcessId], default).GetAwaiter().GetResult().Sum(partition => partition.Bytes);
}

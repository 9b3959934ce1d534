using System.Diagnostics;
using Legion.Format;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Store;

namespace Legion.Benchmarks;

/// <summary>A process that lives for weeks and records little has a slot an hour with some lines of log: what a query over all of them costs, before and after they are compacted.</summary>
static class SmallSlots
{
    const int Slots = 1000, Lines = 20, BlocksPerBatch = 100, Runs = 9;
    const long HourNs = 3_600_000_000_000;

    const string Sql = "SELECT level, count(*) AS n, max(message) AS last FROM log_entries WHERE process_id = $process GROUP BY level";

    public static IEnumerable<BenchmarkRow> Run()
    {
        var folder = Directory.CreateTempSubdirectory("legion-bench-").FullName;
        var store = LakeStore.OpenOrCreate(LakeLocation.Parse(folder));
        var process = Append(store);
        var lake = new Lake(store);
        Ask(lake, process); // builds them
        var (ratios, before, after, compacting) = (new double[Runs], new double[Runs], new double[Runs], new double[Runs]);
        for (var run = -2; run < Runs; run++)
        {
            var at = Math.Max(run, 0);
            foreach (var path in store.Catalog.DropPartitionsAsync(Tenant.Default, CompactedSlots.NameOf("log_entries"), null, default).GetAwaiter().GetResult()) store.Objects.DeleteAsync(path, default).GetAwaiter().GetResult();
            before[at] = Ask(lake, process);
            var watch = Stopwatch.StartNew();
            new PartitionCompaction(store, TimeProvider.System).RunAsync(null, default).GetAwaiter().GetResult();
            compacting[at] = watch.Elapsed.TotalSeconds;
            after[at] = Ask(lake, process);
            ratios[at] = after[at] / before[at];
        }
        Directory.Delete(folder, recursive: true);
        yield return BenchmarkRow.Of("lakehouse", $"compacted-over-{Slots}-small-slots", "ratio", ratios, Aim.AtMost, 0.25);
        yield return BenchmarkRow.Of("lakehouse", $"query-of-{Slots}-small-slots", "ms", before);
        yield return BenchmarkRow.Of("lakehouse", $"query-of-{Slots}-small-slots-compacted", "ms", after);
        yield return BenchmarkRow.Of("lakehouse", $"compact-{Slots}-small-slots", "s", compacting);
    }

    /// <returns>Milliseconds.</returns>
    static double Ask(Lake lake, Guid process)
    {
        var watch = Stopwatch.StartNew();
        using var result = lake.QueryAsync(Sql, new QueryOptions { Parameters = new Dictionary<string, object?> { ["process"] = process } }).GetAwaiter().GetResult();
        using var rows = result.ReadRows();
        if (!rows.Read() || Convert.ToInt64(rows[1]) != Slots * Lines) throw new InvalidOperationException($"expected {Slots * Lines} lines of log, saw {rows[1]}");
        return watch.Elapsed.TotalMilliseconds;
    }

    static Guid Append(LakeStore store)
    {
        var (process, stream) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var startNs = TimeText.ParseNs("2026-01-01T00:00:00Z", 0);
        var append = new BlockAppend(store, TimeProvider.System);
        var batch = new BatchWriter();
        batch.Add(new ProcessRecord { ProcessId = process, Version = 1, Exe = "small", StartNs = startNs, LastSeenNs = startNs });
        batch.Add(new StreamRecord { StreamId = stream, ProcessId = process, Version = 1, Class = StreamClass.Log, Name = "log" });
        batch.Add(WellKnown.Schema);
        for (var slot = 0; slot < Slots; slot++)
        {
            batch.AddBlock(Block(process, stream, startNs, slot));
            if ((slot + 1) % BlocksPerBatch != 0) continue;
            append.AppendAsync(Tenant.Default, Batch.Read(batch.ToArray()), default).GetAwaiter().GetResult();
            batch = new BatchWriter();
        }
        return process;
    }

    static byte[] Block(Guid process, Guid stream, long startNs, int slot)
    {
        var writer = new BlockWriter(WellKnown.Schema, BlockEncoding.Columns);
        var first = (ulong)(slot * HourNs);
        for (var line = 0; line < Lines; line++)
        {
            var template = writer.Dependencies.Template(new Template("turn {n} is over", new Site("log", "Small", "small.cs", 1)));
            LogEvent.Write(writer, first + (ulong)line, new ThreadReference(7, writer.Dependencies.String("main")), (byte)Level.Info, template, FormatLimits.NoReference, [Value.Of((long)line)]);
        }
        return writer.Finish(new BlockHeader
        {
            BlockId = Guid.CreateVersion7(),
            StreamId = stream,
            ProcessId = process,
            Schema = WellKnown.Schema.Hash,
            Class = StreamClass.Log,
            Sequence = (ulong)slot,
            FirstOrdinal = (ulong)(slot * Lines),
            NextOrdinal = (ulong)((slot + 1) * Lines),
            Events = Lines,
            FirstTick = first,
            LastTick = first + Lines - 1,
            Clock = new BlockClock(startNs, [new ClockKnot(0, 0, startNs), new ClockKnot(1ul << 60, 1L << 60, startNs + (1L << 60))]),
            OpenSpans = [],
            OpenContexts = [],
        });
    }
}

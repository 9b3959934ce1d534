using System.Diagnostics;
using Legion.Format;
using Legion.Sdk;

namespace Legion.Benchmarks;

/// <summary>
/// What recording costs the program: on the calling thread against the two readings of the clock that a span cannot do without,
/// in background work, and in memory.
/// </summary>
static class SdkSuite
{
    const string Bench = "sdk";
    /// <summary>Many short runs: most of them see no other thread on their processor, and the median is one of those.</summary>
    const int Runs = 301;

    const int Calls = 5_000;

    /// <summary>Runs that do not count. They bring the code to its last tier, which the runtime compiles beside, and the segments into memory.</summary>
    const int WarmUpRuns = 200;

    struct FrameStats
    {
        public int Number;
        public double Gpu;
    }

    public static IEnumerable<BenchmarkRow> Run(BenchmarkSize size)
    {
        var rows = new List<BenchmarkRow>();
        // First, as a process keeps memory that it once had.
        Background(rows, size.Spans);
        Foreground(rows);
        return rows;
    }

    static void Foreground(List<BenchmarkRow> rows)
    {
        // The flusher is asked between the runs and sleeps during them: what is measured is the calling thread.
        using var recording = Telemetry.Start(new TelemetryOptions { Sink = new Discard(), MemoryBytes = 256 << 20, PassInterval = TimeSpan.FromHours(1) });
        double[] clock = new double[Runs], span = new double[Runs], ratio = new double[Runs], allocated = new double[Runs];
        double[] arguments = new double[Runs], log = new double[Runs], metric = new double[Runs], emit = new double[Runs];
        for (var run = -WarmUpRuns; run < Runs; run++)
        {
            var at = Math.Max(run, 0);
            clock[at] = Ns(TwoClockReads);
            var before = GC.GetAllocatedBytesForCurrentThread();
            span[at] = Ns(Spans);
            allocated[at] = Math.Floor((GC.GetAllocatedBytesForCurrentThread() - before) / (double)Calls);
            ratio[at] = span[at] / clock[at];
            arguments[at] = Ns(SpansWithArguments);
            log[at] = Ns(Logs);
            metric[at] = Ns(Metrics);
            emit[at] = Ns(Events);
            if (!recording.Flush(TimeSpan.FromSeconds(60))) throw new TimeoutException("the flusher did not finish within 60 s");
        }
        if (recording.Statistics.Dropped.Total > 0) throw new InvalidOperationException($"{recording.Statistics.Dropped.Total} events were dropped: the figures would be of dropping");
        rows.Add(BenchmarkRow.Of(Bench, "span-over-two-clock-reads", "ratio", ratio, Aim.AtMost, 1.05));
        rows.Add(BenchmarkRow.Of(Bench, "span-allocated-bytes", "B", allocated, Aim.AtMost, 0));
        rows.Add(BenchmarkRow.Of(Bench, "two-clock-reads-ns", "ns", clock));
        rows.Add(BenchmarkRow.Of(Bench, "span-ns", "ns", span));
        rows.Add(BenchmarkRow.Of(Bench, "span-with-arguments-ns", "ns", arguments));
        rows.Add(BenchmarkRow.Of(Bench, "log-ns", "ns", log));
        rows.Add(BenchmarkRow.Of(Bench, "metric-ns", "ns", metric));
        rows.Add(BenchmarkRow.Of(Bench, "event-ns", "ns", emit));
    }

    /// <summary>Many spans at the pace of a busy program, with the flusher at its work.</summary>
    static void Background(List<BenchmarkRow> rows, long spans)
    {
        const double mebibyte = 1 << 20;
        var process = Process.GetCurrentProcess();
        var workingSet = process.WorkingSet64;
        var discard = new Discard();
        long peak = 0, dropped;
        var flushNs = new List<double>();
        using (var recording = Telemetry.Start(new TelemetryOptions { Sink = discard, PassInterval = TimeSpan.FromHours(1) }))
        {
            const int callsOfPass = 40 * Calls;
            for (var done = 0L; done < spans; done += callsOfPass)
            {
                for (var run = 0; run < callsOfPass / Calls; run++) Spans();
                // Processor time: this thread waits meanwhile, so all that the process takes is the flusher's.
                var began = Environment.CpuUsage.TotalTime;
                if (!recording.Flush(TimeSpan.FromSeconds(60))) throw new TimeoutException("the flusher did not finish within 60 s");
                flushNs.Add((Environment.CpuUsage.TotalTime - began).TotalNanoseconds / (2.0 * callsOfPass));
                process.Refresh();
                peak = Math.Max(peak, process.WorkingSet64 - workingSet);
            }
            dropped = recording.Statistics.Dropped.Total;
        }
        if (dropped > 0) throw new InvalidOperationException($"{dropped} events were dropped: the figures would be of dropping");
        rows.Add(BenchmarkRow.Of(Bench, "background-ns-per-event", "ns", flushNs));
        rows.Add(BenchmarkRow.Of(Bench, "bytes-per-event", "B", [discard.Counts.StoredBytes / (double)discard.Counts.StoredEvents]));
        rows.Add(BenchmarkRow.Of(Bench, "peak-memory", "MiB", [peak / mebibyte], Aim.AtMost, 96));
    }

    static double Ns(Action calls)
    {
        var began = Stopwatch.GetTimestamp();
        calls();
        return Stopwatch.GetElapsedTime(began).TotalNanoseconds / Calls;
    }

    static void TwoClockReads()
    {
        var last = 0ul;
        for (var call = 0; call < Calls; call++) last ^= ProcessClock.Ticks ^ ProcessClock.Ticks;
        GC.KeepAlive(last);
    }

    static void Spans()
    {
        for (var call = 0; call < Calls; call++)
        {
            using var span = Telemetry.Span("span");
        }
    }

    static void SpansWithArguments()
    {
        for (var call = 0; call < Calls; call++)
        {
            using var span = Telemetry.Span("span", [new("call", call)]);
        }
    }

    static void Logs()
    {
        for (var call = 0; call < Calls; call++) Telemetry.Log(Level.Info, $"call {call} at {1.5} in {"forest"}");
    }

    static void Metrics()
    {
        for (var call = 0; call < Calls; call++) Telemetry.Metric("metric", call, Unit.Count);
    }

    static void Events()
    {
        for (var call = 0; call < Calls; call++) Telemetry.Emit(new FrameStats { Number = call, Gpu = 1.5 });
    }

    /// <summary>Counts blocks and lets go of them.</summary>
    sealed class Discard : ISink
    {
        public SinkCounts Counts { get; private set; }

        public void Add(ProcessRecord record)
        {
        }

        public void Add(StreamRecord record)
        {
        }

        public void Add(Schema schema)
        {
        }

        public void Add(FinishedBlock block) => Counts = new SinkCounts(
            Counts.StoredBlocks + 1, Counts.StoredEvents + block.Header.Events, Counts.StoredBytes + block.Bytes.Length, 0);

        public void EndPass()
        {
        }

        public bool Flush(TimeSpan timeout) => true;

        public void Dispose()
        {
        }
    }
}

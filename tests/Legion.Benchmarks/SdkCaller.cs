using System.Diagnostics;
using System.Runtime.InteropServices;
using Legion.Format;
using Legion.Sdk;

namespace Legion.Benchmarks;

/// <summary>
/// What a call costs the thread that makes it, against the readings of the clock that it cannot do without. The flusher is asked between the runs
/// and sleeps during them. Call sites are static, as the source generator makes them.
/// </summary>
static unsafe class SdkCaller
{
    const string Bench = "sdk";

    /// <summary>Many short runs: most of them see no other thread on their processor, and the median is one of those.</summary>
    const int Runs = 301;

    const int Calls = 5_000;

    /// <summary>What runs before does not count: the runtime compiles code for its last tier beside it, and late.</summary>
    static readonly TimeSpan warmUp = TimeSpan.FromSeconds(3);

    static readonly SpanSite disabledSite = new("disabled");

    const int HandWrittenBytes = 56;

    /// <summary>A position, and behind it as many records as a run makes.</summary>
    static readonly byte* handWritten = (byte*)NativeMemory.AlignedAlloc(64 + Calls * HandWrittenBytes, 64);

    internal struct FrameStats
    {
        public int Number;
        public double Gpu;
    }

    /// <summary>What is compared in turns.</summary>
    static readonly (string Name, Action Call)[] calls =
    [
        ("clock", ClockReads), ("two-clocks", TwoClockReads), ("span", Spans), ("log", Logs), ("hand-written-log", HandWrittenLogs), ("metric", Metrics), ("metric-at-last", MetricsAtLast), ("count", Counts),
        ("span-with-arguments", SpansWithArguments), ("event", Events), ("async", AsyncSpans), ("ambient", AmbientSpans), ("flow", Flows), ("looked-up-span", LookedUpSpans),
    ];

    public static IEnumerable<BenchmarkRow> Run()
    {
        var ns = calls.ToDictionary(call => call.Name, _ => new double[Runs]);
        var allocated = calls.ToDictionary(call => call.Name, _ => new double[Runs]);
        var disabled = new double[Runs];
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < warmUp) Ns(Disabled);
        for (var run = 0; run < Runs; run++) disabled[run] = Ns(Disabled);
        using (var recording = Telemetry.Start(new TelemetryOptions { Sink = new BlockTally(), MemoryBytes = 2 << 20, PassInterval = TimeSpan.FromHours(1) }))
        {
            clock.Restart();
            for (var run = 0; run < Runs;)
            {
                foreach (var (name, call) in calls)
                {
                    var before = GC.GetAllocatedBytesForCurrentThread();
                    ns[name][run] = Ns(call);
                    allocated[name][run] = Math.Floor((GC.GetAllocatedBytesForCurrentThread() - before) / (double)Calls);
                    // The segments go back, so that each kind of call finds those that were written last.
                    if (!recording.Flush(TimeSpan.FromSeconds(60))) throw new TimeoutException("the flusher did not finish within 60 s");
                }
                if (clock.Elapsed > warmUp) run++;
            }
            if (recording.Statistics.Dropped.Total > 0) throw new InvalidOperationException($"{recording.Statistics.Dropped.Total} events were dropped: the figures would be of dropping");
        }

        yield return Ratio("span-over-two-clock-reads", ns["span"], ns["two-clocks"], 1.05);
        yield return BenchmarkRow.Of(Bench, "span-allocated-bytes", "B", allocated["span"], Aim.AtMost, 0);
        yield return BenchmarkRow.Of(Bench, "metric-allocated-bytes", "B", allocated["metric"], Aim.AtMost, 0);
        yield return BenchmarkRow.Of(Bench, "log-allocated-bytes", "B", allocated["log"], Aim.AtMost, 0);
        yield return BenchmarkRow.Of(Bench, "disabled-span-ns", "ns", disabled, Aim.AtMost, 1);
        yield return Ratio("log-over-clock-read", ns["log"], ns["clock"], 1.15);
        yield return BenchmarkRow.Of(Bench, "hand-written-log-over-clock-read", "ratio", [.. ns["hand-written-log"].Zip(ns["clock"], (hand, clock) => hand / clock)]);
        yield return BenchmarkRow.Of(Bench, "metric-at-last-ns", "ns", ns["metric-at-last"], Aim.AtMost, 1.5);
        yield return BenchmarkRow.Of(Bench, "two-clock-reads-ns", "ns", ns["two-clocks"]);
        foreach (var (name, _) in calls.Where(call => call.Name is not ("clock" or "two-clocks" or "metric-at-last" or "hand-written-log")))
            yield return BenchmarkRow.Of(Bench, name + "-ns", "ns", ns[name]);
        yield return BenchmarkRow.Of(Bench, "ambient-allocated-bytes", "B", allocated["ambient"]);
    }

    static BenchmarkRow Ratio(string name, double[] ns, double[] limit, double target) =>
        BenchmarkRow.Of(Bench, name, "ratio", [.. ns.Zip(limit, (ours, theirs) => ours / theirs)], Aim.AtMost, target);

    static double Ns(Action call)
    {
        var began = Stopwatch.GetTimestamp();
        call();
        return Stopwatch.GetElapsedTime(began).TotalNanoseconds / Calls;
    }

    static void ClockReads()
    {
        var last = 0ul;
        for (var call = 0; call < Calls; call++) last ^= ProcessClock.Ticks;
        GC.KeepAlive(last);
    }

    static void TwoClockReads()
    {
        var last = 0ul;
        for (var call = 0; call < Calls; call++) last ^= ProcessClock.Ticks ^ ProcessClock.Ticks;
        GC.KeepAlive(last);
    }

    static void Disabled()
    {
        for (var call = 0; call < Calls; call++)
        {
            using var span = Telemetry.Span(disabledSite);
        }
    }

    static void Spans()
    {
        for (var call = 0; call < Calls; call++)
        {
            using var span = Telemetry.Span("span");
        }
    }

    /// <summary>As without the generator: the site is found by the references of its literals.</summary>
    static void LookedUpSpans()
    {
        for (var call = 0; call < Calls; call++)
        {
            using var span = Telemetry.Span("looked up", "file", 1);
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

    /// <summary>The bytes of the same records by a loop that does nothing else: no level, no look at the segment's end, nothing that could come in between.</summary>
    static void HandWrittenLogs()
    {
        ref var position = ref *(nint*)handWritten;
        position = (nint)handWritten + 64;
        for (var call = 0; call < Calls; call++)
        {
            var tick = ProcessClock.Ticks;
            var at = (ulong*)position;
            at[0] = RecordLayout.Prefix(RecordKind.LogInPlace, HandWrittenBytes, 1, (byte)Level.Info);
            at[1] = tick;
            at[2] = 0x542;
            at[3] = (ulong)call;
            ((double*)at)[4] = 1.5;
            ((int*)at)[10] = "forest".Length;
            "forest".AsSpan().CopyTo(new Span<char>((int*)at + 11, "forest".Length));
            Volatile.Write(ref position, (nint)at + HandWrittenBytes);
        }
    }

    static void Metrics()
    {
        for (var call = 0; call < Calls; call++) Telemetry.Metric("metric", call, Unit.Count);
    }

    static void MetricsAtLast()
    {
        for (var call = 0; call < Calls; call++) Telemetry.MetricAtLast("metric", call, Unit.Count);
    }

    static void Counts()
    {
        for (var call = 0; call < Calls; call++) Telemetry.Count("count");
    }

    static void Flows()
    {
        for (var call = 0; call < Calls; call++) Telemetry.Flow("flow", 7);
    }

    static void Events()
    {
        for (var call = 0; call < Calls; call++) Telemetry.Emit(new FrameStats { Number = call, Gpu = 1.5 });
    }

    static void AsyncSpans()
    {
        for (var call = 0; call < Calls; call++)
        {
            using var span = Telemetry.AsyncSpan("async", AsyncSpanId.None);
        }
    }

    static void AmbientSpans()
    {
        for (var call = 0; call < Calls; call++)
        {
            using var span = Telemetry.AsyncSpan("ambient");
        }
    }
}

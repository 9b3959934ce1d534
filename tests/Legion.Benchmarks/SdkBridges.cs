using System.Diagnostics;
using System.Diagnostics.Metrics;
using Legion.Sdk;
using Legion.Sdk.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Legion.Benchmarks;

/// <summary>
/// What it costs a program to be recorded through instrumentation that it has already: activities and counts beside the same
/// with a listener that does nothing, and a poll of the runtime's counters.
/// </summary>
static class SdkBridges
{
    const string Bench = "bridges";

    const int Runs = 101, Calls = 2_000;

    /// <summary>Runs that do not count: they bring the code to its last tier.</summary>
    const int WarmUpRuns = 200;

    static readonly ActivitySource source = new("Legion.Benchmarks");
    static readonly Meter meter = new("Legion.Benchmarks");
    static readonly Counter<long> counter = meter.CreateCounter<long>("counter");
    static readonly Histogram<double> histogram = meter.CreateHistogram<double>("histogram");
    static readonly Action<ILogger, string, string, Exception?> message = LoggerMessage.Define<string, string>(LogLevel.Information, new EventId(7), "{Who} went to {Where}");

    /// <param name="size">Not used: all runs are short.</param>
    public static IEnumerable<BenchmarkRow> Run(BenchmarkSize size)
    {
        var bridges = Bridges.None with { Activities = [source.Name], Meters = [meter.Name] };
        var rows = new List<BenchmarkRow>();
        MeasureAlone(rows);
        using var services = new ServiceCollection().AddLegion(options => options with
        {
            Telemetry = new TelemetryOptions { Sink = new BlockTally(), Bridges = bridges, MemoryBytes = 256 << 20, PassInterval = TimeSpan.FromHours(1) },
        }).BuildServiceProvider();
        var log = services.GetRequiredService<ILoggerFactory>().CreateLogger("Legion.Benchmarks");
        Measure(rows, "activity-bridge-ns", Activities);
        Measure(rows, "activity-with-tags-bridge-ns", TaggedActivities);
        Measure(rows, "meter-bridge-ns", Counts);
        Measure(rows, "meter-with-tags-bridge-ns", TaggedSamples);
        Measure(rows, "ilogger-bridge-ns", () => Logs(log));
        Poll(rows);
        return rows;
    }

    /// <summary>The same activities and counts with listeners that do nothing: what is more than this is the bridge's.</summary>
    static void MeasureAlone(List<BenchmarkRow> rows)
    {
        using var recording = Telemetry.Start(new TelemetryOptions { Sink = new BlockTally(), PassInterval = TimeSpan.FromHours(1) });
        using var activities = new ActivityListener
        {
            ShouldListenTo = listened => listened == source,
            Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStarted = static _ => { },
            ActivityStopped = static _ => { },
        };
        ActivitySource.AddActivityListener(activities);
        using var measurements = new MeterListener { InstrumentPublished = static (instrument, listener) => { if (instrument == counter) listener.EnableMeasurementEvents(instrument); } };
        measurements.SetMeasurementEventCallback<long>(static (_, _, _, _) => { });
        measurements.Start();
        Measure(rows, "activity-listened-ns", Activities);
        Measure(rows, "meter-listened-ns", Counts);
    }

    static void Measure(List<BenchmarkRow> rows, string name, Action calls)
    {
        double[] ns = new double[Runs], allocated = new double[Runs];
        for (var run = -WarmUpRuns; run < Runs; run++)
        {
            var at = Math.Max(run, 0);
            var before = GC.GetAllocatedBytesForCurrentThread();
            var began = Stopwatch.GetTimestamp();
            calls();
            ns[at] = Stopwatch.GetElapsedTime(began).TotalNanoseconds / Calls;
            allocated[at] = Math.Floor((GC.GetAllocatedBytesForCurrentThread() - before) / (double)Calls);
            // The flusher sleeps during the runs: what is measured is the calling thread.
            if (!Telemetry.Flush(TimeSpan.FromSeconds(60))) throw new TimeoutException("the flusher did not finish within 60 s");
        }
        if (Telemetry.Statistics!.Dropped.Total > 0) throw new InvalidOperationException("events were dropped: the figures would be of dropping");
        rows.Add(BenchmarkRow.Of(Bench, name, "ns", ns));
        rows.Add(BenchmarkRow.Of(Bench, name.Replace("-ns", "-allocated-bytes"), "B", allocated));
    }

    static void Poll(List<BenchmarkRow> rows)
    {
        const int pollsOfRun = 100;
        using var thrown = new ThrownExceptions(areLogged: false);
        var runtime = new RuntimeCounters(thrown);
        using var system = new SystemCounters();
        double[] ofRuntime = new double[Runs], ofSystem = new double[Runs];
        for (var run = -WarmUpRuns; run < Runs; run++)
        {
            var at = Math.Max(run, 0);
            ofRuntime[at] = Microseconds(runtime.Poll);
            ofSystem[at] = Microseconds(system.Poll);
            if (!Telemetry.Flush(TimeSpan.FromSeconds(60))) throw new TimeoutException("the flusher did not finish within 60 s");
        }
        rows.Add(BenchmarkRow.Of(Bench, "runtime-poll-us", "us", ofRuntime));
        rows.Add(BenchmarkRow.Of(Bench, "system-poll-us", "us", ofSystem));

        static double Microseconds(Action poll)
        {
            var began = Stopwatch.GetTimestamp();
            for (var i = 0; i < pollsOfRun; i++) poll();
            return Stopwatch.GetElapsedTime(began).TotalMicroseconds / pollsOfRun;
        }
    }

    static void Activities()
    {
        for (var call = 0; call < Calls; call++) source.StartActivity("activity")!.Dispose();
    }

    static void TaggedActivities()
    {
        for (var call = 0; call < Calls; call++)
        {
            using var activity = source.StartActivity("activity")!;
            activity.SetTag("who", "ann");
            activity.SetTag("where", "forest");
        }
    }

    static void Counts()
    {
        for (var call = 0; call < Calls; call++) counter.Add(1);
    }

    static void TaggedSamples()
    {
        for (var call = 0; call < Calls; call++) histogram.Record(1.5, new KeyValuePair<string, object?>("who", "ann"), new KeyValuePair<string, object?>("where", "forest"));
    }

    static void Logs(ILogger log)
    {
        for (var call = 0; call < Calls; call++) message(log, "ann", "the forest", null);
    }
}

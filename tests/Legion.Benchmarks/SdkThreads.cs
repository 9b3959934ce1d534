using System.Diagnostics;
using Legion.Sdk;

namespace Legion.Benchmarks;

/// <summary>What threads cost each other, and what segments in a mapped file cost over those in the heap.</summary>
static class SdkThreads
{
    const string Bench = "sdk";
    const int Runs = 21;
    const int Calls = 200_000;

    /// <summary>Nothing listens there.</summary>
    static readonly Uri nowhere = new("http://127.0.0.1:9");

    public static IEnumerable<BenchmarkRow> Run()
    {
        yield return TwoOverOne();
        foreach (var row in MappedOverHeap()) yield return row;
    }

    /// <summary>Processor time of an event when two threads record, over that when one does, while the flusher sleeps.</summary>
    static BenchmarkRow TwoOverOne()
    {
        var ratio = new double[Runs];
        using var recording = Telemetry.Start(new TelemetryOptions { Sink = new BlockTally(), MemoryBytes = 256 << 20, PassInterval = TimeSpan.FromHours(1) });
        for (var run = -10; run < Runs; run++)
        {
            var one = CpuNs(threads: 1);
            recording.Flush(TimeSpan.FromSeconds(60));
            var two = CpuNs(threads: 2);
            recording.Flush(TimeSpan.FromSeconds(60));
            ratio[Math.Max(run, 0)] = two / one;
        }
        return BenchmarkRow.Of(Bench, "two-threads-over-one", "ratio", ratio, Aim.AtMost, 1.05);
    }

    static double CpuNs(int threads)
    {
        using var together = new Barrier(threads);
        var ns = new double[threads];
        var workers = Enumerable.Range(0, threads).Select(number => new Thread(() =>
        {
            Spans(1000);
            together.SignalAndWait();
            var began = ThreadClock.Ns;
            Spans(Calls);
            ns[number] = (ThreadClock.Ns - began) / (2.0 * Calls);
        })).ToArray();
        foreach (var worker in workers) worker.Start();
        foreach (var worker in workers) worker.Join();
        return ns.Average();
    }

    static void Spans(int calls)
    {
        for (var call = 0; call < calls; call++)
        {
            using var span = Telemetry.Span("span");
        }
    }

    /// <summary>A program that records some hundred thousand events a second, with the flusher at its work.</summary>
    static IEnumerable<BenchmarkRow> MappedOverHeap()
    {
        var folder = Directory.CreateTempSubdirectory("legion-bench-").FullName;
        double[] mean = new double[Runs], buckets = new double[Runs];
        for (var run = -2; run < Runs; run++)
        {
            var heap = Latencies(null);
            var mapped = Latencies(folder);
            mean[Math.Max(run, 0)] = mapped.MeanNs / heap.MeanNs;
            buckets[Math.Max(run, 0)] = Math.Abs(Bucket(mapped.P999Ns) - Bucket(heap.P999Ns));
        }
        Directory.Delete(folder, recursive: true);
        yield return BenchmarkRow.Of(Bench, "mapped-over-heap-mean", "ratio", mean, Aim.AtMost, 1.05);
        yield return BenchmarkRow.Of(Bench, "mapped-over-heap-p999-buckets", "buckets", buckets, Aim.AtMost, 0);
    }

    /// <summary>Buckets are powers of two of nanoseconds.</summary>
    static int Bucket(double ns) => (int)Math.Floor(Math.Log2(Math.Max(1, ns)));

    static (double MeanNs, double P999Ns) Latencies(string? spool)
    {
        const int warmUp = 60_000;
        var ns = new double[Calls];
        using var recording = Telemetry.Start(new TelemetryOptions { Endpoint = nowhere, Spool = spool, EndTimeout = TimeSpan.Zero, PassInterval = TimeSpan.FromMilliseconds(20) });
        var nsOfTick = NsOfTick();
        for (var call = -warmUp; call < Calls; call++)
        {
            var began = ProcessClock.Ticks;
            using (Telemetry.Span("span"))
            {
            }
            ns[Math.Max(call, 0)] = (ProcessClock.Ticks - began) * nsOfTick;
            Thread.SpinWait(30);
        }
        Array.Sort(ns);
        if (spool is not null) recording.Withdraw();
        // The mean without the thousandth that the system, not the recording, has made long.
        return (ns.Take(Calls - Calls / 1000).Average(), ns[Calls - Calls / 1000]);
    }

    static double NsOfTick()
    {
        var (ticks, began) = (ProcessClock.Ticks, Stopwatch.GetTimestamp());
        Thread.Sleep(20);
        return Stopwatch.GetElapsedTime(began).TotalNanoseconds / (ProcessClock.Ticks - ticks);
    }
}

using System.Diagnostics;
using Legion.Sdk;

namespace Legion.Benchmarks;

/// <summary>What recording costs: the calling thread, the background, memory, the wire; against limits, and against others.</summary>
static class SdkSuite
{
    const string Bench = "sdk";

    public static IEnumerable<BenchmarkRow> Run(BenchmarkSize size) =>
        // Memory first, as a process keeps what it once had.
        Memory(size.Spans).Concat(SdkCaller.Run()).Concat(SdkEncoding.Run()).Concat(SdkTotal.Run()).Concat(SdkThreads.Run()).Concat(SdkHostility.Run()).Concat(SdkPeers.Run());

    /// <summary>What the process takes for many spans, with the flusher at its work.</summary>
    static IEnumerable<BenchmarkRow> Memory(long spans)
    {
        const double mebibyte = 1 << 20;
        const int spansOfPass = 200_000;
        var process = Process.GetCurrentProcess();
        var workingSet = process.WorkingSet64;
        var peak = 0L;
        using (var recording = Telemetry.Start(new TelemetryOptions { Sink = new BlockTally(), PassInterval = TimeSpan.FromHours(1) }))
        {
            for (var done = 0L; done < spans; done += spansOfPass)
            {
                for (var call = 0; call < spansOfPass; call++)
                {
                    using var span = Telemetry.Span("span");
                }
                if (!recording.Flush(TimeSpan.FromSeconds(60))) throw new TimeoutException("the flusher did not finish within 60 s");
                process.Refresh();
                peak = Math.Max(peak, process.WorkingSet64 - workingSet);
            }
            if (recording.Statistics.Dropped.Total > 0) throw new InvalidOperationException($"{recording.Statistics.Dropped.Total} events were dropped: the figures would be of dropping");
        }
        yield return BenchmarkRow.Of(Bench, "peak-memory", "MiB", [peak / mebibyte], Aim.AtMost, 96);
    }
}

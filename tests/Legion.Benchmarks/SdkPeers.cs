using System.Diagnostics;
using Legion.Benchmarks.Peers;
using Legion.Sdk;

namespace Legion.Benchmarks;

/// <summary>
/// The same span and the same log through this SDK and through others, in turns in one process: what is compared is the time of the calling thread.
/// Each is built as its users build it, and hands what it takes to an end that lets go of it.
/// </summary>
static class SdkPeers
{
    const string Bench = "sdk";
    const int Runs = 41;

    /// <summary>What is run before does not count: the runtime compiles code for its last tier beside it, and late.</summary>
    static readonly TimeSpan warmUp = TimeSpan.FromSeconds(3);

    /// <summary>Few enough that no peer's queue overflows: to drop is cheap.</summary>
    const int Calls = 4_000;

    public static IEnumerable<BenchmarkRow> Run()
    {
        // As much memory as the peer in C goes round in: a larger one would be met page by page for the first time while it is measured.
        using var recording = Telemetry.Start(new TelemetryOptions { Sink = new BlockTally(), MemoryBytes = 2 << 20, PassInterval = TimeSpan.FromHours(1) });
        List<Peer> spans = [new LegionSpans(), new OpenTelemetrySpans(), new ActivitySpans(), new EventSourceSpans(), .. CSpans.Compiled()];
        List<Peer> logs = [new LegionLogs(), new ZLoggerLogs(), new SerilogLogs(), new OpenTelemetryLogs()];
        try
        {
            return [.. Compared("span", spans, recording), .. Compared("log", logs, recording)];
        }
        finally
        {
            foreach (var peer in spans.Concat(logs)) peer.Dispose();
        }
    }

    /// <summary>How many times cheaper the first is than the others; of C, how many times dearer.</summary>
    static IEnumerable<BenchmarkRow> Compared(string signal, List<Peer> peers, Recording recording)
    {
        var ns = peers.ConvertAll(_ => new double[Runs]);
        var clock = Stopwatch.StartNew();
        for (var run = 0; run < Runs;)
        {
            for (var peer = 0; peer < peers.Count; peer++)
            {
                // The processor has slept or done something else since this peer's last turn.
                peers[peer].Call(Calls / 4);
                var began = Stopwatch.GetTimestamp();
                peers[peer].Call(Calls);
                ns[peer][run] = Stopwatch.GetElapsedTime(began).TotalNanoseconds / Calls;
                peers[peer].Drain();
            }
            if (!recording.Flush(TimeSpan.FromSeconds(60))) throw new TimeoutException("the flusher did not finish within 60 s");
            if (clock.Elapsed > warmUp) run++;
        }
        if (recording.Statistics.Dropped.Total > 0) throw new InvalidOperationException($"{recording.Statistics.Dropped.Total} events were dropped: the figures would be of dropping");
        for (var peer = 0; peer < peers.Count; peer++)
        {
            var (name, aim, target) = (peers[peer].Name, peers[peer].Aim, peers[peer].Target);
            yield return BenchmarkRow.Of(Bench, $"{signal}-{name}-ns", "ns", ns[peer]);
            if (aim == Aim.None) continue;
            var ratios = ns[0].Zip(ns[peer], (ours, theirs) => aim == Aim.AtLeast ? theirs / ours : ours / theirs);
            yield return BenchmarkRow.Of(Bench, $"{signal}-vs-{name}", "ratio", [.. ratios], aim, target);
        }
    }
}

using Legion.Format;
using Legion.Sdk;

namespace Legion.Benchmarks.Cost;

/// <summary>What a process leaves behind in an hour, as its real recording made it.</summary>
/// <param name="Batches">Uploads: one request to ingestion each.</param>
/// <param name="Objects">Ingestion puts one for each class in a batch.</param>
/// <param name="Blocks">A row of the catalog each.</param>
readonly record struct Traffic(double Events, double Batches, double Objects, double Blocks, double Bytes)
{
    /// <summary>Time runs so many times faster than for a real process: rates and cadences alike, so that blocks hold the same events.</summary>
    const int Haste = 20;

    /// <summary>So many cadences are counted, after one that is not.</summary>
    const int Cadences = 4;

    /// <summary>Records a process of the kind at this cadence, and counts what its recording would send.</summary>
    public static Traffic Of(ProcessKind kind, TimeSpan cadence)
    {
        var counter = new BatchCounter();
        using var end = new CancellationTokenSource();
        var options = new TelemetryOptions { Sink = counter, MemoryBytes = 256 << 20, BlockAge = cadence / Haste, PassInterval = TimeSpan.FromMilliseconds(250.0 / Haste) };
        using (Telemetry.Start(options))
        {
            var threads = Enumerable.Range(0, kind.Threads).Select(number => new Thread(() => Emit(kind, number, end.Token))).ToArray();
            foreach (var thread in threads) thread.Start();
            counter.CountFor(cadence / Haste, cadence / Haste * Cadences);
            end.Cancel();
            foreach (var thread in threads) thread.Join();
            counter.Stop();
        }
        return counter.Counted * (TimeSpan.FromHours(1) / (cadence * Cadences));
    }

    public static Traffic operator *(Traffic traffic, double factor) =>
        new(traffic.Events * factor, traffic.Batches * factor, traffic.Objects * factor, traffic.Blocks * factor, traffic.Bytes * factor);

    /// <summary>One thread's share, in bursts of what has come due.</summary>
    static void Emit(ProcessKind kind, int number, CancellationToken end)
    {
        var random = new Random(number);
        var began = Environment.TickCount64;
        double spans = 0, metrics = 0, logs = 0;
        while (!end.WaitHandle.WaitOne(1))
        {
            var seconds = (Environment.TickCount64 - began) / 1000.0 * Haste / kind.Threads;
            for (; spans < kind.SpanEvents * seconds; spans += 4)
            {
                using var outer = Telemetry.Span("update");
                using var inner = Telemetry.Span("step");
            }
            for (; metrics < kind.Metrics * seconds; metrics++) Telemetry.Metric("milliseconds", random.NextDouble());
            for (; logs < kind.Logs * seconds; logs++) Telemetry.Log(Level.Info, $"served {random.Next()} in {random.NextDouble()} ms for {number}");
        }
    }
}

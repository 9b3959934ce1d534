using System.Globalization;
using Legion.Sdk;

namespace Legion.Tests.Sdk;

/// <summary>
/// The function that reads the processor's counter is machine code of our own, called without any transition: the collector must be able
/// to stop a thread in it, walk its stack and go on. <c>LEGION_SOAK_SECONDS</c> says for how long; without it for a moment.
/// </summary>
[Collection(SdkCollection.Name)]
public sealed class CounterSoakTests
{
    const int Threads = 16;

    [Fact]
    public void CollectionsMayStopThreadsThatReadTheCounter()
    {
        if (!ProcessClock.CountsCycles) Assert.Skip("this machine's counter is not used");
        var seconds = double.Parse(Environment.GetEnvironmentVariable("LEGION_SOAK_SECONDS") ?? "2", CultureInfo.InvariantCulture);
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        using var recording = Telemetry.Start(new TelemetryOptions { Sink = new MemorySink(), MemoryBytes = 16 << 20 });
        var (reads, backwards) = (0L, 0L);
        var workers = Enumerable.Range(0, Threads).Select(number => new Thread(() =>
        {
            var random = new Random(number);
            var kept = new object[64];
            while (!end.IsCancellationRequested)
            {
                var last = 0ul;
                for (var read = 0; read < 1000; read++)
                {
                    var tick = ProcessClock.Ticks;
                    // Counters of different processors may differ by little.
                    if (tick + 100_000 < last) Interlocked.Increment(ref backwards);
                    last = tick;
                }
                using (Telemetry.Span("soak")) kept[random.Next(kept.Length)] = new byte[random.Next(2000)];
                Interlocked.Add(ref reads, 1000);
            }
        })).ToArray();
        foreach (var worker in workers) worker.Start();
        var collections = 0;
        while (!end.IsCancellationRequested)
        {
            GC.Collect(collections % 3, GCCollectionMode.Forced, blocking: true, compacting: true);
            collections++;
        }
        foreach (var worker in workers) worker.Join();
        TestContext.Current.TestOutputHelper?.WriteLine($"{reads} readings, {collections} collections");
        Assert.Equal(0, backwards);
        Assert.True(reads > 0 && collections > 0);
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using Legion.Format;
using Legion.Sdk;
using Legion.Victim;

namespace Legion.Benchmarks;

/// <summary>The loop of a program that has better things to do than to record: some microsecond of work a step, with a span and a metric, and a log now and then.</summary>
[SupportedOSPlatform("linux")]
static class HostLoop
{
    /// <summary>What makes the program this loop.</summary>
    public const string Argument = "host-loop";

    const int Runs = 9;
    const int Steps = 120_000, WarmUpSteps = 60_000;
    const int StepsOfLog = 64;
    const int RoundsOfStep = 400;

    const long MemoryBytes = 8 << 20, QueueBytes = 4 << 20;

    /// <summary>What a recording may hold: segments, half as much again in blocks in progress, blocks that wait, a batch on its way, an answer of up to 4 MiB in a buffer that doubles.</summary>
    public const long CapBytes = MemoryBytes * 3 / 2 + QueueBytes + (10 << 20);

    /// <summary>Prints for each run how fast the host is with a hostile server or machine, by its thread's processor time and by the clock on the wall, and what the recording held then.</summary>
    public static void Run(Adversity adversity, Uri healthy, Uri hostile, string folder)
    {
        // Whoever the host may have to become: it makes its own folders in there.
        File.SetUnixFileMode(folder, (UnixFileMode)511);
        var output = Console.Out;
        for (var run = -1; run < Runs; run++)
        {
            // In turns first and second, as whatever runs second finds other caches.
            Measured well = default;
            if (run % 2 == 0) well = Measure(healthy, Path.Combine(folder, $"well-{run}"), Adversity.None);
            var badly = Measure(hostile, Path.Combine(folder, $"badly-{run}"), adversity);
            if (run % 2 != 0) well = Measure(healthy, Path.Combine(folder, $"well-{run}"), Adversity.None);
            // The first pair is not counted: the runtime compiles code for its last tier beside it.
            if (run < 0) continue;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{well.CpuNs / badly.CpuNs} {well.WallNs / badly.WallNs} {badly.HeldBytes}"));
        }
    }

    static Measured Measure(Uri endpoint, string folder, Adversity adversity)
    {
        var times = new HardTimes(adversity, Directory.CreateDirectory(folder).FullName);
        times.Prepare();
        // A recording that has its threads needs no others.
        var beginsBefore = adversity == Adversity.NoThreads;
        var heap = GC.GetTotalMemory(forceFullCollection: true);
        if (beginsBefore) times.Begin();
        var recording = Telemetry.Start(new TelemetryOptions
        {
            Endpoint = endpoint, Spool = Path.Combine(folder, "spool"), MemoryBytes = MemoryBytes, QueueBytes = QueueBytes, PassInterval = TimeSpan.FromMilliseconds(10), EndTimeout = TimeSpan.FromSeconds(1),
        });
        Loop(WarmUpSteps);
        if (!beginsBefore) times.Begin();
        var (cpu, wall) = (ThreadClock.Ns, Stopwatch.GetTimestamp());
        Loop(Steps);
        var measured = new Measured(ThreadClock.Ns - cpu, Stopwatch.GetElapsedTime(wall).TotalNanoseconds, GC.GetTotalMemory(forceFullCollection: true) - heap + SegmentArea.BytesFor(SegmentArea.SegmentsFor(MemoryBytes)));
        times.End();
        recording.Dispose();
        return measured;
    }

    static void Loop(int steps)
    {
        var state = 88172645463325252ul;
        for (var step = 0; step < steps; step++)
        {
            using (Telemetry.Span("step")) state = Work(state);
            Telemetry.Metric("state", state);
            if (step % StepsOfLog == 0) Telemetry.Log(Level.Info, $"step {step}");
        }
        GC.KeepAlive(state);
    }

    static ulong Work(ulong state)
    {
        for (var round = 0; round < RoundsOfStep; round++)
        {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
        }
        return state;
    }

    readonly record struct Measured(double CpuNs, double WallNs, double HeldBytes);
}

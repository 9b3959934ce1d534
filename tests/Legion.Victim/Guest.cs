using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using Legion.Format;
using Legion.Sdk;

namespace Legion.Victim;

/// <summary>
/// A program that goes on while the machine or the server treats its recording badly, and says at the end what it has recorded.
/// It writes "begun" and "recorded", each time goes on when it is sent a line, and then writes the figures and the recording's own log, a line each.
/// </summary>
[UnsupportedOSPlatform("windows")]
static class Guest
{
    /// <summary>Events of a round, and rounds before, during and after what happens.</summary>
    const int StepsOfRound = 4_000, Rounds = 5;

    /// <summary>Steps that are made at once, so that the recording keeps up.</summary>
    const int StepsOfBurst = 100;

    static readonly TimeSpan enough = TimeSpan.FromSeconds(30);

    public static void Run(Uri endpoint, string folder, Adversity adversity, bool isAtStart, bool hasSpool, bool endsInTime)
    {
        var times = new HardTimes(adversity, folder);
        // Opened now: what the program itself needs is not what is looked at.
        var (input, output) = (Console.In, Console.Out);
        times.Prepare();
        if (isAtStart)
        {
            // Code comes from files too: the program has recorded before.
            Telemetry.Start(new TelemetryOptions { Endpoint = endpoint, Spool = Path.Combine(folder, "before"), EndTimeout = enough }).Dispose();
            Tell("begun");
            times.Begin();
        }
        var reports = new List<string>();
        var recording = Telemetry.Start(new TelemetryOptions
        {
            Endpoint = endpoint,
            Spool = hasSpool ? Path.Combine(folder, "spool") : null,
            MemoryBytes = 4 << 20,
            QueueBytes = 256 << 10,
            BlockBytes = 16 << 10,
            PassInterval = TimeSpan.FromMilliseconds(5),
            EndTimeout = TimeSpan.FromSeconds(endsInTime ? 1 : enough.TotalSeconds),
            SelfLog = sentence =>
            {
                lock (reports) reports.Add(sentence);
            },
        });
        var produced = Record(1);
        if (!isAtStart)
        {
            // Where there is a server, the recording has done once whatever it does.
            if (adversity != Adversity.None) recording.Flush(enough);
            Tell("begun");
            times.Begin();
        }
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var round = 1; round < Rounds; round++) produced += Record(round);
        var grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        Tell("recorded");
        if (!endsInTime) times.End();
        var took = Stopwatch.StartNew();
        recording.Dispose();
        took.Stop();
        times.End();
        var (statistics, invariant) = (recording.Statistics, CultureInfo.InvariantCulture);
        output.WriteLine(string.Create(invariant, $"{recording.ProcessId} {produced} {statistics.Recorded.Total} {statistics.Dropped.Total} {statistics.Sink.StoredEvents} {statistics.Sink.DroppedEvents} {grown} {took.ElapsedMilliseconds} {PoolThreads()}"));
        lock (reports) output.WriteLine(string.Join(" | ", reports).ReplaceLineEndings(" "));
        output.Flush();

        void Tell(string what)
        {
            output.WriteLine(what);
            output.Flush();
            input.ReadLine();
        }
    }

    /// <summary>Threads of the runtime's pool, which nothing in this program needs.</summary>
    static int PoolThreads() => Directory.GetDirectories("/proc/self/task").Count(IsOfPool);

    static bool IsOfPool(string thread)
    {
        try
        {
            return File.ReadAllText(Path.Combine(thread, "comm")).StartsWith(".NET TP", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            // It has ended meanwhile.
            return false;
        }
    }

    /// <returns>How many events.</returns>
    static long Record(int seed)
    {
        var random = new Random(seed);
        var events = 0L;
        for (var step = 0; step < StepsOfRound; step++)
        {
            using (Telemetry.Span("step")) Telemetry.Metric("noise", random.NextDouble());
            events += 3;
            if (step % 16 == 0)
            {
                Telemetry.Log(Level.Info, $"step {step} of {random.NextInt64()}");
                events++;
            }
            if (step % StepsOfBurst == 0) Thread.Sleep(1);
        }
        return events;
    }
}

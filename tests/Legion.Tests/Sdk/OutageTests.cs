using System.Collections.Concurrent;
using System.Globalization;
using Legion.Format;
using Legion.Sdk;
using Legion.Tests.Support;
using Recording = Legion.Sdk.Recording;

namespace Legion.Tests.Sdk;

/// <summary>
/// A server that is away for long, replies that never arrive, a program that is started again and again: nothing is lost within the spool's cap and nothing arrives twice;
/// beyond the cap gap records say exactly what is missing. <c>LEGION_OUTAGE_SECONDS</c> makes each life of the program longer.
/// </summary>
[Collection(SdkCollection.Name)]
public sealed class OutageTests : IngestionTest
{
    const int Lives = 6, NoiseRounds = 30;
    const double SwallowedShare = 0.2;

    static readonly TimeSpan enough = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task NothingIsLostAndNothingArrivesTwiceBehindABadNetwork()
    {
        var seconds = double.Parse(Environment.GetEnvironmentVariable("LEGION_OUTAGE_SECONDS") ?? "1.2", CultureInfo.InvariantCulture);
        await using var proxy = new FaultProxy(Server.Url, SwallowedShare);
        using var isOver = new CancellationTokenSource();
        var weather = ComeAndGoAsync(proxy, isOver.Token);
        var random = new Random(1);
        var lives = new List<Died>();
        for (var life = 0; life < Lives; life++)
        {
            var cause = life % 3 == 2 ? "Exit" : "KillAtRest";
            lives.Add(await VictimProgram.RunAsync(proxy.Url, Folder, new VictimLife(cause, (int)(1000 * seconds), random.Next(), PauseMs: 1), Cancellation));
        }
        await isOver.CancelAsync();
        await weather;
        proxy.IsAway = false;
        var sent = Spool.Send(Folder, proxy.Url, null, _ => { }, enough, cancellation: Cancellation);

        Assert.Empty(Directory.GetDirectories(Folder));
        foreach (var died in lives) await AssertExactAsync(died);
        Assert.True(proxy is { Swallowed: > 0, Refused: > 0 }, $"the network was too good: {proxy.Swallowed} replies swallowed, {proxy.Refused} connections refused");
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{lives.Sum(died => died.Told.Sum())} events; {proxy.Delivered} replies arrived, {proxy.Swallowed} did not, {proxy.Refused} connections were refused; {sent.Blocks} blocks were left at the end");
    }

    [Fact]
    public async Task WhatDeadProcessesLeaveStaysWithinTheCapOfTheSpool()
    {
        const int SpoolMiB = 1;
        await using var proxy = new FaultProxy(Server.Url) { IsAway = true };
        var lives = new List<Died>();
        for (var life = 0; life < 4; life++) lives.Add(await VictimProgram.RunAsync(proxy.Url, Folder, new VictimLife("KillAtRest", 700, Seed: life, SpoolMiB: SpoolMiB), Cancellation));

        var reports = new ConcurrentQueue<string>();
        // The next program sees to them while the server is away.
        using (var recording = Telemetry.Start(new TelemetryOptions { Endpoint = proxy.Url, Spool = Folder, SpoolBytes = SpoolMiB << 20, EndTimeout = TimeSpan.Zero, SelfLog = reports.Enqueue }))
        {
            Assert.True(
                SpinWait.SpinUntil(() => Files("segments").Length == 1 && BytesOfEvents() <= SpoolMiB << 19, enough),
                $"blocks of the dead take {BytesOfEvents()} bytes: {string.Join("; ", reports)}");
        }

        proxy.IsAway = false;
        Spool.Send(Folder, proxy.Url, null, _ => { }, enough, cancellation: Cancellation);
        foreach (var died in lives)
        {
            var stored = await AssertExactAsync(died);
            AssertLeastNeededGoFirst(stored);
        }
    }

    [Fact]
    public async Task BeyondTheCapTracesGoFirstThenMetricsThenLogsAndGapsAreExact()
    {
        foreach (var (capBytes, survivors) in new (long, StreamClass[])[] { (900 << 10, [StreamClass.Log, StreamClass.Metric]), (450 << 10, [StreamClass.Log]), (40 << 10, []) })
        {
            await using var proxy = new FaultProxy(Server.Url) { IsAway = true };
            using var recording = Telemetry.Start(new TelemetryOptions
            {
                Endpoint = proxy.Url, Spool = Folder, SpoolBytes = capBytes, QueueBytes = 128 << 10, BlockBytes = 16 << 10, PassInterval = TimeSpan.FromMilliseconds(5), EndTimeout = enough,
            });
            RecordNoise(recording);
            proxy.IsAway = false;
            Assert.True(recording.Flush(enough), "not stored in time");
            recording.Dispose();

            var stored = await StoredProcess.ReadAsync(Server.Lake, recording.ProcessId, Cancellation);
            Assert.Equal(NoiseRounds * (20 + 1000 + 2 * 40), stored.Events + stored.LostEvents);
            Assert.Equal(stored.Events + stored.LostEvents, recording.Statistics.Recorded.Total);
            Assert.True(stored.LostEvents > 0, $"{capBytes} bytes were enough");
            Assert.Equal(stored.LostEvents, recording.Statistics.Sink.DroppedEvents);
            Assert.All(stored.Gaps, gap => Assert.Equal(GapReason.Spool, gap.Reason));
            AssertLeastNeededGoFirst(stored);
            Assert.All(stored.Streams.Where(stream => survivors.Contains(stream.Record.Class)), stream => Assert.Empty(stream.Gaps));
            Assert.All(stored.Streams.Where(stream => !survivors.Contains(stream.Record.Class)), stream => Assert.NotEmpty(stream.Gaps));
            Assert.Equal("exit", stored.Row.EndReason);
            Assert.Equivalent((StreamClass[])[StreamClass.Trace, StreamClass.Metric, StreamClass.Log], stored.Streams.Select(stream => stream.Record.Class).Distinct(), strict: true);
            Assert.Empty(Directory.GetDirectories(Folder));
        }
    }

    [Fact]
    public async Task WithdrawnConsentDeletesTheSpoolAndSendsNothingMore()
    {
        await using var proxy = new FaultProxy(Server.Url) { IsAway = true };
        await VictimProgram.RunAsync(proxy.Url, Folder, new VictimLife("KillAtRest", 100, Seed: 3, PauseMs: 1), Cancellation);
        Assert.NotEmpty(Directory.GetDirectories(Folder));

        // A server that answers: it is the recording that must not speak.
        using (var recording = Telemetry.Start(new TelemetryOptions { Endpoint = Server.Url, Spool = Path.Combine(Folder, "own"), BlockAge = TimeSpan.FromHours(1) }))
        {
            Telemetry.Log(Level.Info, $"nobody's business");
            Assert.True(recording.Flush(enough));
            Telemetry.Log(Level.Info, $"nobody's business either");
            recording.Withdraw();
            Assert.False(Telemetry.Flush(TimeSpan.Zero));
            Assert.Equal(1, (await StoredProcess.ReadAsync(Server.Lake, recording.ProcessId, Cancellation)).Events);
        }
        Assert.Empty(Directory.GetDirectories(Path.Combine(Folder, "own")));

        using (var recording = Telemetry.Start(new TelemetryOptions { Endpoint = proxy.Url, Spool = Folder }))
        {
            Telemetry.Log(Level.Info, $"nobody's business");
            Assert.False(recording.Flush(TimeSpan.FromMilliseconds(300)));
            recording.Withdraw();
            Assert.Empty(Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories));
        }
        proxy.IsAway = false;
        Assert.Equal(default, Spool.Send(Folder, proxy.Url, null, _ => { }, enough, cancellation: Cancellation));
        Assert.Equal(0, proxy.Delivered);
    }

    FileInfo[] Files(string pattern) => new DirectoryInfo(Folder).GetFiles(pattern, SearchOption.AllDirectories);

    /// <summary>Bytes of blocks on disk, but for gap records, which say what was there.</summary>
    long BytesOfEvents() => Files("*.block.legion").Where(file => SpoolFile.Read(File.ReadAllBytes(file.FullName)).Header.Events > 0).Sum(file => file.Length);

    /// <summary>Away for longer than it is there, until the end.</summary>
    static async Task ComeAndGoAsync(FaultProxy proxy, CancellationToken isOver)
    {
        var random = new Random(2);
        while (!isOver.IsCancellationRequested)
        {
            proxy.IsAway = !proxy.IsAway;
            await Task.Delay(random.Next(200, proxy.IsAway ? 1200 : 800), isOver).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    async Task<StoredProcess> AssertExactAsync(Died died)
    {
        var stored = await StoredProcess.ReadAsync(Server.Lake, died.ProcessId, Cancellation);
        Assert.NotNull(stored.Row.EndNs);
        Assert.DoesNotContain("legion.recovery", stored.Row.Properties, StringComparison.Ordinal);
        Assert.Equal(died.Told.Sum(), stored.Events + stored.LostEvents);
        if (stored.LostEvents == 0)
        {
            var threads = stored.EventsOfThreads();
            Assert.Equal(died.Told, Enumerable.Range(0, VictimProgram.Threads).Select(thread => threads["worker " + thread]));
        }
        foreach (var steps in stored.StepsOfThreads()) Assert.Equal(steps.Length, steps.Distinct().Count());
        Assert.All(stored.Gaps, gap => Assert.Contains(gap.Reason, (GapReason[])[GapReason.Spool, GapReason.Memory]));
        return stored;
    }

    /// <summary>A class has lost something only where those that are needed less have nothing left but what came last, which lies in one block a stream.</summary>
    static void AssertLeastNeededGoFirst(StoredProcess stored)
    {
        bool HasGaps(StreamClass streamClass) => stored.Streams.Any(stream => stream.Record.Class == streamClass && stream.Gaps.Exists(gap => gap.Reason == GapReason.Spool));
        if (HasGaps(StreamClass.Log)) Assert.True(HasGaps(StreamClass.Metric), "logs went before metrics");
        if (HasGaps(StreamClass.Metric)) Assert.True(HasGaps(StreamClass.Trace), "metrics went before traces");
    }

    /// <summary>Spans, metrics and logs of some hundred KiB each that do not compress: in each round 20 entries, 1000 measures, and 40 spans of two events.</summary>
    static void RecordNoise(Recording recording)
    {
        var random = new Random(4);
        for (var round = 0; round < NoiseRounds; round++)
        {
            for (var i = 0; i < 20; i++) Telemetry.Log(Level.Info, $"noise {Noise(random, 512)}");
            for (var i = 0; i < 1000; i++) Telemetry.Metric("noise", random.NextDouble());
            for (var i = 0; i < 40; i++) Telemetry.Span("noise", [new("noise", Noise(random, 512))]).Dispose();
            // All of it in blocks that wait; the server cannot have them.
            Assert.False(recording.Flush(TimeSpan.FromMilliseconds(20)));
        }
    }

    static string Noise(Random random, int letters) => string.Concat(Enumerable.Range(0, letters).Select(_ => (char)random.Next('0', 'z')));
}

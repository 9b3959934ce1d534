using System.Diagnostics;
using Legion.Format;
using Legion.Sdk;

namespace Legion.Tests.Sdk;

/// <summary>Sampling in a program that records with it, and after one that died while blocks were undecided.</summary>
[Collection(SdkCollection.Name)]
public sealed class SamplingTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("legion-sampling-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void ASlowFrameIsKeptWithAllThreadsAndCountsAreExact()
    {
        var (slow, margin) = (TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(50));
        var sink = new MemorySink();
        Statistics statistics;
        using (var recording = Telemetry.Start(new TelemetryOptions
        {
            Sink = sink,
            BlockAge = TimeSpan.FromMilliseconds(10),
            PassInterval = TimeSpan.FromMilliseconds(5),
            Sampling = new Sampling { SlowFrame = slow, Margin = margin, OneIn = 0 },
        }))
        {
            using var ended = new CancellationTokenSource();
            var workers = Enumerable.Range(0, 2).Select(_ => new Thread(() =>
            {
                while (!ended.IsCancellationRequested)
                {
                    using var work = Telemetry.Span("work");
                    Last(TimeSpan.FromMilliseconds(1));
                }
            })).ToArray();
            foreach (var worker in workers) worker.Start();
            for (var frame = 0; frame <= 60; frame++)
            {
                Telemetry.Frame("main");
                using var tick = Telemetry.Span("tick");
                Last(frame == 30 ? 2 * slow : slow / 10);
            }
            ended.Cancel();
            foreach (var worker in workers) worker.Join();
            recording.Dispose();
            statistics = recording.Statistics;
        }

        var streams = DecodedStream.All(sink);
        var frames = streams.Single(stream => stream.Record.Name == "frames");
        Assert.Equal(60, frames.Events.Count);
        var clock = frames.Headers[0].Clock;
        var slowOnes = frames.Events.Select(frame => (Begin: clock.Ns((ulong)(long)frame["begin_tick"]!), End: clock.Ns(frame.Tick))).Where(frame => frame.End - frame.Begin > slow.TotalNanoseconds * 1.01).ToArray();
        Assert.NotEmpty(slowOnes);

        var traces = sink.Blocks.Where(block => block.Header.Class == StreamClass.Trace).ToArray();
        var marginNs = (long)(margin.TotalNanoseconds * 0.99);
        bool IsNear(FinishedBlock block) => Array.Exists(slowOnes, frame =>
            block.Header.Clock.Ns(block.Header.FirstTick) <= frame.End + marginNs && block.Header.Clock.Ns(block.Header.LastTick) >= frame.Begin - marginNs);
        var left = traces.Where(block => block.Header.Events == 0).ToArray();
        Assert.NotEmpty(left);
        Assert.DoesNotContain(left, IsNear);
        Assert.Equal(3, traces.Where(block => block.Header.Events > 0 && IsNear(block)).Select(block => block.Header.StreamId).Distinct().Count());

        var ofThreads = streams.Where(stream => stream.Record.Class == StreamClass.Trace).ToArray();
        Assert.All(ofThreads.SelectMany(stream => stream.Gaps), gap => Assert.Equal(GapReason.Sampled, gap.Reason));
        Assert.Equal(statistics.Recorded.Trace, ofThreads.Sum(stream => stream.Events.Count + (long)stream.LostEvents));
        Assert.Equal(statistics.Sampled, ofThreads.Sum(stream => (long)stream.LostEvents));
        Assert.Equal(0, statistics.Dropped.Total);
    }

    [Theory]
    [InlineData("span", true)]
    [InlineData("dynamic span", true)]
    [InlineData("span with arguments", true)]
    [InlineData("first phase", true)]
    [InlineData("last phase", true)]
    [InlineData("inner span", false)]
    [InlineData("async span", true)]
    [InlineData("async child", true)]
    [InlineData("error", true)]
    [InlineData("warning", false)]
    [InlineData("marker", true)]
    [InlineData("keep", true)]
    [InlineData("nothing", false)]
    public void WhateverTheProgramRecordsIsSeen(string what, bool isKept)
    {
        var sink = new MemorySink();
        var rules = new Sampling { SlowSpans = { ["target"] = TimeSpan.Zero }, OneIn = 0, Margin = TimeSpan.Zero };
        using (var recording = Telemetry.Start(new TelemetryOptions { Sink = sink, Sampling = rules, BlockAge = TimeSpan.FromHours(1), PassInterval = TimeSpan.FromHours(1) }))
        {
            for (var block = 0; block < 3; block++)
            {
                using (Telemetry.Span("dull")) Last(TimeSpan.FromMilliseconds(1));
                if (block == 1) Record(what);
                using (Telemetry.Span("dull")) Last(TimeSpan.FromMilliseconds(1));
                Assert.True(recording.Flush(TimeSpan.FromSeconds(30)));
            }
        }
        var blocks = sink.Blocks.Where(block => block.Header.Class == StreamClass.Trace).ToArray();
        Assert.Equal(isKept ? [1ul] : [], blocks.Where(block => block.Header.Events > 0).Select(block => block.Header.Sequence));
        Assert.Equal(3, blocks.Length);
    }

    static void Record(string what)
    {
        switch (what)
        {
            case "span":
                using (Telemetry.Span("target")) Last(TimeSpan.FromMilliseconds(1));
                break;
            case "dynamic span":
                using (Telemetry.DynamicSpan("tar" + "get".ToLowerInvariant())) Last(TimeSpan.FromMilliseconds(1));
                break;
            case "span with arguments":
                using (Telemetry.Span("target", [new("n", 1)])) Last(TimeSpan.FromMilliseconds(1));
                break;
            case "first phase":
                using (var phase = Telemetry.Span("target"))
                {
                    Last(TimeSpan.FromMilliseconds(1));
                    phase.Next("dull");
                }
                break;
            case "last phase":
                using (var phase = Telemetry.Span("dull"))
                {
                    phase.Next("target");
                    Last(TimeSpan.FromMilliseconds(1));
                }
                break;
            case "inner span":
                using (Telemetry.Span("dull"))
                using (Telemetry.Span("target"))
                    Last(TimeSpan.FromMilliseconds(1));
                break;
            case "async span":
                using (Telemetry.AsyncSpan("target")) Last(TimeSpan.FromMilliseconds(1));
                break;
            case "async child":
                using (Telemetry.AsyncSpan("dull"))
                using (Telemetry.AsyncSpan("target"))
                    Last(TimeSpan.FromMilliseconds(1));
                break;
            case "error":
                Telemetry.Log(Level.Error, "it broke");
                break;
            case "warning":
                Telemetry.Log(Level.Warn, "it may break");
                break;
            case "marker":
                Telemetry.Marker("here");
                break;
            case "keep":
                Telemetry.Keep("a reason");
                break;
            default:
                break;
        }
    }

    [Fact]
    public void AKeptMomentIsThereWithItsReason()
    {
        var sink = new MemorySink();
        using (Telemetry.Start(new TelemetryOptions { Sink = sink, Sampling = new Sampling { OneIn = 0, Markers = false } }))
        {
            using (Telemetry.Span("before")) { }
            Telemetry.Keep("the player fell through the floor");
        }
        var stream = Assert.Single(DecodedStream.All(sink));
        Assert.Equal("before", Assert.Single(stream.Spans).Name);
        var marker = Assert.Single(stream.Events, entry => entry.Type == WellKnown.Marker);
        Assert.Equal([new Property("reason", "the player fell through the floor")], (Property[])marker["arguments"]!);
    }

    [Fact]
    public void NothingInterestingIsNothingButCounts()
    {
        var sink = new MemorySink();
        Statistics statistics;
        using (var recording = Telemetry.Start(new TelemetryOptions { Sink = sink, Sampling = new Sampling { OneIn = 0 } }))
        {
            for (var i = 0; i < 100; i++)
                using (Telemetry.Span("dull")) Telemetry.Log(Level.Info, $"line {i}");
            recording.Dispose();
            statistics = recording.Statistics;
        }
        var streams = DecodedStream.All(sink).ToDictionary(stream => stream.Record.Class);
        Assert.Equal((0, 200ul), (streams[StreamClass.Trace].Events.Count, streams[StreamClass.Trace].LostEvents));
        Assert.Equal(100, streams[StreamClass.Log].Events.Count);
        Assert.Equal((200, 200), (statistics.Recorded.Trace, statistics.Sampled));
    }

    [Fact]
    public void WhatWasUndecidedWhenTheProcessDiedIsSentAndWhatWasLeftOutIsNot()
    {
        var process = Guid.CreateVersion7();
        var stream = new StreamRecord { StreamId = Guid.CreateVersion7(), ProcessId = process, Version = 1, Class = StreamClass.Trace };
        var blocks = new List<FinishedBlock>();
        using (var spool = SpoolFolder.TryCreate(folder, process, 2, new SelfLog(null), out var area)!)
        {
            spool.Keep(new ProcessRecord { ProcessId = process, Version = 1, StartNs = 1, LastSeenNs = 1 });
            using var nowhere = new MemorySink();
            var sampler = new Sampler(new Sampling { OneIn = 0 }, nowhere, memoryBytes: 1, capBytes: 1 << 30, Knot(0));
            var writer = new TraceWriter(process, stream.StreamId);
            for (var second = 0; second < 10; second++)
            {
                writer.Begin(At(second) + 1, new Site("s", "t", "f", 1));
                writer.End(At(second) + 2);
                var block = writer.Cut(Guid.CreateVersion7(), new BlockClock(0, [Knot(second), Knot(second + 1)]));
                Assert.True(spool.TryStore(block, stream, new CutState { Positions = [] }));
                sampler.BeginPass(Knot(second + 1));
                sampler.Add(block);
                Assert.False(block.IsInMemory);
                sampler.EndPass(At(second + 1));
                blocks.Add(block);
            }
            Assert.Equal(9, nowhere.Blocks.Count);
            area!.Discard();
        }

        using var server = new FakeServer();
        using var leftovers = new SpoolLeftovers(folder, new SelfLog(null));
        while (leftovers.TrySend(server) is not null) { }
        Assert.Equal(10, server.Stored.Count);
        Assert.Equal(blocks.Select((block, second) => second < 9 ? 0u : 2u), blocks.Select(block => BlockHeaderBytes.Read(server.Stored[block.Header.BlockId], out _).Events));
        var decoded = DecodedStream.Of(stream, blocks.Select(block => server.Stored[block.Header.BlockId]), new Dictionary<SchemaHash, Schema> { [WellKnown.Schema.Hash] = WellKnown.Schema });
        Assert.Equal((2, 18ul), (decoded.Events.Count, decoded.LostEvents));
        Assert.All(decoded.Gaps, gap => Assert.Equal(GapReason.Sampled, gap.Reason));
    }

    static ulong At(int second) => (ulong)second * 1_000_000_000;

    static ClockKnot Knot(int second) => new(At(second), (long)At(second), (long)At(second));

    /// <summary>Takes time, as work does.</summary>
    static void Last(TimeSpan time)
    {
        var begin = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begin) < time) Thread.SpinWait(50);
    }
}

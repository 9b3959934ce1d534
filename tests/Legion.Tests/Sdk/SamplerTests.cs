using Legion.Format;
using Legion.Sdk;

namespace Legion.Tests.Sdk;

/// <summary>Which blocks go and which become gap records, with a clock of the test's own: a tick is a nanosecond.</summary>
public sealed class SamplerTests
{
    const ulong Second = 1_000_000_000;

    static readonly Site site = new("s", "t", "f", 1);
    static readonly Guid process = Guid.CreateVersion7();

    readonly MemorySink sink = new();

    [Fact]
    public void ASlowFrameKeepsTheBlocksAroundItOnAllThreads()
    {
        var sampler = Sampler(new Sampling { SlowFrame = TimeSpan.FromMilliseconds(500), OneIn = 0 });
        var threads = Threads(3);
        Play(sampler, threads, seconds: 20, now =>
        {
            // Frames of 100 ms, but for one.
            if (now == 10.25) sampler.Watch.Frame("main", At(10.1), At(10.2));
            if (now == 11) sampler.Watch.Frame("main", At(10.2), At(10.9));
        });
        sampler.Finish(keepsAll: false);

        AssertKept(threads, (first, last) => first <= 11.9 && last >= 9.2);
        AssertWhole(sampler, threads);
    }

    [Fact]
    public void AHangIsKeptFromItsBeginWhileItLasts()
    {
        var sampler = Sampler(new Sampling { SlowFrames = { ["main"] = TimeSpan.FromSeconds(2) }, OneIn = 0 });
        var threads = Threads(2);
        Play(sampler, threads, seconds: 30, now => sampler.Watch.Frame("main", At(Math.Min(now, 10)), At(now)));
        AssertKept(threads, (first, last) => last >= 9, until: 26);
    }

    [Fact]
    public void WhatNeverEndsIsInterestingForAMinute()
    {
        var sampler = Sampler(new Sampling { SlowSpan = TimeSpan.FromSeconds(1), OneIn = 0 });
        var threads = Threads(1);
        sampler.Watch.AsyncBegin(7, 0, "request", At(10));
        Play(sampler, threads, seconds: 120, now => sampler.Watch.RootSpan("main", At(10), At(now)));
        AssertKept(threads, (first, last) => last >= 9 && first <= 71, until: 115);
    }

    public static TheoryData<string, bool> Moments => new()
    {
        { "root span", true }, { "fast root span", false }, { "named root span", true }, { "patiently named root span", false },
        { "async span", true }, { "async child", false }, { "named async child", true },
        { "error", true }, { "warning", false }, { "marker", true }, { "keep", true },
    };

    [Theory]
    [MemberData(nameof(Moments))]
    public void AMomentKeepsItsSurroundings(string moment, bool isInteresting)
    {
        var rules = new Sampling
        {
            SlowSpan = TimeSpan.FromMilliseconds(100), SlowSpans = { ["quick"] = TimeSpan.FromMilliseconds(1), ["patient"] = TimeSpan.FromSeconds(5) },
            OneIn = 0, Margin = TimeSpan.FromMilliseconds(500), Markers = moment != "keep",
        };
        var sampler = Sampler(rules);
        var threads = Threads(2);
        var (begin, end) = (At(9.8), At(10));
        Play(sampler, threads, seconds: 20, now =>
        {
            if (now != 10) return;
            switch (moment)
            {
                case "root span": sampler.Watch.RootSpan("any", begin, end); break;
                case "fast root span": sampler.Watch.RootSpan("any", At(9.95), end); break;
                case "named root span": sampler.Watch.RootSpan("quick", At(9.95), end); break;
                case "patiently named root span": sampler.Watch.RootSpan("patient", begin, end); break;
                case "async span": sampler.Watch.AsyncEnd(1, 0, "any", begin, end); break;
                case "async child": sampler.Watch.AsyncEnd(1, 5, "any", begin, end); break;
                case "named async child": sampler.Watch.AsyncEnd(1, 5, "quick", begin, end); break;
                case "error": sampler.Watch.Log((byte)Level.Error, end); break;
                case "warning": sampler.Watch.Log((byte)Level.Warn, end); break;
                case "marker": sampler.Watch.Marker("any", end); break;
                case "keep": sampler.Watch.Marker("any", At(5)); sampler.Watch.Marker(Watch.KeepName, end); break;
            }
        });
        sampler.Finish(keepsAll: false);
        AssertKept(threads, (first, last) => isInteresting && first <= 10.5 && last >= 9.5);
        AssertWhole(sampler, threads);
    }

    [Fact]
    public void OneBlockInSoManyOfEachStreamGoesInAnyCase()
    {
        var sampler = Sampler(new Sampling { OneIn = 5 });
        var threads = Threads(3);
        Play(sampler, threads, seconds: 23, _ => { });
        sampler.Finish(keepsAll: false);
        foreach (var thread in threads)
            Assert.Equal(Enumerable.Range(0, 23).Where(number => number % 5 == 0), Kept(thread).Select(block => (int)block.Header.Sequence));
        AssertWhole(sampler, threads);
    }

    [Fact]
    public void OtherClassesGoAtOnceUnlessTheyAreNamed()
    {
        var sampler = Sampler(new Sampling { OneIn = 0 });
        sampler.BeginPass(Knot(1));
        sampler.Add(LogBlock());
        Assert.Equal(1u, Assert.Single(sink.Blocks).Header.Events);

        var named = Sampler(new Sampling { OneIn = 0, Classes = [StreamClass.Log] });
        named.BeginPass(Knot(1));
        named.Add(LogBlock());
        Assert.Single(sink.Blocks);
        named.Finish(keepsAll: false);
        Assert.Equal(0u, sink.Blocks[^1].Header.Events);
    }

    [Fact]
    public void WhileItIsOffEverythingGoes()
    {
        var sampler = Sampler(new Sampling { OneIn = 0 });
        var threads = Threads(2);
        Play(sampler, threads, seconds: 20, now => sampler.IsOn = now is < 8 or >= 12);
        sampler.Finish(keepsAll: false);
        // What waited when it was switched off goes too.
        AssertKept(threads, (first, last) => last >= 6.9 && first < 11);
    }

    [Fact]
    public void ADyingProgramsLastMomentsGo()
    {
        var sampler = Sampler(new Sampling { OneIn = 0, Margin = TimeSpan.FromSeconds(3) });
        var threads = Threads(2);
        Play(sampler, threads, seconds: 20, _ => { });
        sampler.Finish(keepsAll: true);
        AssertKept(threads, (first, last) => last >= 17);
    }

    [Fact]
    public void WhatWaitsIsBounded()
    {
        var block = Threads(1)[0].Next(0);
        var sampler = new Sampler(new Sampling { OneIn = 0, Margin = TimeSpan.FromMinutes(30) }, sink, 10 * block.StoredBytes, 1 << 30, Knot(0));
        var thread = Threads(1)[0];
        Play(sampler, [thread], seconds: 50, _ => { });
        Assert.InRange(sink.Blocks.Count, 38, 42);
        sampler.Finish(keepsAll: false);
        AssertWhole(sampler, [thread]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void TheByteBudgetHoldsAndTracesGoFirst(bool isOn)
    {
        const int seconds = 600;
        var rate = Threads(1)[0].Next(0).StoredBytes;
        // Four threads want four times the rate; logs take a part of it.
        var sampler = new Sampler(new Sampling { OneIn = 1, BytesPerSecond = rate }, sink, 1 << 30, 1 << 30, Knot(0)) { IsOn = isOn };
        var threads = Threads(4);
        var logs = 0;
        Play(sampler, threads, seconds, now =>
        {
            if (now % 5 != 0) return;
            sampler.Add(LogBlock());
            logs++;
        });
        sampler.Finish(keepsAll: false);
        AssertWhole(sampler, threads);
        Assert.Equal(logs, sink.Blocks.Count(block => block.Header is { Class: StreamClass.Log, Events: > 0 }));
        var sent = sink.Blocks.Sum(block => (long)block.StoredBytes);
        Assert.InRange(sent, rate * seconds * 9L / 10, rate * (seconds + 60L));
        Assert.Contains(sink.Blocks, block => block.Header is { Class: StreamClass.Trace, Events: 0 });
    }

    [Fact]
    public void LogsAreLeftOutWhenNothingElseIsLeft()
    {
        var log = LogBlock();
        var sampler = new Sampler(new Sampling { BytesPerSecond = log.StoredBytes }, sink, 1 << 30, 1 << 30, Knot(0));
        for (var second = 1; second <= 300; second++)
        {
            sampler.BeginPass(Knot(second));
            for (var i = 0; i < 5; i++) sampler.Add(LogBlock());
        }
        Assert.InRange(sink.Blocks.Sum(block => (long)block.StoredBytes), 0, log.StoredBytes * 361L + 1000 * sink.Blocks.Count);
        Assert.Equal(1500, sink.Blocks.Count(block => block.Header.Events > 0) + sampler.SampledEvents);
        Assert.True(sampler.SampledEvents > 500);
    }

    [Fact]
    public void InterestsAgreeWithAListOfAllStretches()
    {
        var random = new Random(3);
        for (var round = 0; round < 200; round++)
        {
            var interests = new Interests { MarginTicks = (ulong)random.Next(20) };
            var all = new List<(ulong From, ulong To)>();
            for (var i = 0; i < 60; i++)
            {
                var from = (ulong)random.Next(2000);
                var to = from + (ulong)random.Next(40);
                interests.Add(from, to);
                all.Add((from, to));
                var first = (ulong)random.Next(2000);
                var last = first + (ulong)random.Next(30);
                Assert.Equal(all.Exists(one => one.From <= last + interests.MarginTicks && one.To + interests.MarginTicks >= first), interests.Overlap(first, last));
            }
            interests.ForgetBefore(1000);
            for (var first = 1000ul; first < 2100; first += 7)
                Assert.Equal(all.Exists(one => one.From <= first + interests.MarginTicks && one.To + interests.MarginTicks >= first), interests.Overlap(first, first));
            Assert.InRange(interests.Count, 0, all.Count);
        }
    }

    [Fact]
    public void OptionsThatMakeNoSenseAreRefused()
    {
        foreach (var rules in (Sampling[])[new() { Margin = TimeSpan.FromSeconds(-1) }, new() { OneIn = -1 }, new() { BytesPerSecond = 0 }, new() { SlowFrame = TimeSpan.FromHours(1) }, new() { SlowSpans = { ["a"] = TimeSpan.FromSeconds(-1) } }])
            Assert.Throws<ArgumentException>(() => Telemetry.Start(new TelemetryOptions { Sink = new MemorySink(), Sampling = rules }));
    }

    Sampler Sampler(Sampling rules) => new(rules, sink, 1 << 30, 1 << 30, Knot(0));

    static ulong At(double seconds) => (ulong)Math.Round(seconds * Second);

    static ClockKnot Knot(double seconds) => new(At(seconds), (long)At(seconds), (long)At(seconds));

    static SampledThread[] Threads(int count) => [.. Enumerable.Range(0, count).Select(_ => new SampledThread())];

    /// <summary>A pass every quarter of a second, and at each full second a block of each thread: that of the second before.</summary>
    static void Play(Sampler sampler, SampledThread[] threads, int seconds, Action<double> happens)
    {
        for (var now = 0.25; now <= seconds; now += 0.25)
        {
            sampler.BeginPass(Knot(now));
            happens(now);
            if (now == Math.Floor(now))
                foreach (var thread in threads) sampler.Add(thread.Next(now - 1));
            sampler.EndPass(At(Math.Floor(now)));
        }
    }

    IEnumerable<FinishedBlock> Kept(SampledThread thread) => sink.Blocks.Where(block => block.Header.StreamId == thread.StreamId && block.Header.Events > 0);

    void AssertKept(SampledThread[] threads, Func<double, double, bool> isKept, double until = double.MaxValue)
    {
        foreach (var thread in threads)
        {
            var expected = thread.Blocks.Where(block => block.LastTick < until * Second && isKept((double)block.FirstTick / Second, (double)block.LastTick / Second)).Select(block => block.Sequence);
            Assert.Equal(expected, Kept(thread).Where(block => block.Header.LastTick < until * Second).Select(block => block.Header.Sequence));
        }
    }

    /// <summary>Nothing is lost but what the gap records say, and the readers' view of the stack holds across them.</summary>
    void AssertWhole(Sampler sampler, SampledThread[] threads)
    {
        var (kept, sampled) = (0L, 0L);
        foreach (var thread in threads)
        {
            var decoded = DecodedStream.Of(thread.Record, sink.Blocks.Where(block => block.Header.StreamId == thread.StreamId), new Dictionary<SchemaHash, Schema> { [WellKnown.Schema.Hash] = WellKnown.Schema });
            Assert.All(decoded.Gaps, gap => Assert.Equal(GapReason.Sampled, gap.Reason));
            Assert.All(decoded.Spans, span => Assert.Equal(span.Name == "whole" ? 0 : 1, span.Depth));
            kept += decoded.Events.Count;
            sampled += (long)decoded.LostEvents;
        }
        Assert.Equal(sampled, sampler.SampledEvents);
        Assert.Equal(threads.Sum(thread => thread.Blocks.Sum(block => (long)block.Events)), kept + sampled);
    }

    static FinishedBlock LogBlock()
    {
        var writer = new MergedWriter(process, Guid.CreateVersion7(), StreamClass.Log, WellKnown.Schema);
        LogEvent.Write(writer.Block, 5, new ThreadReference(1, FormatLimits.NoReference), 9, FormatLimits.NoReference, FormatLimits.NoReference, []);
        writer.Count(5);
        return writer.Cut(Guid.CreateVersion7(), new BlockClock(0, [Knot(0), Knot(1)]));
    }

    /// <summary>A thread within one span, with some spans in each second from 0.1 to 0.9 of it.</summary>
    sealed class SampledThread
    {
        readonly TraceWriter writer;
        bool hasBegun;

        public SampledThread() => writer = new TraceWriter(process, StreamId);

        public Guid StreamId { get; } = Guid.CreateVersion7();
        public List<BlockHeader> Blocks { get; } = [];
        public StreamRecord Record => new() { StreamId = StreamId, ProcessId = process, Version = 1, Class = StreamClass.Trace };

        public FinishedBlock Next(double second)
        {
            var random = new Random((int)second);
            if (!hasBegun) writer.Begin(At(second + 0.1), site, "whole", []);
            hasBegun = true;
            for (var tenth = 1; tenth < 9; tenth++)
            {
                writer.Begin(At(second + tenth / 10.0), site, "part", [new("noise", Convert.ToBase64String(Noise(random)))]);
                writer.End(At(second + (tenth + 1) / 10.0));
            }
            var block = writer.Cut(Guid.CreateVersion7(), new BlockClock(0, [Knot(second), Knot(second + 1)]));
            Blocks.Add(block.Header);
            return block;
        }

        static byte[] Noise(Random random)
        {
            var noise = new byte[1000];
            random.NextBytes(noise);
            return noise;
        }
    }
}

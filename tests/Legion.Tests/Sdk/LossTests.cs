using Legion.Format;
using Legion.Sdk;
using Xunit;

namespace Legion.Tests.Sdk;

/// <summary>Memory that is full loses events; how many, when and where is known exactly, and the stack is right again after.</summary>
[Collection(SdkCollection.Name)]
public sealed class LossTests
{
    const long Smallest = 2 * 64 << 10;

    static readonly TimeSpan enough = TimeSpan.FromSeconds(60);

    struct Tiny
    {
        public int Number;
    }

    [Fact]
    public void Every_lost_event_is_counted_and_the_stack_resynchronised()
    {
        const int rounds = 20_000;
        // The flusher is held up at the end of a pass, so that the two segments do fill up.
        using var mayGoOn = new ManualResetEventSlim();
        var held = new PassSink(mayGoOn.Wait);
        var sink = held.Kept;
        Statistics statistics;
        using (var recording = Telemetry.Start(new TelemetryOptions { Sink = held, MemoryBytes = Smallest, PassInterval = TimeSpan.FromHours(1) }))
        {
            using var outermost = Telemetry.Span("outermost");
            for (var round = 0; round < rounds; round++)
            {
                using var span = Telemetry.Span("span");
                using (Telemetry.Span("inner"))
                {
                    Telemetry.Log(Level.Info, $"round {round}");
                    Telemetry.Metric("round", round);
                    Telemetry.Emit(new Tiny { Number = round });
                }
                if (round % 5000 != 4999) continue;
                mayGoOn.Set();
                Assert.True(Telemetry.Flush(enough));
                mayGoOn.Reset();
            }
            mayGoOn.Set();
            using (Telemetry.Span("last")) { }
            outermost.Dispose();
            recording.Dispose();
            statistics = recording.Statistics;
        }
        var streams = DecodedStream.All(sink);
        var trace = streams.Single(stream => stream.Record.Class == StreamClass.Trace);

        Assert.True(statistics.Dropped.Trace > 0 && statistics.Dropped.Logs > 0 && statistics.Dropped.Metrics > 0 && statistics.Dropped.UserEvents > 0);
        Assert.Equal(statistics.Recorded.Trace, trace.Events.Count);
        Assert.Equal((ulong)statistics.Dropped.Trace, trace.LostEvents);
        Conserved(StreamClass.Log, statistics.Dropped.Logs);
        Conserved(StreamClass.Metric, statistics.Dropped.Metrics);
        Conserved(StreamClass.Other, statistics.Dropped.UserEvents);

        // A lost begin takes its end with it: begins and ends of recorded spans and lost events are all there is.
        var ends = trace.Events.Count(entry => entry.Type == WellKnown.SpanEnd);
        var truncated = trace.Spans.Count(span => span.IsTruncated);
        Assert.Equal(trace.Spans.Count, ends + trace.Spans.Count(span => span.EndTick is null));
        Assert.Equal((ulong)(2 * rounds + 2 - trace.Spans.Count + trace.Spans.Count(span => span.EndTick is null)), trace.LostEvents);
        Assert.InRange(truncated, 0, 2 * trace.Gaps.Count);
        Assert.All(trace.Spans, span => Assert.Equal(span.Name switch { "outermost" => 0, "span" or "last" => 1, _ => span.Depth }, span.Depth));
        Assert.NotNull(trace.Spans.Single(span => span.Name == "outermost").EndTick);

        void Conserved(StreamClass streamClass, long dropped)
        {
            var stream = streams.Single(stream => stream.Record.Class == streamClass);
            Assert.Equal((ulong)dropped, stream.LostEvents);
            Assert.Equal((ulong)rounds, (ulong)stream.Events.Count + stream.LostEvents);
            Assert.All(stream.Gaps, gap => Assert.True(gap.Reason == GapReason.Memory && gap.Bytes > 0));
        }
    }

    [Fact]
    public void A_thread_that_dies_in_a_loss_has_it_recorded()
    {
        const int rounds = 50_000;
        var sink = new MemorySink();
        using (Telemetry.Start(new TelemetryOptions { Sink = sink, MemoryBytes = Smallest, PassInterval = TimeSpan.FromHours(1) }))
        {
            var thread = new Thread(() =>
            {
                for (var round = 0; round < rounds; round++) Telemetry.Metric("m", round);
            });
            thread.Start();
            thread.Join();
        }
        var metrics = Assert.Single(DecodedStream.All(sink));
        Assert.Equal((ulong)rounds, (ulong)metrics.Events.Count + metrics.LostEvents);
        Assert.True(metrics.LostEvents > 0);
    }

    [Fact]
    public void Losses_of_racing_threads_are_exact()
    {
        const int threads = 5, rounds = 40_000;
        var sink = new MemorySink();
        using (Telemetry.Start(new TelemetryOptions { Sink = sink, MemoryBytes = Smallest, PassInterval = TimeSpan.FromMilliseconds(1) }))
        {
            var workers = Enumerable.Range(0, threads).Select(_ => new Thread(() =>
            {
                for (var round = 0; round < rounds; round++)
                {
                    using var phase = Telemetry.Span("a");
                    using (Telemetry.Context("round", round)) Telemetry.Metric("m", round);
                    phase.Next("b");
                }
            })).ToArray();
            foreach (var worker in workers) worker.Start();
            foreach (var worker in workers) worker.Join();
        }
        var streams = DecodedStream.All(sink);
        var metrics = streams.Single(stream => stream.Record.Class == StreamClass.Metric);
        Assert.Equal((ulong)(threads * rounds), (ulong)metrics.Events.Count + metrics.LostEvents);
        foreach (var sample in metrics.Events.Where(sample => sample["properties"] is not null))
            Assert.Equal([new Property("round", (long)(double)sample["value"]!)], (Property[])sample["properties"]!);
        foreach (var trace in streams.Where(stream => stream.Record.Class == StreamClass.Trace))
        {
            Assert.All(trace.Spans, span => Assert.Equal(0, span.Depth));
            Assert.All(trace.Spans, span => Assert.True(span.EndTick is not null || span.IsTruncated || span == trace.Spans.MaxBy(other => other.Id)));
        }
    }
}

using Legion.Format;
using Legion.Sdk;
using Xunit;

namespace Legion.Tests.Sdk;

/// <summary>Threads that race the flusher, die, or do nothing: everything they recorded arrives, in their own order.</summary>
[Collection(SdkCollection.Name)]
public sealed class ThreadTests
{
    static readonly TimeSpan enough = TimeSpan.FromSeconds(60);

    [Fact]
    public void Threads_that_race_the_flusher_lose_nothing()
    {
        const int threads = 6, rounds = 10_000;
        var sink = new MemorySink();
        Statistics statistics;
        using (var recording = Telemetry.Start(new TelemetryOptions { Sink = sink, BlockBytes = 20_000, PassInterval = TimeSpan.FromMilliseconds(1) }))
        {
            var workers = Enumerable.Range(0, threads).Select(number => new Thread(() => Work(number, rounds)) { Name = "worker " + number }).ToArray();
            foreach (var worker in workers) worker.Start();
            while (workers.Any(worker => worker.IsAlive)) Telemetry.Flush(enough);
            recording.Dispose();
            statistics = recording.Statistics;
        }
        var streams = DecodedStream.All(sink);
        var traces = streams.Where(stream => stream.Record.Class == StreamClass.Trace).ToArray();
        Assert.Equal(0, statistics.Dropped.Total);
        Assert.Equal(Enumerable.Range(0, threads).Select(number => "worker " + number), traces.Select(stream => stream.Record.Name).Order());
        foreach (var trace in traces)
        {
            Assert.Equal(2 * rounds, trace.Spans.Count);
            Assert.All(trace.Spans, span => Assert.True(span.EndTick >= span.BeginTick));
            Assert.All(trace.Spans, span => Assert.Equal(span.Name == "outer" ? 0 : 1, span.Depth));
            Assert.True(trace.Headers.Count > 5, "the cadence makes many blocks");
        }
        var logs = streams.Single(stream => stream.Record.Class == StreamClass.Log);
        foreach (var ofThread in logs.Events.GroupBy(entry => entry["thread"]))
            Assert.Equal(Enumerable.Range(0, rounds / 10).Select(round => (object)(10L * round)), ofThread.Select(entry => ((object?[])entry["arguments"]!)[0]));
        Assert.Equal(threads * rounds / 10, logs.Events.Count);
        Assert.Equal(threads * rounds / 10, streams.Single(stream => stream.Record.Class == StreamClass.Metric).Events.Count);
        Assert.Equal(threads * rounds * 4 + 2 * threads * rounds / 10, statistics.Recorded.Total);
        Assert.Equal(statistics.Recorded.Total, statistics.Sink.StoredEvents);

        static void Work(int number, int rounds)
        {
            for (var round = 0; round < rounds; round++)
            {
                using var outer = Telemetry.Span("outer");
                using (Telemetry.Span("inner"))
                {
                    if (round % 10 != 0) continue;
                    Telemetry.Log(Level.Info, $"round {round} of {number}");
                    Telemetry.Metric("round", round);
                }
            }
        }
    }

    [Fact]
    public void What_a_dead_thread_recorded_arrives_and_its_memory_serves_others()
    {
        const int threads = 40;
        var sink = new MemorySink();
        using (Telemetry.Start(new TelemetryOptions { Sink = sink, MemoryBytes = 4 * 64 << 10 }))
        {
            for (var number = 0; number < threads; number++)
            {
                var thread = new Thread(() =>
                {
                    using (Telemetry.Span("short")) { }
                    Telemetry.Span("never ends");
                }) { Name = "dies " + number };
                thread.Start();
                thread.Join();
                Assert.True(Telemetry.Flush(enough));
            }
            Assert.Equal(0, Telemetry.Statistics!.Dropped.Total);
        }
        var streams = DecodedStream.All(sink);
        Assert.Equal(threads, streams.Count);
        Assert.All(streams, stream => Assert.Equal(["short", "never ends"], stream.Spans.Select(span => span.Name)));
        Assert.All(streams, stream => Assert.NotNull(stream.Record.ThreadId));
        Assert.Equal(threads, streams.Select(stream => stream.Record.StreamId).Distinct().Count());
    }

    [Fact]
    public void What_an_idle_thread_recorded_arrives_while_it_waits()
    {
        var sink = new MemorySink();
        using var recorded = new ManualResetEventSlim();
        using var leave = new ManualResetEventSlim();
        using (Telemetry.Start(new TelemetryOptions { Sink = sink }))
        {
            var idle = new Thread(() =>
            {
                using var waiting = Telemetry.Span("waiting");
                recorded.Set();
                leave.Wait();
            });
            idle.Start();
            recorded.Wait(TestContext.Current.CancellationToken);
            Assert.True(Telemetry.Flush(enough));
            var open = Assert.Single(Assert.Single(DecodedStream.All(sink)).Spans);
            Assert.Equal(("waiting", null), (open.Name, open.EndTick));
            leave.Set();
            idle.Join();
        }
        var span = Assert.Single(Assert.Single(DecodedStream.All(sink)).Spans);
        Assert.NotNull(span.EndTick);
    }

    [Fact]
    public void Scopes_that_end_out_of_order_or_twice_leave_no_span_open()
    {
        var sink = new MemorySink();
        using (Telemetry.Start(new TelemetryOptions { Sink = sink }))
        {
            var outer = Telemetry.Span("outer");
            var inner = Telemetry.Span("inner");
            outer.Dispose();
            inner.Dispose();
            outer.Dispose();
            using (Telemetry.Span("after")) { }
        }
        var spans = Assert.Single(DecodedStream.All(sink)).Spans;
        Assert.Equal([("outer", 0), ("inner", 1), ("after", 0)], spans.Select(span => (span.Name, span.Depth)));
        Assert.All(spans, span => Assert.NotNull(span.EndTick));
    }

    [Fact]
    public void Recording_allocates_nothing_once_the_call_sites_are_known()
    {
        using (Telemetry.Start(new TelemetryOptions { Sink = new MemorySink() }))
        {
            Record(2000);
            var before = GC.GetAllocatedBytesForCurrentThread();
            Record(1000);
            // A new segment now and then takes a node; an event must take nothing.
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200);
        }

        static void Record(int rounds)
        {
            for (var round = 0; round < rounds; round++)
            {
                using var span = Telemetry.Span("span");
                using var context = Telemetry.Context("key", "value");
                using (Telemetry.DynamicSpan("dynamic", [new("round", round)])) { }
                Telemetry.Log(Level.Info, $"round {round} {1.5:F1} {"text"} {DayOfWeek.Friday}");
                Telemetry.Metric("m", round);
                Telemetry.Emit(new Point { X = round, Name = "point" });
            }
        }
    }

    struct Point
    {
        public int X;
        public string Name;
    }
}

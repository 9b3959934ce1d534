using Legion.Format;
using Legion.Sdk;
using Xunit;

namespace Legion.Tests.Sdk;

[Collection(SdkCollection.Name)]
public sealed class RecordingTests
{
    static readonly TimeSpan enough = TimeSpan.FromSeconds(30);

    enum Weather
    {
        Rain = 3,
        Sun = 7,
    }

    [LegionEvent]
    struct FrameStats
    {
        public int Number;
        [Unit("ms")] public double Gpu { get; set; }
        public string? Scene;
        public bool Late;
        public Weather Weather;
        public sbyte Delta;
        public decimal NotRecorded { get; set; }
    }

    [Fact]
    public void Spans_nest_by_scope_and_phases_follow_each_other()
    {
        var sink = new MemorySink();
        using (Telemetry.Start(new TelemetryOptions { Sink = sink }))
        {
            using var frame = Telemetry.Span("frame");
            using (var phase = Telemetry.Span("physics"))
            {
                phase.Next("render");
                using (Telemetry.DynamicSpan("load " + 7, [new("bytes", 12), new("path", "a/b")])) { }
            }
            frame.Dispose();
        }
        var stream = Assert.Single(DecodedStream.All(sink));
        var spans = stream.Spans.OrderBy(span => span.Id).ToArray();
        Assert.Equal(["frame", "physics", "render", "load 7"], spans.Select(span => span.Name));
        Assert.Equal([0, 1, 1, 2], spans.Select(span => span.Depth));
        Assert.Equal([null, spans[0].Id, spans[0].Id, spans[2].Id], spans.Select(span => span.Parent));
        Assert.Equal(spans[1].EndTick, spans[2].BeginTick);
        Assert.Equal([new Property("bytes", 12), new Property("path", "a/b")], spans[3].Arguments);
        Assert.All(spans, span => Assert.NotNull(span.EndTick));
        Assert.Equal(8, stream.Events.Count);
    }

    [Fact]
    public void A_site_names_its_file_and_line()
    {
        var sink = new MemorySink();
        using (Telemetry.Start(new TelemetryOptions { Sink = sink }))
        {
            using (Telemetry.Span("here")) { }
        }
        var begin = Assert.Single(DecodedStream.All(sink)).Events[0];
        var site = Assert.IsType<Site>(begin["site"]);
        Assert.Equal(("here", "RecordingTests"), (site.Name, site.Target));
        Assert.EndsWith("RecordingTests.cs", site.File);
        Assert.True(site.Line > 0);
    }

    [Fact]
    public void A_log_keeps_its_arguments_raw_under_a_template_with_their_names()
    {
        var sink = new MemorySink();
        using (Telemetry.Start(new TelemetryOptions { Sink = sink }))
        {
            for (var pass = 0; pass < 3; pass++)
            {
                var (id, x, who) = (pass, 1.5 * pass, "ann" + pass);
                int? none = null;
                Telemetry.Log(Level.Info, $"spawned {id,4} at {x:F2} by {who} {{}} in {Weather.Sun} {none} {who.Length + 1}");
            }
            Telemetry.Log(Level.Warn, "plain {text}");
            Telemetry.Log(Level.Trace, $"never {Throw()}");
        }
        var log = DecodedStream.All(sink).Single(stream => stream.Record.Class == StreamClass.Log);
        Assert.Equal(("log", null), (log.Record.Name, log.Record.ThreadId));
        Assert.Equal(4, log.Events.Count);
        Assert.All(log.Events.Take(3), entry => Assert.Equal(
            "spawned {id,4} at {x:F2} by {who} {{}} in {Weather.Sun} {none} {who.Length_1}", ((Template)entry["template"]!).Text));
        Assert.Equal(new object?[] { 2L, 3.0, "ann2", "Sun", null, 5L }, (object?[])log.Events[2]["arguments"]!);
        Assert.Equal((long)(byte)Level.Info, log.Events[0]["severity"]);
        Assert.Equal("plain {{text}}", ((Template)log.Events[3]["template"]!).Text);
    }

    [Fact]
    public void Two_logs_on_one_line_keep_apart()
    {
        var sink = new MemorySink();
        using (Telemetry.Start(new TelemetryOptions { Sink = sink }))
        {
            var (a, b) = (1, 2);
            for (var i = 0; i < 4; i++)
            {
                if (i % 2 == 0) Telemetry.Log(Level.Info, $"{a} x"); else Telemetry.Log(Level.Info, $"{b} y");
            }
        }
        var log = Assert.Single(DecodedStream.All(sink));
        Assert.Equal(["{a} x", "{b} y", "{a} x", "{b} y"], log.Events.Select(entry => ((Template)entry["template"]!).Text));
        Assert.Equal([1L, 2L, 1L, 2L], log.Events.Select(entry => ((object?[])entry["arguments"]!)[0]));
    }

    [Fact]
    public void An_argument_that_records_or_throws_does_not_disturb_the_log_around_it()
    {
        var sink = new MemorySink();
        using (Telemetry.Start(new TelemetryOptions { Sink = sink }))
        {
            for (var i = 0; i < 100; i++)
            {
                try
                {
                    Telemetry.Log(Level.Info, $"lost {i} {Throw()}");
                }
                catch (InvalidOperationException)
                {
                    // The program's own exception passes through.
                }
                Telemetry.Log(Level.Info, $"outer {i} {Inner(i)} {new ThrowsWhenFormatted()}");
            }
        }
        var log = Assert.Single(DecodedStream.All(sink), stream => stream.Record.Class == StreamClass.Log);
        Assert.Equal(200, log.Events.Count);
        var inner = log.Events.Where(entry => ((Template)entry["template"]!).Text.StartsWith("inner")).ToArray();
        var outer = log.Events.Where(entry => ((Template)entry["template"]!).Text.StartsWith("outer")).ToArray();
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(new object[] { (long)i, "some text" }, (object?[])inner[i]["arguments"]!);
            Assert.Equal(new object[] { (long)i, (long)i * 2, "System.NotSupportedException" }, (object?[])outer[i]["arguments"]!);
        }

        static int Inner(int i)
        {
            Telemetry.Log(Level.Info, $"inner {i} {"some text"}");
            return i * 2;
        }
    }

    [Fact]
    public void Metrics_keep_value_unit_and_thread()
    {
        var sink = new MemorySink();
        using (Telemetry.Start(new TelemetryOptions { Sink = sink }))
        {
            Telemetry.Metric("entities", 42, Unit.Count);
            Telemetry.Metric("load", 0.25);
            Telemetry.Metric("frame", 16.6, new Unit("ms"));
        }
        var metrics = Assert.Single(DecodedStream.All(sink));
        Assert.Equal("metric", metrics.Record.Name);
        Assert.Equal(["entities", "load", "frame"], metrics.Events.Select(sample => ((Site)sample["site"]!).Name));
        Assert.Equal([42.0, 0.25, 16.6], metrics.Events.Select(sample => sample["value"]));
        Assert.Equal(["count", null, "ms"], metrics.Events.Select(sample => sample["unit"]));
        Assert.All(metrics.Events, sample => Assert.NotEqual("", sample["thread"]));
    }

    [Fact]
    public void An_event_of_the_programs_own_has_its_public_members_and_their_units()
    {
        var sink = new MemorySink();
        using (Telemetry.Start(new TelemetryOptions { Sink = sink }))
        {
            for (var i = 0; i < 10; i++)
                Telemetry.Emit(new FrameStats { Number = i, Gpu = i / 2.0, Scene = i == 3 ? null : "wald " + i, Late = i % 2 == 1, Weather = Weather.Sun, Delta = -5 });
        }
        var stream = Assert.Single(DecodedStream.All(sink));
        Assert.Equal(("FrameStats", StreamClass.Other), (stream.Record.Name, stream.Record.Class));
        var type = sink.Schemas[stream.Headers[0].Schema].Types[0];
        Assert.Equal("ms", type.Find("Gpu")!.Attribute("unit"));
        Assert.Equal("Rain=3,Sun=7", type.Find("Weather")!.Attribute("values"));
        Assert.Null(type.Find("NotRecorded"));
        for (var i = 0; i < 10; i++)
        {
            var stats = stream.Events[i];
            Assert.Equal((long)i, stats["Number"]);
            Assert.Equal(i / 2.0, stats["Gpu"]);
            Assert.Equal(i == 3 ? "" : "wald " + i, stats["Scene"]);
            Assert.Equal(i % 2L, stats["Late"]);
            Assert.Equal(7L, stats["Weather"]);
            Assert.Equal(-5L, stats["Delta"]);
        }
    }

    [Fact]
    public void A_context_holds_for_what_its_thread_records_meanwhile()
    {
        var sink = new MemorySink();
        using (Telemetry.Start(new TelemetryOptions { Sink = sink }))
        {
            using (Telemetry.Context("level", "forest"))
            {
                Telemetry.Flush(enough);
                Telemetry.Log(Level.Info, "one");
                using (Telemetry.Context("wave", 3)) Telemetry.Metric("enemies", 5);
                using (Telemetry.Span("inside")) { }
            }
            Telemetry.Log(Level.Info, "two");
        }
        var streams = DecodedStream.All(sink).ToDictionary(stream => stream.Record.Class);
        Assert.Equal([new Property("level", "forest")], (Property[])streams[StreamClass.Log].Events[0]["properties"]!);
        Assert.Null(streams[StreamClass.Log].Events[1]["properties"]);
        Assert.Equal([new Property("level", "forest"), new Property("wave", 3)], (Property[])streams[StreamClass.Metric].Events[0]["properties"]!);
        var inside = streams[StreamClass.Trace].Events.Single(entry => entry.Type == WellKnown.SpanBegin);
        Assert.Equal([new Property("level", "forest")], inside.Context);
        Assert.Single(streams[StreamClass.Trace].Headers[^1].OpenContexts);
    }

    [Fact]
    public void The_process_record_tells_properties_start_and_end()
    {
        var sink = new MemorySink();
        var recording = Telemetry.Start(new TelemetryOptions { Sink = sink, Properties = { ["build"] = "1234" } });
        recording.Flush(enough);
        var first = sink.Process!;
        Telemetry.SetProperty("branch", "main");
        recording.Flush(enough);
        var changed = sink.Process!;
        recording.Dispose();
        var last = sink.Process!;
        Assert.Equal([new Property("build", "1234")], first.Properties);
        Assert.Equal([new Property("build", "1234"), new Property("branch", "main")], changed.Properties);
        Assert.True(first.Version < changed.Version && changed.Version < last.Version);
        Assert.Null(changed.EndNs);
        Assert.Equal("exit", last.EndReason);
        Assert.InRange(last.EndNs!.Value, last.StartNs, (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100);
        Assert.Equal(recording.ProcessId, last.ProcessId);
    }

    [Fact]
    public void Nothing_is_recorded_and_nothing_thrown_while_no_recording_runs()
    {
        using var span = Telemetry.Span("nobody");
        span.Next("listens");
        using var context = Telemetry.Context("to", "this");
        Telemetry.Metric("m", 1);
        Telemetry.Log(Level.Fatal, $"not even evaluated {Throw()}");
        Telemetry.Log(Level.Fatal, "text");
        Telemetry.Emit(new FrameStats());
        Assert.False(Telemetry.Flush(TimeSpan.Zero));
        Assert.Null(Telemetry.Statistics);
    }

    [Fact]
    public void A_scope_that_outlives_its_recording_is_harmless()
    {
        var first = new MemorySink();
        var recording = Telemetry.Start(new TelemetryOptions { Sink = first });
        var span = Telemetry.Span("outlives");
        recording.Dispose();
        var second = new MemorySink();
        using (Telemetry.Start(new TelemetryOptions { Sink = second }))
        {
            using (Telemetry.Span("next")) { }
            for (var i = 0; i < 100_000; i++) span.Next("still");
            span.Dispose();
        }
        Assert.Null(Assert.Single(Assert.Single(DecodedStream.All(first)).Spans).EndTick);
        Assert.Equal("next", Assert.Single(Assert.Single(DecodedStream.All(second)).Spans).Name);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Options_that_name_no_place_or_two_are_refused(int places)
    {
        var options = places == 0 ? new TelemetryOptions() : new TelemetryOptions { Sink = new MemorySink(), Endpoint = new Uri("http://localhost:1") };
        Assert.Throws<ArgumentException>(() => Telemetry.Start(options));
    }

    [Fact]
    public void A_second_recording_is_refused_while_one_runs()
    {
        using var recording = Telemetry.Start(new TelemetryOptions { Sink = new MemorySink() });
        Assert.Throws<InvalidOperationException>(() => Telemetry.Start(new TelemetryOptions { Sink = new MemorySink() }));
    }

    static int Throw() => throw new InvalidOperationException("the program's own");

    sealed class ThrowsWhenFormatted
    {
        public override string ToString() => throw new NotSupportedException();
    }
}

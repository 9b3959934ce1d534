using Legion.Format;
using Legion.Sdk;
using Xunit;

namespace Legion.Tests.Sdk;

/// <summary>Plug-ins that record can be unloaded while the program goes on recording.</summary>
[Collection(SdkCollection.Name)]
public sealed class CollectibleTests
{
    const int Loads = 100;

    const string PlugIn = """
        using Legion.Format;
        using Legion.Sdk;

        using (var span = Telemetry.Span("plug-in", [new("number", 1)])) span.Next("next");
        Telemetry.Metric("metric", 1.5, new Unit("plugs"));
        Telemetry.Log(Level.Info, "text");
        for (var pass = 0; pass < 3; pass++) Telemetry.Log(Level.Info, $"pass {pass} of {Kind.Second} with {new Own(pass)}");
        Telemetry.Emit(new Stats { Number = 7, Kind = Kind.Second, Text = "seven" });
        Outer.Run();

        enum Kind { First, Second }
        readonly record struct Own(int Number);
        struct Stats { public int Number; public Kind Kind; public string Text; }
        static class Outer { struct Hidden { public Kind Kind; public string Text; } public static void Run() => Telemetry.Emit(new Hidden { Kind = Kind.First, Text = "hidden" }); }
        """;

    [Fact]
    public async Task Unloaded_plug_ins_are_collected_while_a_recording_runs()
    {
        CompiledProgram[] programs = [await CompiledProgram.Of(PlugIn), await CompiledProgram.Of(PlugIn, interceptors: false)];
        var sink = new MemorySink();
        using var recording = Telemetry.Start(new TelemetryOptions { Sink = sink });
        var loads = new List<WeakReference>();
        for (var load = 0; load < Loads; load++) loads.Add(programs[load % 2].LoadAndRun());
        for (var collection = 0; collection < 20 && loads.Any(load => load.IsAlive); collection++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.Equal(0, loads.Count(load => load.IsAlive));

        Assert.True(recording.Flush(TimeSpan.FromSeconds(30)));
        var streams = DecodedStream.All(sink);
        Assert.Equal(2 * Loads, streams.Sum(stream => stream.Spans.Count));
        // Loaded again, a type is the same type to readers.
        Assert.Equal([("Hidden", Loads), ("Stats", Loads)], streams.Where(stream => stream.Record.Class == StreamClass.Other)
            .Select(stream => (stream.Events[0].Type, stream.Events.Count)).Order());
    }
}

using System.Diagnostics;
using System.Runtime.CompilerServices;
using Legion.Format;
using Legion.Sdk;

namespace Legion.Victim;

/// <summary>The calls whose machine code the tests count. Each is a method of its own, called until the runtime has compiled it for its last tier.</summary>
static class HotPath
{
    static readonly SpanSite span = new("span");
    static readonly MetricSite metric = new("metric", Unit.Count);

    public static void Run()
    {
        using var recording = Telemetry.Start(new TelemetryOptions { Sink = new MemorySink() });
        for (var clock = Stopwatch.StartNew(); clock.ElapsedMilliseconds < 2000;)
        {
            Span();
            Metric(1);
            MetricAtLast(1);
            Log(1);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void Span()
    {
        using var scope = Telemetry.Span(span);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void Metric(double value) => Telemetry.Metric(metric, value);

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void MetricAtLast(double value) => Telemetry.MetricAtLast(metric, value);

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void Log(int call) => Telemetry.Log(Level.Info, $"call {call} at {1.5} in {"forest"}");
}

using System.Diagnostics;
using System.Diagnostics.Tracing;
using Legion.Sdk;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace Legion.Benchmarks.Peers;

sealed class LegionSpans() : Peer("legion", Aim.None, 0)
{
    public override void Call(int calls)
    {
        for (var call = 0; call < calls; call++)
        {
            using var span = Telemetry.Span("span");
        }
    }
}

/// <summary>OpenTelemetry with its batch processor and an exporter that discards.</summary>
sealed class OpenTelemetrySpans() : Peer("opentelemetry", Aim.AtLeast, 12)
{
    const int QueueSpans = 1 << 16;

    readonly ActivitySource source = new("Legion.Benchmarks.OpenTelemetry");
    readonly TracerProvider provider = global::OpenTelemetry.Sdk.CreateTracerProviderBuilder().AddSource("Legion.Benchmarks.OpenTelemetry")
        .AddProcessor(new BatchActivityExportProcessor(new DiscardedActivities(), maxQueueSize: QueueSpans)).Build();

    public override void Call(int calls)
    {
        for (var call = 0; call < calls; call++)
        {
            using var span = source.StartActivity("span");
        }
    }

    public override void Drain() => provider.ForceFlush((int)DrainTimeout.TotalMilliseconds);

    public override void Dispose()
    {
        provider.Dispose();
        source.Dispose();
    }

    sealed class DiscardedActivities : BaseExporter<Activity>
    {
        public override ExportResult Export(in Batch<Activity> batch) => ExportResult.Success;
    }
}

/// <summary>Activities with a listener that does nothing.</summary>
sealed class ActivitySpans : Peer
{
    readonly ActivitySource source = new("Legion.Benchmarks.Activity");
    readonly ActivityListener listener = new()
    {
        ShouldListenTo = source => source.Name == "Legion.Benchmarks.Activity",
        Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
        ActivityStarted = static _ => { },
        ActivityStopped = static _ => { },
    };

    public ActivitySpans() : base("activity-listener", Aim.AtLeast, 9) => ActivitySource.AddActivityListener(listener);

    public override void Call(int calls)
    {
        for (var call = 0; call < calls; call++)
        {
            using var span = source.StartActivity("span");
        }
    }

    public override void Dispose()
    {
        listener.Dispose();
        source.Dispose();
    }
}

/// <summary>Begin and end as events of an EventSource, with a listener that does nothing.</summary>
sealed class EventSourceSpans : Peer
{
    readonly SpanSource source = new();
    readonly Listener listener = new();

    public EventSourceSpans() : base("eventsource", Aim.AtLeast, 6) => listener.EnableEvents(source, EventLevel.LogAlways);

    public override void Call(int calls)
    {
        for (var call = 0; call < calls; call++)
        {
            source.Begin("span");
            source.End();
        }
    }

    public override void Dispose()
    {
        listener.Dispose();
        source.Dispose();
    }

    [EventSource(Name = "Legion.Benchmarks.Spans")]
    sealed class SpanSource : EventSource
    {
        [Event(1)]
        public void Begin(string name) => WriteEvent(1, name);

        [Event(2)]
        public void End() => WriteEvent(2);
    }

    sealed class Listener : EventListener
    {
        protected override void OnEventWritten(EventWrittenEventArgs written)
        {
        }
    }
}

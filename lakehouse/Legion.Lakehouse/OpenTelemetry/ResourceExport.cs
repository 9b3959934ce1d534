using Google.Protobuf;
using Google.Protobuf.Collections;
using Legion.Format;
using Legion.Store;

namespace Legion.Lakehouse.OpenTelemetry;

/// <summary>What a request exports of one resource, as a request of its own, and what a block's header says of it.</summary>
/// <param name="Request">The message, in the order in which it came.</param>
/// <param name="Events">Spans, log records or data points.</param>
/// <param name="FirstNs">Of spans the first end.</param>
/// <param name="EarliestNs">Of spans the first begin.</param>
sealed record ResourceExport(ExportSignal Signal, ResourceIdentity Resource, IMessage Request, uint Events, long FirstNs, long LastNs, long EarliestNs)
{
    public StreamClass Class => Signal.ClassOf();

    /// <summary>Divides a request by resource; what has no events is left out.</summary>
    /// <param name="receivedNs">The time of events that name none.</param>
    public static IReadOnlyList<ResourceExport> Divide(IMessage request, long receivedNs) => [.. (request switch
    {
        TraceRequest traces => Divide(traces.ResourceSpans, spans => spans.Resource, some => OfSpans(new TraceRequest { ResourceSpans = { some } }, receivedNs)),
        MetricRequest metrics => Divide(metrics.ResourceMetrics, metric => metric.Resource, some => OfPoints(new MetricRequest { ResourceMetrics = { some } }, receivedNs)),
        LogRequest logs => Divide(logs.ResourceLogs, log => log.Resource, some => OfLogs(new LogRequest { ResourceLogs = { some } }, receivedNs)),
        _ => throw new ArgumentException($"expected a request of OpenTelemetry, saw {request.GetType()}", nameof(request)),
    }).Where(export => export.Events > 0)];

    static IEnumerable<ResourceExport> Divide<T>(RepeatedField<T> items, Func<T, Resource?> resourceOf, Func<IEnumerable<T>, ResourceExport> export) =>
        items.Select(item => (Item: item, Identity: ResourceIdentity.Of(resourceOf(item)))).GroupBy(pair => pair.Identity.DigestText)
            .Select(group => export(group.Select(pair => pair.Item)) with { Resource = group.First().Identity }).ToArray();

    static ResourceExport OfSpans(TraceRequest request, long receivedNs)
    {
        var span = new EventRange(receivedNs);
        var earliest = long.MaxValue;
        foreach (var one in request.ResourceSpans.SelectMany(resource => resource.ScopeSpans).SelectMany(scope => scope.Spans))
        {
            var (beginNs, endNs) = TimeOf(one, receivedNs);
            span.Add(endNs);
            earliest = Math.Min(earliest, beginNs);
        }
        return Of(ExportSignal.Traces, request, span) with { EarliestNs = earliest };
    }

    static ResourceExport OfPoints(MetricRequest request, long receivedNs)
    {
        var range = new EventRange(receivedNs);
        foreach (var metric in request.ResourceMetrics.SelectMany(resource => resource.ScopeMetrics).SelectMany(scope => scope.Metrics))
        {
            foreach (var point in metric.Gauge?.DataPoints ?? metric.Sum?.DataPoints ?? []) range.Add(point.TimeUnixNano);
            foreach (var point in metric.Histogram?.DataPoints ?? []) range.Add(point.TimeUnixNano);
            foreach (var point in metric.ExponentialHistogram?.DataPoints ?? []) range.Add(point.TimeUnixNano);
            foreach (var point in metric.Summary?.DataPoints ?? []) range.Add(point.TimeUnixNano);
        }
        return Of(ExportSignal.Metrics, request, range);
    }

    static ResourceExport OfLogs(LogRequest request, long receivedNs)
    {
        var range = new EventRange(receivedNs);
        foreach (var record in request.ResourceLogs.SelectMany(resource => resource.ScopeLogs).SelectMany(scope => scope.LogRecords)) range.Add(TimeOf(record, receivedNs));
        return Of(ExportSignal.Logs, request, range);
    }

    static ResourceExport Of(ExportSignal signal, IMessage request, EventRange range) =>
        new(signal, ResourceIdentity.Of(null), request, range.Count, range.FirstNs, range.LastNs, range.FirstNs);

    /// <summary>A time as exporters write it; another where it is none: 0, or beyond the year 2262.</summary>
    public static long TimeOf(ulong unixNs, long otherwise) => unixNs is > 0 and < long.MaxValue ? (long)unixNs : otherwise;

    /// <summary>When it was logged, or else when somebody noticed.</summary>
    public static long TimeOf(LogRecord record, long otherwise) => TimeOf(record.TimeUnixNano, TimeOf(record.ObservedTimeUnixNano, otherwise));

    /// <summary>A span that ends before it begins has no duration.</summary>
    public static (long BeginNs, long EndNs) TimeOf(TraceSpan span, long otherwise)
    {
        var beginNs = TimeOf(span.StartTimeUnixNano, TimeOf(span.EndTimeUnixNano, otherwise));
        return (beginNs, Math.Max(beginNs, TimeOf(span.EndTimeUnixNano, beginNs)));
    }

    struct EventRange(long receivedNs)
    {
        public uint Count { get; private set; }
        public long FirstNs { get; private set; } = long.MaxValue;
        public long LastNs { get; private set; } = long.MinValue;

        public void Add(ulong unixNs) => Add(TimeOf(unixNs, receivedNs));

        public void Add(long ns)
        {
            Count++;
            FirstNs = Math.Min(FirstNs, ns);
            LastNs = Math.Max(LastNs, ns);
        }
    }
}

using Google.Protobuf;
using Google.Protobuf.Collections;
using Legion.Format;
using Legion.Store;

namespace Legion.Lakehouse.OpenTelemetry;

/// <summary>What an erasure leaves of an export request.</summary>
/// <param name="Events">Spans, log records or data points that are left.</param>
readonly record struct ErasedExport(byte[] Request, uint Events);

/// <summary>
/// Takes what is a subject's out of export requests. A span, a log record or a data point goes if an attribute of its own has the value, or one of what lies in it:
/// events and links, maps in the body or in attributes, exemplars. So does all that lies in a metric, a scope or a resource that has it.
/// </summary>
/// <param name="takesResource">Resources that go whatever they have.</param>
sealed class ExportErasure(IReadOnlyList<Subject> subjects, Func<Resource?, bool>? takesResource = null)
{
    readonly AttributeSearch search = new(subjects);

    /// <param name="takesAll">The stream is the subject's, and so are all its requests.</param>
    /// <returns>Null where nothing of the block goes.</returns>
    /// <exception cref="InvalidDataException">The block cannot be searched.</exception>
    public ExportPlan? Plan(Block block, bool takesAll)
    {
        if (takesAll) return block.Events.IsEmpty ? null : new ExportPlan(block.Header.Events, _ => new ErasedExport([], 0));
        if (!search.Finds(block.Events)) return null;
        return new ExportPlan(block.Header.Events - Math.Min(Apply(block).Events, block.Header.Events), Apply);
    }

    ErasedExport Apply(Block block) => Apply(ExportReader.Read(OtlpBlock.SignalOf(block), block.Events, keepUnknown: true));

    /// <param name="request">Changed by this.</param>
    /// <exception cref="InvalidDataException">The value is where nothing can be taken out.</exception>
    public ErasedExport Apply(IMessage request)
    {
        var kept = 0u;
        var isKept = request switch
        {
            TraceRequest traces => Keeps(traces, traces.ResourceSpans, resource => KeepsResource(resource.Resource) && Keeps(resource, resource.ScopeSpans, scope => Keeps(scope, scope.Spans, IsKept))),
            MetricRequest metrics => Keeps(metrics, metrics.ResourceMetrics, resource => KeepsResource(resource.Resource) && Keeps(resource, resource.ScopeMetrics, scope => Keeps(scope, scope.Metrics, KeepsMetric))),
            LogRequest logs => Keeps(logs, logs.ResourceLogs, resource => KeepsResource(resource.Resource) && Keeps(resource, resource.ScopeLogs, scope => Keeps(scope, scope.LogRecords, IsKept))),
            _ => throw new ArgumentException($"expected a request of OpenTelemetry, saw {request.GetType()}", nameof(request)),
        };
        var left = isKept ? request.ToByteArray() : [];
        return search.Finds(left) ? throw new InvalidDataException("expected what is erased to be an attribute, saw it elsewhere in the request") : new ErasedExport(left, kept);

        bool KeepsResource(Resource? resource) => takesResource is null || !takesResource(resource);

        bool KeepsMetric(Metric metric) => metric.DataCase switch
        {
            Metric.DataOneofCase.Gauge => Keeps(metric, metric.Gauge.DataPoints, IsKept),
            Metric.DataOneofCase.Sum => Keeps(metric, metric.Sum.DataPoints, IsKept),
            Metric.DataOneofCase.Histogram => Keeps(metric, metric.Histogram.DataPoints, IsKept),
            Metric.DataOneofCase.ExponentialHistogram => Keeps(metric, metric.ExponentialHistogram.DataPoints, IsKept),
            Metric.DataOneofCase.Summary => Keeps(metric, metric.Summary.DataPoints, IsKept),
            _ => !search.Finds(metric.ToByteArray()),
        };

        bool IsKept(IMessage item)
        {
            if (search.Finds(item.ToByteArray())) return false;
            kept++;
            return true;
        }
    }

    /// <summary>Keeps of what lies in a message what is to be kept.</summary>
    /// <returns>False where the message is to go: it has the value itself, or nothing is left in it.</returns>
    bool Keeps<T>(IMessage holder, RepeatedField<T> inner, Func<T, bool> isKept)
    {
        T[] all = [.. inner];
        inner.Clear();
        if (search.Finds(holder.ToByteArray())) return false;
        inner.AddRange(all.Where(isKept).ToArray());
        return inner.Count > 0 || all.Length == 0;
    }
}

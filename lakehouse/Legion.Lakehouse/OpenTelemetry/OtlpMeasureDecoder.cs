using System.Text.Json;
using Google.Protobuf.Collections;
using Legion.Format;
using Legion.Store;

namespace Legion.Lakehouse.OpenTelemetry;

/// <summary>
/// Turns blocks of OpenTelemetry's metrics into rows of <c>measures</c>: one a point of gauges and sums. Of a point of a histogram or a summary
/// one row each of its count, sum, least and greatest value and quantiles (SCHEMA.md, "Metrics of OpenTelemetry").
/// </summary>
sealed class OtlpMeasureDecoder(RowBuffer rows)
{
    const int Delta = 1;

    /// <summary>Flag of a point: there is no value, only the news that there is none.</summary>
    const uint NoValue = 1;

    readonly TextColumn processIds = rows.Text("process_id"), streamIds = rows.Text("stream_id"), threads = rows.Text("thread");
    readonly ColumnBuffer<long> times = rows.Get<long>("time_ns");
    readonly TextColumn names = rows.Text("name"), units = rows.Text("unit"), properties = rows.Text("properties");
    readonly TextColumn kinds = rows.Text("kind"), buckets = rows.Text("buckets");
    readonly ColumnBuffer<double> values = rows.Get<double>("value");
    readonly AttributeJson json = new();

    /// <summary>What the rows of one point have in common.</summary>
    readonly record struct Point(string ProcessId, string StreamId, long TimeNs, string Thread, string Properties);

    /// <exception cref="InvalidDataException">The block is damaged.</exception>
    public void Add(Block block, string processId, string streamId)
    {
        var request = OtlpBlock.Request<MetricRequest>(block, ExportSignal.Metrics);
        Point At(ulong unixNs, RepeatedField<KeyValue> attributes, params ReadOnlySpan<Property> more) => new(processId, streamId,
            ResourceExport.TimeOf(unixNs, block.Header.EndNs), new CodePlace(attributes).Thread, json.Of(attributes, more));

        foreach (var metric in request.ResourceMetrics.SelectMany(resource => resource.ScopeMetrics).SelectMany(scope => scope.Metrics))
        {
            switch (metric.DataCase)
            {
                case Metric.DataOneofCase.Gauge:
                    foreach (var point in metric.Gauge.DataPoints)
                        Append(At(point.TimeUnixNano, point.Attributes), metric.Name, metric.Unit, "gauge", ValueOf(point));
                    break;
                case Metric.DataOneofCase.Sum:
                    foreach (var point in metric.Sum.DataPoints)
                        Append(At(point.TimeUnixNano, point.Attributes), metric.Name, metric.Unit, KindOf(metric.Sum.AggregationTemporality), ValueOf(point));
                    break;
                case Metric.DataOneofCase.Histogram:
                    foreach (var point in metric.Histogram.DataPoints)
                        Append(At(point.TimeUnixNano, point.Attributes), metric, KindOf(metric.Histogram.AggregationTemporality), point.Flags, point.Count,
                            point.HasSum ? point.Sum : null, point.HasMin ? point.Min : null, point.HasMax ? point.Max : null, writer => HistogramBuckets.Write(writer, point));
                    break;
                case Metric.DataOneofCase.ExponentialHistogram:
                    foreach (var point in metric.ExponentialHistogram.DataPoints)
                        Append(At(point.TimeUnixNano, point.Attributes), metric, KindOf(metric.ExponentialHistogram.AggregationTemporality), point.Flags, point.Count,
                            point.HasSum ? point.Sum : null, point.HasMin ? point.Min : null, point.HasMax ? point.Max : null, writer => HistogramBuckets.Write(writer, point));
                    break;
                case Metric.DataOneofCase.Summary:
                    foreach (var point in metric.Summary.DataPoints)
                    {
                        Append(At(point.TimeUnixNano, point.Attributes), metric, "total", point.Flags, point.Count, point.Sum, null, null, null);
                        foreach (var quantile in point.QuantileValues)
                            Append(At(point.TimeUnixNano, point.Attributes, new Property("quantile", quantile.Quantile)), metric.Name + ".quantile", metric.Unit, "gauge", quantile.Value);
                    }
                    break;
            }
        }
    }

    /// <summary>An increment where each point counts what came since the last, otherwise a total since the start.</summary>
    static string KindOf(int temporality) => temporality == Delta ? "count" : "total";

    static double? ValueOf(NumberPoint point) => (point.Flags & NoValue) != 0 ? null : point.ValueCase switch
    {
        NumberPoint.ValueOneofCase.AsDouble => point.AsDouble,
        NumberPoint.ValueOneofCase.AsInt => point.AsInt,
        _ => null,
    };

    /// <summary>The rows of a point that stands for many values.</summary>
    void Append(Point point, Metric metric, string kind, uint flags, ulong count, double? sum, double? min, double? max, Action<Utf8JsonWriter>? writeBuckets)
    {
        var hasValue = (flags & NoValue) == 0;
        Append(point, metric.Name + ".count", "", kind, hasValue ? count : null, hasValue && writeBuckets is not null ? json.Write(writeBuckets) : null);
        if (sum is not null) Append(point, metric.Name + ".sum", metric.Unit, kind, sum);
        if (min is not null) Append(point, metric.Name + ".min", metric.Unit, "gauge", min);
        if (max is not null) Append(point, metric.Name + ".max", metric.Unit, "gauge", max);
    }

    void Append(Point point, string name, string unit, string kind, double? value, string? bucketText = null)
    {
        processIds.Add(point.ProcessId);
        streamIds.Add(point.StreamId);
        threads.Add(point.Thread);
        times.Add(point.TimeNs);
        names.Add(name);
        units.Add(unit);
        if (value is { } number) values.Add(number);
        else values.AddNull();
        properties.Add(point.Properties);
        kinds.Add(kind);
        if (bucketText is not null) buckets.Add(bucketText);
        else buckets.AddNull();
    }
}

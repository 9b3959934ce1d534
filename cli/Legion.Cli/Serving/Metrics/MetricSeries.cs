using System.Globalization;
using System.Text;

namespace Legion.Cli.Serving.Metrics;

/// <summary>What a measurement of an instrument means.</summary>
enum MetricKind
{
    /// <summary>What was added since the last measurement.</summary>
    Counter,

    /// <summary>The sum so far, of what only grows.</summary>
    Total,

    /// <summary>What was added, or taken away.</summary>
    Change,

    /// <summary>The value now.</summary>
    Gauge,

    /// <summary>One of many values whose distribution counts.</summary>
    Histogram,
}

/// <summary>The sums of one instrument under one combination of labels.</summary>
/// <param name="buckets">Upper bounds in rising order; empty for what is no histogram.</param>
sealed class MetricSeries(MetricKind kind, double[] buckets)
{
    readonly Lock taking = new();

    /// <summary>How many values lie in each bucket alone; the last is for those above all bounds.</summary>
    readonly long[] counts = new long[buckets.Length + 1];

    double value;

    public void Take(double measured)
    {
        lock (taking)
        {
            if (kind is MetricKind.Gauge or MetricKind.Total) value = measured;
            else value += measured;
            if (kind != MetricKind.Histogram) return;
            var bucket = Array.BinarySearch(buckets, measured);
            counts[bucket < 0 ? ~bucket : bucket]++;
        }
    }

    /// <param name="labels">Without the braces.</param>
    public void Write(StringBuilder text, string name, string labels)
    {
        lock (taking)
        {
            if (kind != MetricKind.Histogram)
            {
                Line(text, name, "", labels, value);
                return;
            }
            var below = 0L;
            var comma = labels.Length > 0 ? "," : "";
            for (var i = 0; i < counts.Length; i++)
            {
                below += counts[i];
                var bound = i < buckets.Length ? Number(buckets[i]) : "+Inf";
                Line(text, name, "_bucket", $"{labels}{comma}le=\"{bound}\"", below);
            }
            Line(text, name, "_sum", labels, value);
            Line(text, name, "_count", labels, below);
        }
    }

    static void Line(StringBuilder text, string name, string suffix, string labels, double value)
    {
        text.Append(name).Append(suffix);
        if (labels.Length > 0) text.Append('{').Append(labels).Append('}');
        text.Append(' ').Append(Number(value)).Append('\n');
    }

    static string Number(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf" : double.IsNegativeInfinity(value) ? "-Inf" : value.ToString("R", CultureInfo.InvariantCulture);
}

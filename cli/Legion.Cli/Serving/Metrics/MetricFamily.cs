using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace Legion.Cli.Serving.Metrics;

/// <summary>An instrument under its name of Prometheus, with a series for each combination of labels.</summary>
sealed class MetricFamily
{
    /// <summary>More labels than any instrument here has; beyond it something puts what it should not into a label.</summary>
    const int MostSeries = 2000;

    /// <summary>Seconds, for histograms that name no buckets.</summary>
    static readonly double[] defaultBuckets = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];

    readonly ConcurrentDictionary<string, MetricSeries> series = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<string, MetricSeries>.AlternateLookup<ReadOnlySpan<char>> byLabels;
    readonly MetricKind kind;
    readonly string help;
    readonly double[] buckets = [];

    public MetricFamily(Instrument instrument)
    {
        kind = KindOf(instrument.GetType());
        Name = NameOf(instrument, kind);
        help = instrument.Description ?? "";
        if (kind == MetricKind.Histogram) buckets = [.. (instrument as Histogram<double>)?.Advice?.HistogramBucketBoundaries ?? defaultBuckets];
        byLabels = series.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public string Name { get; }

    public void Take(double value, ReadOnlySpan<Tag> tags)
    {
        var labels = new LabelText(stackalloc char[LabelText.MostCharacters]);
        labels.Add(tags);
        if (!byLabels.TryGetValue(labels.Text, out var of))
        {
            if (series.Count >= MostSeries) return;
            of = series.GetOrAdd(labels.Text.ToString(), _ => new MetricSeries(kind, buckets));
        }
        of.Take(value);
    }

    public void Write(StringBuilder text)
    {
        if (series.IsEmpty) return;
        text.Append("# HELP ").Append(Name).Append(' ').Append(help.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal)).Append('\n');
        text.Append("# TYPE ").Append(Name).Append(' ').Append(kind switch { MetricKind.Histogram => "histogram", MetricKind.Gauge or MetricKind.Change => "gauge", _ => "counter" }).Append('\n');
        foreach (var (labels, of) in series.OrderBy(one => one.Key, StringComparer.Ordinal)) of.Write(text, Name, labels);
    }

    static MetricKind KindOf(Type type)
    {
        var definition = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
        return definition == typeof(Counter<>) ? MetricKind.Counter
            : definition == typeof(ObservableCounter<>) ? MetricKind.Total
            : definition == typeof(Histogram<>) ? MetricKind.Histogram
            : definition == typeof(UpDownCounter<>) ? MetricKind.Change
            : MetricKind.Gauge;
    }

    /// <summary>As OpenTelemetry names metrics for Prometheus: underscores, the unit in words, <c>_total</c> behind what only grows.</summary>
    static string NameOf(Instrument instrument, MetricKind kind)
    {
        var name = string.Concat(instrument.Name.Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '_'));
        if (instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => null } is { } unit && !name.EndsWith(unit, StringComparison.Ordinal)) name += unit;
        return kind is MetricKind.Counter or MetricKind.Total ? name + "_total" : name;
    }
}

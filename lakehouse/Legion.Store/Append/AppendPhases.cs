using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Legion.Store;

/// <summary>Where the time of appends goes: a span and a measurement for each of their phases.</summary>
public sealed class AppendPhases
{
    /// <summary>Name of the source of the spans.</summary>
    public const string SourceName = "Legion.Append";

    internal const string Register = "register", Find = "find", Put = "put", Insert = "insert";

    static readonly ActivitySource source = new(SourceName);

    readonly Histogram<double> duration;

    /// <param name="meter">Gets the instrument <c>legion.ingestion.phase.duration</c>.</param>
    public AppendPhases(Meter meter) => duration = meter.CreateHistogram("legion.ingestion.phase.duration", "s", "Phases of an append: records registered, known blocks found, payload put, rows inserted.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10] });

    internal Phase Begin(string name) => new(duration, name, source.StartActivity(name), Stopwatch.GetTimestamp());

    /// <summary>A phase that lasts until it is disposed.</summary>
    internal readonly struct Phase(Histogram<double> duration, string name, Activity? activity, long begin) : IDisposable
    {
        public void Dispose()
        {
            activity?.Dispose();
            duration.Record(Stopwatch.GetElapsedTime(begin).TotalSeconds, new KeyValuePair<string, object?>("phase", name));
        }
    }
}

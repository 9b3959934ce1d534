using System.Diagnostics.Metrics;
using Legion.Store;

namespace Legion.Ingestion;

/// <summary>
/// What ingestion did, as instruments of the meter <see cref="MeterName"/> (README.md names each). Whoever listens to meters hears it;
/// where nobody does, counting costs a branch.
/// </summary>
public sealed class IngestionCounts
{
    public const string MeterName = "Legion.Ingestion";

    /// <summary>Seconds. An append takes a millisecond where nothing waits, and is given up by clients after some ten seconds.</summary>
    static readonly double[] appendBuckets = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20];

    readonly Meter meter;
    readonly Counter<long> batches, bytes, blocks, unwanted, refusals;
    readonly Histogram<double> appending;

    public IngestionCounts(IMeterFactory meters)
    {
        meter = meters.Create(MeterName);
        Phases = new AppendPhases(meter);
        batches = meter.CreateCounter<long>("legion.ingestion.batches", "{batch}", "Batches that were answered with a code for each of their blocks.");
        bytes = meter.CreateCounter<long>("legion.ingestion.bytes", "By", "Bytes of these batches.");
        blocks = meter.CreateCounter<long>("legion.ingestion.blocks", "{block}", "Their blocks, by what became of them.");
        unwanted = meter.CreateCounter<long>("legion.ingestion.blocks.unwanted", "{block}", "Of the blocks with code exists, those that are not kept, as they are erased or expired.");
        refusals = meter.CreateCounter<long>("legion.ingestion.refusals", "{request}", "Requests that stored nothing, by the reason.");
        appending = meter.CreateHistogram("legion.ingestion.append.duration", "s", "From a batch's last byte until it is durable.", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = appendBuckets });
    }

    /// <summary>Measures the phases of appends.</summary>
    public AppendPhases Phases { get; }

    /// <summary>A batch was answered.</summary>
    public void Appended(long batchBytes, AppendAnswer answer, TimeSpan duration)
    {
        batches.Add(1);
        bytes.Add(batchBytes);
        appending.Record(duration.TotalSeconds);
        if (!blocks.Enabled) return;
        foreach (var code in answer.Blocks.CountBy(block => block.Code)) blocks.Add(code.Value, new KeyValuePair<string, object?>("code", code.Key.Name()));
        foreach (var reason in answer.Blocks.Select(block => block.Reason).OfType<string>().Where(reason => reason is BlockAnswer.Erased or BlockAnswer.Expired).CountBy(reason => reason))
            unwanted.Add(reason.Value, new KeyValuePair<string, object?>("reason", reason.Key));
    }

    public void Refused(Refusal reason) => refusals.Add(1, new KeyValuePair<string, object?>("reason", reason.Name()));

    /// <summary>Has a quantity of the moment measured when somebody asks.</summary>
    /// <param name="name">Without the prefix that all of them have.</param>
    public void Observe(string name, string unit, string description, Func<long> measure) => meter.CreateObservableGauge("legion.ingestion." + name, measure, unit, description);
}

using System.Globalization;

namespace Legion.Benchmarks.Cost;

/// <summary>What it costs to keep everything: from what the real recording of each kind of process sends, to a bill.</summary>
static class CostSuite
{
    const string Bench = "ingestion";

    static readonly int[] processesPerDay = [1_000, 100_000, 1_000_000];
    static readonly TimeSpan cadence = TimeSpan.FromSeconds(10), slowCadence = TimeSpan.FromSeconds(60);

    /// <summary>
    /// What a comparable system reports: events and objects that it keeps, which are those of 90 days, and dollars a month
    /// (micromegas.info, "Cost", 2025: 9 billion logs, 275 billion metrics, 165 billion trace events).
    /// </summary>
    const double ReportedEvents = 449e9, ReportedObjects = 118e6, ReportedDollars = 1_100, ReportedMonths = 3;

    /// <param name="batchesPerProcessor">Batches a second that one processor of ingestion takes, as measured.</param>
    public static IEnumerable<BenchmarkRow> Run(double batchesPerProcessor)
    {
        var rowBytes = RowSize.Measure();
        yield return Row("cost-catalog-bytes-per-block", "bytes", rowBytes);
        foreach (var kind in ProcessKind.All)
        {
            foreach (var (name, time) in new[] { (kind.Name, cadence), ($"{kind.Name}-at-{slowCadence.TotalSeconds}s", slowCadence) })
            {
                var process = Traffic.Of(kind, time) * kind.Hours;
                yield return Row($"cost-{name}-events-per-object", "events", process.Events / process.Objects);
                yield return Row($"cost-{name}-bytes-per-object", "bytes", process.Bytes / process.Objects);
                foreach (var row in processesPerDay.SelectMany(processes => Bills(name, processes, new Bill(process * processes, rowBytes, batchesPerProcessor)))) yield return row;
            }
        }
        foreach (var row in Reported(rowBytes, batchesPerProcessor)) yield return row;
    }

    static IEnumerable<BenchmarkRow> Bills(string name, int processes, Bill bill)
    {
        var prefix = string.Create(CultureInfo.InvariantCulture, $"cost-{name}-{processes}");
        yield return Row($"{prefix}-events-per-day", "events", bill.Day.Events);
        yield return Row($"{prefix}-puts-per-day", "PUTs", bill.Day.Objects);
        yield return Row($"{prefix}-rows-per-day", "rows", bill.Day.Blocks + bill.Day.Objects);
        yield return Row($"{prefix}-gigabytes-per-day", "GB", bill.Day.Bytes / 1e9);
        yield return Row($"{prefix}-dollars-of-puts", "$/month", bill.Puts);
        yield return Row($"{prefix}-dollars", "$/month", bill.Dollars);
    }

    /// <summary>The same events in the same mix, kept for as long.</summary>
    static IEnumerable<BenchmarkRow> Reported(double rowBytes, double batchesPerProcessor)
    {
        var process = Traffic.Of(ProcessKind.Reported, cadence);
        var month = process * (ReportedEvents / ReportedMonths / process.Events);
        var bill = new Bill(month * (1 / 30.0), rowBytes, batchesPerProcessor);
        yield return Row("cost-reported-objects", "objects", month.Objects * ReportedMonths, Aim.AtMost, ReportedObjects);
        yield return Row("cost-reported-gigabytes", "GB", month.Bytes * ReportedMonths / 1e9);
        // What is kept lies there for three months instead of one.
        var kept = Prices.Storage(month.Bytes * ReportedMonths / 1e9) - bill.Storage + (ReportedMonths - 1) * (month.Blocks + month.Objects) * rowBytes / 1e9 * Prices.CatalogGigabyteMonth;
        yield return Row("cost-reported-dollars", "$/month", bill.Dollars + kept, Aim.AtMost, ReportedDollars);
    }

    static BenchmarkRow Row(string name, string unit, double value, Aim aim = Aim.None, double target = 0) => BenchmarkRow.Of(Bench, name, unit, [value], aim, target);
}

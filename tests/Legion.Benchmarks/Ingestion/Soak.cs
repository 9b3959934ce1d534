using System.Diagnostics;

namespace Legion.Benchmarks.Ingestion;

/// <summary>Steady load, at which memory and handles are to stay what they are.</summary>
static class Soak
{
    const double PerSecond = 100;

    public static async Task<IReadOnlyList<BenchmarkRow>> MeasureAsync(string lake, TimeSpan time)
    {
        using var service = ServedIngestion.Serve(lake);
        using var load = await AppendLoad.OpenAsync(service.Address, await PreparedBatch.MakeAsync(16, 64 << 10));
        await load.RunOpenAsync(TimeSpan.FromSeconds(10), PerSecond);

        var samples = new List<(double Hours, double MiB, double Handles)>();
        var watch = Stopwatch.StartNew();
        var loading = load.RunOpenAsync(time, PerSecond);
        while (!loading.IsCompleted)
        {
            samples.Add((watch.Elapsed.TotalHours, service.MemoryMiB, service.Handles));
            await Task.WhenAny(loading, Task.Delay(TimeSpan.FromSeconds(1)));
        }
        var outcome = await loading;
        var (memory, handles) = (samples.ConvertAll(sample => (sample.Hours, sample.MiB)), samples.ConvertAll(sample => (sample.Hours, sample.Handles)));
        return
        [
            BenchmarkRow.Of("ingestion", "soak-memory-last-over-first-third", "ratio", [Growth(memory)], Aim.AtMost, 1.1),
            BenchmarkRow.Of("ingestion", "soak-handles-last-over-first-third", "ratio", [Growth(handles)], Aim.AtMost, 1.1),
            BenchmarkRow.Of("ingestion", "soak-memory-slope", "MiB/h", [Slope(memory)]),
            BenchmarkRow.Of("ingestion", "soak-handles-slope", "1/h", [Slope(handles)]),
            BenchmarkRow.Of("ingestion", "soak-refused", "batches", [outcome.Refused.Length], Aim.AtMost, 0),
        ];
    }

    /// <summary>The median of the last third over that of the first.</summary>
    static double Growth(List<(double, double Value)> samples)
    {
        var third = Math.Max(1, samples.Count / 3);
        return Median(samples[^third..]) / Median(samples[..third]);
    }

    static double Median(List<(double, double Value)> samples) => samples.Select(sample => sample.Value).Order().ElementAt(samples.Count / 2);

    /// <summary>By least squares.</summary>
    static double Slope(List<(double At, double Value)> samples)
    {
        var (at, value) = (samples.Average(sample => sample.At), samples.Average(sample => sample.Value));
        return samples.Sum(sample => (sample.At - at) * (sample.Value - value)) / samples.Sum(sample => (sample.At - at) * (sample.At - at));
    }
}

using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Lakehouse.Timeline;

namespace Legion.Notebook;

/// <summary>Which time of a process's metrics to look at.</summary>
public sealed record ExplorerQuery
{
    /// <summary>The view; without it, the whole process.</summary>
    public QueryRange Range { get; init; }

    /// <summary>Told while partitions are built.</summary>
    public IProgress<BuildProgress>? Progress { get; init; }
}

/// <summary>Reads what the metrics of a process are, and the values of the first few of them.</summary>
sealed class ExplorerReading(Lake lake, ProcessTimeline timeline, Guid process, ExplorerQuery query)
{
    /// <summary>Series that are drawn until somebody chooses, as in the viewer.</summary>
    const int FirstShown = 4;

    /// <summary>What a report carries has fewer steps than what is asked for: it is one view, not three.</summary>
    const int ReportSteps = 600;

    const int SavedSteps = 150;

    /// <summary>Values in a report's file.</summary>
    const int MostReportBytes = 384 << 10;

    /// <summary>Values in a notebook's file, beside an image and a table: a cell that can ask needs none of them.</summary>
    const int MostSavedBytes = 96 << 10;

    /// <exception cref="NotInLakeException">There is no such process, or nothing was measured in this time of it.</exception>
    public async Task<MetricExplorer> ReadAsync(Uri? viewer, CancellationToken cancel)
    {
        var values = await SeriesValues.ReadAsync(lake, process, query.Range, query.Progress, cancel);
        if (values.Series.Count == 0)
            throw new NotInLakeException("there is no metric in this time of this process");
        var info = await lake.FindProcessAsync(process, cancel);
        var bounds = new TimeRange(Math.Min(info.StartNs, values.FirstNs), Math.Max(info.EndNs ?? info.LastSeenNs, values.LastNs));
        var range = new TimeRange(query.Range.FromNs ?? bounds.BeginNs, query.Range.ToNs is { } to ? to - 1 : bounds.EndNs);
        var series = values.Series.Select(one => one.Series).ToList();
        var names = series.Select(one => one.Name).Take(ProcessTimeline.MostNames).ToList();
        return new(process, values, await CellAsync(ReportSteps, MostReportBytes), await CellAsync(SavedSteps, MostSavedBytes), new MetricQuestions(timeline, process),
            [.. names.Take(FirstShown)], range, bounds, viewer);

        async Task<MetricCell> CellAsync(int steps, int mostBytes) =>
            MetricCell.Of(series, TimeWindow.Of(range.BeginNs, range.EndNs + 1) is { } window ? await timeline.SeriesAsync(process, names, window, steps, cancel) : new SeriesWindow(1, []), mostBytes);
    }
}

using Microsoft.Data.Analysis;

namespace Legion.Notebook;

/// <summary>Charts of a DataFrame, by its own name: <c>frame.Plot("time", "value")</c>.</summary>
public static class DataFramePlots
{
    /// <summary>A line of one column over another.</summary>
    /// <param name="x">The column along the chart; null: the first of times, or else the first.</param>
    /// <param name="y">The column up the chart; null: the first other one of numbers.</param>
    /// <exception cref="ArgumentException">There is no such column, or nothing to draw.</exception>
    public static Chart Plot(this DataFrame frame, string? x = null, string? y = null, string? title = null)
    {
        x ??= (frame.Columns.FirstOrDefault(column => column.DataType == typeof(DateTime)) ?? frame.Columns.FirstOrDefault())?.Name
            ?? throw new ArgumentException("cannot draw a DataFrame without columns");
        y ??= frame.Columns.FirstOrDefault(column => column.Name != x && column.IsNumericColumn())?.Name
            ?? throw new ArgumentException($"cannot draw this DataFrame: expected a column of numbers beside '{x}', saw {string.Join(", ", frame.Columns.Select(column => $"{column.Name} ({column.DataType.Name})"))}");
        return frame.Columns.FirstOrDefault(column => column.Name == x)?.DataType == typeof(string) ? Chart.Bar(frame, x, y, title) : Chart.Line(frame, x, y, title);
    }

    /// <inheritdoc cref="Chart.Bar" />
    public static Chart PlotBar(this DataFrame frame, string x, string y, string? title = null) => Chart.Bar(frame, x, y, title);

    /// <inheritdoc cref="Chart.Scatter" />
    public static Chart PlotScatter(this DataFrame frame, string x, string y, string? title = null) => Chart.Scatter(frame, x, y, title);

    /// <inheritdoc cref="Chart.Histogram" />
    public static Chart PlotHistogram(this DataFrame frame, string x, int? bins = null, string? title = null) => Chart.Histogram(frame, x, bins, title);
}

namespace Legion.Lakehouse.Sql;

/// <summary>A width of time over which rows are summed up.</summary>
readonly record struct RollupStep(string Name, long Ns);

/// <summary>The SQL that sums up rows of a <see cref="GlobalView"/>. Sums of several sets of rows are sums of all of them, so that each file is summed up by itself.</summary>
static class Rollup
{
    /// <summary>In order of width. Files of whole days have no seconds: they are as many as the rows of whatever is measured once a second.</summary>
    public static IReadOnlyList<RollupStep> Steps { get; } =
        [new("second", 1_000_000_000), new("minute", 60_000_000_000), new("hour", 3_600_000_000_000), new("day", SlotCuts.DayNs)];

    /// <summary>The bin of a value, as <see cref="Sketch.BinOf"/> finds it.</summary>
    static string BinOf(string value) =>
        $"CASE WHEN {value} <= 0 THEN -32768 WHEN isinf({value}::DOUBLE) THEN 32767 ELSE greatest(-32767, least(32767, ceil(ln({value}) / ln(1.02)))) END::SMALLINT";

    /// <param name="rows">A query that gives the rows.</param>
    public static string Select(GlobalView view, string rows, IEnumerable<RollupStep> steps) => string.Join("\nUNION ALL\n", steps.Select(step => Select(view, rows, step)));

    static string Select(GlobalView view, string rows, RollupStep step)
    {
        var keys = string.Join(", ", view.Keys);
        if (view.IsByPolicy) rows = $"SELECT * EXCLUDE (bins, counts), bins[1] AS first_bin, unnest(bins) AS bin, unnest(counts) AS bin_count FROM ({rows})";
        var binned = $"{view.Time} - (({view.Time} % {step.Ns}) + {step.Ns}) % {step.Ns} AS bin_ns, {keys}";
        // First by bin, then together: of a group there are far fewer bins than rows.
        var sketched = view.Sketched is { } value ? $", {(view.IsByPolicy ? "bin" : BinOf(value))} AS bin" : "";
        var inner = $"SELECT {binned}{sketched}, {string.Join(", ", view.Sums.Select(sum => $"{sum.OfRows} AS {sum.Name}"))} FROM ({rows}) WHERE {view.Kept} GROUP BY ALL";
        var sums = string.Join(", ", view.Sums.Select(sum => $"{(view.Sketched is null ? sum.Name : sum.OfSums)} AS {sum.Name}_"));
        var sketch = view.Sketched is null ? "" : ", list(bin ORDER BY bin) AS bins, list(count::UINTEGER ORDER BY bin) AS counts";
        var outer = $"SELECT bin_ns, {keys}, {sums}{sketch} FROM ({inner}){(view.Sketched is null ? "" : $" GROUP BY bin_ns, {keys}")}";
        var columns = view.Rollups.Columns.Select(column => column.Name switch
        {
            "step" => $"'{step.Name}' AS step",
            "time_ns" => "bin_ns AS time_ns",
            var name when view.Sums.Any(sum => sum.Name == name) => $"{name}_ AS {name}",
            var name => name,
        });
        return $"SELECT {string.Join(", ", columns)} FROM ({outer})";
    }
}

using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>
/// A view whose rows of many processes also lie in files of their own, so that questions over all processes open few files, and what sums these rows up.
/// A file has all rows of the blocks that it was made of, which are those of an hour or of a day by their first event.
/// </summary>
/// <param name="Rows">The view that SQL shows.</param>
/// <param name="Files">Its partitions of many processes.</param>
/// <param name="Rollups">The view of its sums.</param>
/// <param name="Order">The columns by which the rows of a file are sorted.</param>
/// <param name="RollupOrder">The columns by which the sums of a file are sorted.</param>
/// <param name="Kept">Which rows are summed up, as SQL.</param>
/// <param name="Keys">Columns of which each combination has sums of its own.</param>
/// <param name="Time">The column whose time says to which step a row belongs.</param>
/// <param name="Sketched">The column whose values make up the sketch; null where there is none. Of rows that are sums it is theirs.</param>
/// <param name="Sums">The sums: the name of each, how rows make it up, and how several make up one.</param>
sealed record GlobalView(View Rows, View Files, View Rollups, string Order, string RollupOrder, string Kept, string[] Keys, string Time, string? Sketched, (string Name, string OfRows, string OfSums)[] Sums)
{
    public static IReadOnlyList<GlobalView> All { get; } =
    [
        new(Views.LogEntries, Views.LogEntries with { Name = "all_log_entries" }, Views.LogRollups, "target, process_id, time_ns", "step, target, process_id, time_ns", "true",
            ["process_id", "target", "level"], "time_ns", null,
            [("count", "count(*)", "sum(count)::BIGINT")]),
        new(Views.Measures, Views.Measures with { Name = "all_measures" }, Views.MeasureRollups, "name, process_id, time_ns", "step, name, process_id, time_ns", "NOT isnan(value)",
            ["process_id", "name", "unit", "kind"], "time_ns", "value",
            [
                ("count", "count(*)", "sum(count)::BIGINT"),
                ("sum", "sum(value)", "sum(sum)"),
                ("min", "min(value)", "min(min)"),
                ("max", "max(value)", "max(max)"),
                ("first", "arg_min(value, time_ns)", "arg_min(first, first_ns)"),
                ("first_ns", "min(time_ns)", "min(first_ns)"),
                ("last", "arg_max(value, time_ns)", "arg_max(last, last_ns)"),
                ("last_ns", "max(time_ns)", "max(last_ns)"),
            ]),
        new(Views.Frames, Views.Frames with { Name = "all_frames" }, Views.FrameRollups, "name, process_id, begin_ns", "step, name, process_id, time_ns", "true",
            ["process_id", "name"], "begin_ns", "duration_ns",
            [
                ("count", "count(*)", "sum(count)::BIGINT"),
                ("total_ns", "sum(duration_ns)::BIGINT", "sum(total_ns)::BIGINT"),
                ("min_ns", "min(duration_ns)", "min(min_ns)"),
                ("max_ns", "max(duration_ns)", "max(max_ns)"),
            ]),
        // A row is there once for each of its bins, and its sums count with the first.
        new(Views.SpanSums, Views.SpanSums, Views.SpanRollups, "name, process_id, time_ns", "step, name, process_id, time_ns", "true",
            ["process_id", "name", "target"], "time_ns", "bins",
            [
                ("count", "sum(bin_count)::BIGINT", "sum(count)::BIGINT"),
                ("total_ns", "sum(CASE WHEN bin = first_bin THEN total_ns ELSE 0 END)::BIGINT", "sum(total_ns)::BIGINT"),
                ("self_ns", "sum(CASE WHEN bin = first_bin THEN self_ns ELSE 0 END)::BIGINT", "sum(self_ns)::BIGINT"),
                ("min_ns", "min(min_ns)", "min(min_ns)"),
                ("max_ns", "max(max_ns)", "max(max_ns)"),
            ])
        { IsByPolicy = true },
    ];

    /// <summary>Whether policies say which spans of which processes it has. Its rows are sums already, of seconds, and lie in no files of single processes.</summary>
    public bool IsByPolicy { get; init; }

    /// <summary>The view by whose name its files are built.</summary>
    public View Named => IsByPolicy ? Rollups : Rows;

    /// <summary>What the catalog calls it.</summary>
    public GlobalName Name => new(Files.Name, Rollups.Name, Rows.Classes.Single());

    /// <summary>The one of these rows, or of these sums; null where a view lies in files of single processes alone.</summary>
    public static GlobalView? Of(View view) => All.FirstOrDefault(global => global.Rows == view || global.Rollups == view);
}

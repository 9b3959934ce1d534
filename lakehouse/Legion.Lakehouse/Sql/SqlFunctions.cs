using System.Text.Json.Nodes;

namespace Legion.Lakehouse.Sql;

/// <summary>
/// The functions that SQL has beside the engine's own, as macros of the query's engine. SCHEMA.md says the same of them, and a test compares the two.
/// Names that the macros give to values of their own begin with two underscores, so that none of them hides a column of the query.
/// </summary>
public static class SqlFunctions
{
    /// <summary>The bin of what is zero, or below.</summary>
    const string ZeroBin = "(-32768)";

    public static SqlFunction TimeBin { get; } = new("time_bin",
    [
        new("time_bin(width, t)", "type of t", "The begin of the bin that t lies in: bins are width wide, an INTERVAL or a number of nanoseconds, and one of them begins at the Unix epoch. t is a timestamp or a number of nanoseconds. A month in an interval is 30 days."),
    ], $"""
        (width INTERVAL, t TIMESTAMP_NS) AS make_timestamp_ns({Floor("epoch_ns(t)", "epoch_ns(width)")}),
        (width INTERVAL, t BIGINT) AS {Floor("t", "epoch_ns(width)")},
        (width BIGINT, t TIMESTAMP_NS) AS make_timestamp_ns({Floor("epoch_ns(t)", "width")}),
        (width BIGINT, t BIGINT) AS {Floor("t", "width")}
        """);

    // A sketch's bins and counts become numbers of which the upper half is a bin and the lower one a count. Equal ones are counted first, as a lambda costs
    // far more an element than an aggregate; of what is left, 16 steps halve the range of bins until one holds the wanted rank.
    // A list of one value stands for a variable: what a lambda refers to is computed once.
    public static SqlFunction Percentile { get; } = new("percentile",
    [
        new("percentile(value, p)", "type of value, or DOUBLE", "Aggregate. The value below which a share p (0 to 1) of a group's values lie, exact, interpolated between two of them."),
        new("percentile(bins, counts, p)", "DOUBLE", "Aggregate. The same over sketches, merged: the value of rank p, wrong by at most one percent. Null without any value."),
    ], """
        (value, p) AS quantile_cont(value, p),
        (bins, counts, p) AS list_transform(
            [map_entries(list_aggregate(flatten(list(list_transform(list_zip(bins, counts), lambda __pair: __pair[1]::BIGINT * 4294967296 + __pair[2]))), 'histogram'))],
            lambda __pairs: list_transform(
                [{entries: __pairs, wanted: floor(p * (list_sum(list_transform(__pairs, lambda __pair: (__pair.key & 4294967295) * __pair.value)) - 1)) + 1}],
                lambda __sketch: CASE WHEN __sketch.wanted IS NOT NULL THEN list_transform(
                    [list_reduce(range(1, 17), lambda __low, __step: CASE WHEN
                        list_sum(list_transform(__sketch.entries, lambda __pair: CASE WHEN __pair.key < (__low + (65536 >> __step)) * 4294967296 THEN (__pair.key & 4294967295) * __pair.value ELSE 0 END)) < __sketch.wanted
                        THEN __low + (65536 >> __step) ELSE __low END, -32768)],
                    lambda __bin: CASE WHEN __bin = -32768 THEN 0 ELSE 2 * 1.02::DOUBLE ** __bin / 2.02 END)[1] END)[1])[1]
        """);

    public static SqlFunction Sketch { get; } = new("sketch",
    [
        new("sketch(value)", "STRUCT(bins SMALLINT[], counts UINTEGER[])", "Aggregate. The sketch of a group's values (a DDSketch of γ = 1.02): bin i counts the values above γ^(i-1) and up to γ^i; bin -32768 those that are zero or less."),
    ], $$"""
        (value) AS list_transform(
            [system.main.histogram(CASE WHEN value > 0 THEN ceil(ln(value) / ln(1.02))::SMALLINT WHEN value <= 0 THEN {{ZeroBin}}::SMALLINT END)],
            lambda __found: CASE WHEN __found IS NOT NULL THEN {bins: map_keys(__found), counts: map_values(__found)::UINTEGER[]} END)[1]
        """);

    public static SqlFunction Histogram { get; } = new("histogram",
    [
        new("histogram(value)", "STRUCT(low DOUBLE, high DOUBLE, count UBIGINT)[]", "Aggregate. Counts of a group's values in buckets of which four double the value, ascending, those that are empty left out: low <= value < high. Zeros have a bucket of their own, and below it the buckets mirror those above. The engine's own function, which counts each value, is `system.main.histogram`."),
        new("histogram(value, low, high, buckets)", "STRUCT(low DOUBLE, high DOUBLE, count UBIGINT)[]", "Aggregate. Counts in so many buckets of one width from low to high, the empty ones too; values outside are not counted."),
    ], """
        (value) AS list_transform(
            map_entries(system.main.histogram(CASE WHEN value = 0 THEN 0 ELSE sign(value) * (100000 + floor(4 * log2(abs(value)))) END)),
            lambda __found: CASE
                WHEN __found.key = 0 THEN {low: 0::DOUBLE, high: 0::DOUBLE, count: __found.value}
                WHEN __found.key > 0 THEN {low: 2 ** ((__found.key - 100000) / 4), high: 2 ** ((__found.key - 99999) / 4), count: __found.value}
                ELSE {low: -(2 ** ((-__found.key - 99999) / 4)), high: -(2 ** ((-__found.key - 100000) / 4)), count: __found.value} END),
        (value, low, high, buckets) AS list_transform(
            [{found: system.main.histogram(CASE WHEN value >= low AND value < high THEN least(floor((value - low)::DOUBLE / (high - low) * buckets)::INTEGER, buckets - 1) END), low: low::DOUBLE, width: (high - low)::DOUBLE / buckets, buckets: buckets}],
            lambda __all: list_transform(range(__all.buckets), lambda __index: {low: __all.low + __index * __all.width, high: __all.low + (__index + 1) * __all.width, count: coalesce(__all.found[__index::INTEGER], 0::UBIGINT)}))[1]
        """);

    public static SqlFunction Rate { get; } = new("rate",
    [
        new("rate(value, t)", "DOUBLE", "Aggregate. Increments per second: the sum of a group's values by the seconds from its first t to its last. Null where that is no time. It is for measures of kind count."),
        new("rate(value, t, width)", "DOUBLE", "Aggregate. The same by the seconds of the bins of this width from the first t's to the last's: of a group by `time_bin(width, t)` the sum by the width, whatever its first and last t are."),
    ], $"""
        (value, t TIMESTAMP_NS) AS sum(value) * 1e9 / nullif(epoch_ns(max(t)) - epoch_ns(min(t)), 0),
        (value, t BIGINT) AS sum(value) * 1e9 / nullif(max(t) - min(t), 0),
        (value, t TIMESTAMP_NS, width INTERVAL) AS {RateOfBins("epoch_ns(max(t))", "epoch_ns(min(t))", "epoch_ns(width)")},
        (value, t BIGINT, width INTERVAL) AS {RateOfBins("max(t)", "min(t)", "epoch_ns(width)")},
        (value, t TIMESTAMP_NS, width BIGINT) AS {RateOfBins("epoch_ns(max(t))", "epoch_ns(min(t))", "width")},
        (value, t BIGINT, width BIGINT) AS {RateOfBins("max(t)", "min(t)", "width")}
        """);

    // A JSON pointer, as in a JSON path no name could hold a quote.
    public static SqlFunction Property { get; } = new("property",
    [
        new("property(properties, name)", "VARCHAR", "The text of a property, or null where there is none of this name, whatever characters it has. `property(properties, 'build') = '1234' AND ...` needs no parentheses."),
    ], "(properties, name) AS json_extract_string(properties, '/' || replace(replace(name, '~', '~0'), '/', '~1'))");

    /// <summary>A table function; its rows are decoded for the query (<see cref="ParsedBlocks"/>).</summary>
    public static SqlFunction ParseBlock { get; } = new("parse_block",
    [
        new("FROM parse_block(block_id)", "TABLE(ordinal BIGINT, time_ns BIGINT, time TIMESTAMP_NS, type VARCHAR, fields VARCHAR, bytes BIGINT, stream_id VARCHAR)",
            "The events of one stored block as they were recorded, in their order; gap records too. Fields are a JSON object with sorted keys: ticks as nanoseconds, references as what they refer to, and of OpenTelemetry the message in its own JSON. The block is named by a text or a parameter, as in `parse_block($block)`."),
    ], Macro: null);

    public static IReadOnlyList<SqlFunction> All { get; } = [TimeBin, Percentile, Sketch, Histogram, Rate, Property, ParseBlock];

    /// <summary>Makes those functions that a query names.</summary>
    internal static void Create(IQueryEngine engine, JsonNode query)
    {
        var named = SyntaxTree.Functions(query).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var macros = All.Where(function => function.Macro is not null && named.Contains(function.Name)).Select(function => $"CREATE MACRO {function.Name}{function.Macro};").ToArray();
        if (macros.Length > 0) engine.Execute(string.Join('\n', macros));
    }

    /// <summary>The remainder is taken twice: that of a negative number is negative.</summary>
    static string Floor(string ns, string width) => $"({ns} - (({ns} % {width}) + {width}) % {width})";

    static string RateOfBins(string last, string first, string width) => $"sum(value) * 1e9 / nullif({Floor(last, width)} - {Floor(first, width)} + {width}, 0)";
}

using Legion.Format;
using T = Legion.Lakehouse.ColumnType;

namespace Legion.Lakehouse;

/// <summary>The views: the product's stable interface. SCHEMA.md says the same, and a test compares the two.</summary>
public static class Views
{
    /// <summary>Most processes that one query reads of a view that is built from blocks.</summary>
    public const int MostProcesses = 64;

    /// <summary>Name of the SQL schema that holds a table for each user-defined event type.</summary>
    public const string EventsSchema = "events";

    static readonly Column ProcessId = new("process_id", T.Text, "", "The process, a UUID.");
    static readonly Column StreamId = new("stream_id", T.Text, "", "The stream, a UUID.");
    static readonly Column BlockId = new("block_id", T.Text, "", "The block, a UUID.");
    static readonly Column Thread = new("thread", T.Text, "", "Name of the thread that recorded the event.");
    static readonly Column Properties = new("properties", T.Text, "JSON", "Properties as a JSON object with sorted keys.");
    static readonly Column Class = new("class", T.Text, "", "trace, metric, log or other.");

    static readonly Column InnermostSpan = new("span_id", T.Int64, "", "The innermost span open on its thread, of the same stream; null for none.");

    static Column Ns(string name, string meaning) => new(name, T.Int64, Column.UtcNs, meaning);

    public static View Processes { get; } = new("processes", 1, ViewSource.Catalog, NeedsProcess: false, "Runs of instrumented programs.",
    [
        ProcessId,
        new("parent_process_id", T.Text, "", "The process that started it, where known."),
        new("exe", T.Text, "", "The executable."),
        new("user", T.Text, "", "Who ran it."),
        new("computer", T.Text, "", "Where it ran."),
        new("os", T.Text, "", "Operating system."),
        new("cpu", T.Text, "", "Processor."),
        new("runtime", T.Text, "", "Language runtime and its version."),
        Ns("start_ns", "When it started."),
        Ns("end_ns", "When it ended; null while it runs, or where nobody knows."),
        new("end_reason", T.Text, "", "exit, vanished, or the type of the exception that nobody caught."),
        Ns("last_seen_ns", "When it was last heard of."),
        Properties,
        new("version", T.Int64, "", "Counts arrivals of its blocks; what two reads agree on was not changed between them."),
    ]);

    public static View Streams { get; } = new("streams", 1, ViewSource.Catalog, NeedsProcess: false, "Sequences of events of a process.",
    [
        StreamId,
        ProcessId,
        Class,
        new("name", T.Text, "", "Of the thread, or of the event type."),
        new("thread_id", T.Int64, "", "The operating system's number of the thread; null for streams of all threads."),
        new("tags", T.Text, "JSON", "Tags as a JSON array."),
        Properties,
    ]);

    public static View Blocks { get; } = new("blocks", 1, ViewSource.Catalog, NeedsProcess: false, "Stored pieces of streams.",
    [
        BlockId,
        StreamId,
        ProcessId,
        Class,
        new("sequence", T.Int64, "", "Number in its stream, from 0; of a stream of OpenTelemetry only an order."),
        new("first_ordinal", T.Int64, "", "Events of the stream before it, lost ones included."),
        new("events", T.Int64, "", "Events in it."),
        Ns("begin_ns", "First event."),
        Ns("end_ns", "Last event."),
        new("bytes", T.Int64, "bytes", "As stored, header included."),
        new("raw_bytes", T.Int64, "bytes", "Uncompressed content."),
        new("encoding", T.Int32, "", "Layout of its events: 0 rows, 1 columns, 2 OpenTelemetry."),
        new("schema_hash", T.Text, "", "SHA-256 of its schema."),
        new("arrival", T.Int64, "", "The process's version when it arrived."),
    ]);

    public static View LogEntries { get; } = new("log_entries", 1, ViewSource.Blocks, NeedsProcess: false, "Logs.",
    [
        ProcessId,
        StreamId,
        Thread,
        Ns("time_ns", "When it was logged."),
        new("level", T.Text, "", "trace, debug, info, warn, error or fatal."),
        new("severity", T.Int32, "", "OpenTelemetry's SeverityNumber, 1 to 24."),
        new("target", T.Text, "", "Module, class or logger it comes from."),
        new("message", T.Text, "", "The text with its arguments filled in."),
        new("template", T.Text, "", "The text with its holes."),
        new("arguments", T.Text, "JSON", "Arguments by name, as a JSON object with sorted keys."),
        new("file", T.Text, "", "Source file."),
        new("line", T.Int32, "", "Line in it, from 1; 0 where unknown."),
        Properties,
    ])
    { Classes = [StreamClass.Log], TimeColumn = "time_ns", HoldsOpenTelemetry = true };

    public static View Measures { get; } = new("measures", 3, ViewSource.Blocks, NeedsProcess: false, "Samples of metrics, and increments of counters.",
    [
        ProcessId,
        StreamId,
        Thread,
        Ns("time_ns", "When it was measured."),
        new("name", T.Text, "", "Name of the metric."),
        new("unit", T.Text, "", "Unit of its value."),
        new("value", T.Float64, "unit", "The sample, or the increment."),
        Properties,
        new("kind", T.Text, "", "gauge (the value is a sample), count (the value is an increment) or total (the value is a sum since a start)."),
        new("buckets", T.Text, "JSON", "Of the count of a histogram its buckets, as an object of bounds and counts; otherwise null."),
    ])
    { Classes = [StreamClass.Metric], TimeColumn = "time_ns", HoldsOpenTelemetry = true };

    /// <summary>
    /// Partitions store what is left when each of these is said once: of begin, end, duration, self time and that of children three follow from the other two,
    /// a parent lies a few numbers before its child, and a site names target, file and line. A row takes 8.9 bytes so, 15.3 with all columns.
    /// The duration is stored and the end computed, as many more questions are about the former.
    /// </summary>
    public static View Spans { get; } = new("spans", 2, ViewSource.Blocks, NeedsProcess: true, "Spans of threads, nested.",
    [
        ProcessId,
        StreamId,
        Thread,
        new("span_id", T.Int64, "", "Unique in its stream, the same after any rebuild."),
        new("parent_id", T.Int64, "", "The span it is nested in, of the same stream; null for a root.") { Computed = "span_id - parent_back" },
        new("depth", T.Int32, "", "Spans around it; 0 for a root."),
        Ns("begin_ns", "When it began."),
        Ns("end_ns", "When it ended; null while it is open.") with { Computed = "begin_ns + duration_ns" },
        new("duration_ns", T.Int64, "ns", "From begin to end; null while it is open."),
        new("self_ns", T.Int64, "ns", "Duration less that of its children; null while it is open.") { Computed = "duration_ns - coalesce(children_ns, 0)" },
        new("name", T.Text, "", "Name of the span."),
        new("target", T.Text, "", "Module or class it stands in.") { Computed = SitePart(1) },
        new("file", T.Text, "", "Source file.") { Computed = SitePart(2) },
        new("line", T.Int32, "", "Line in it, from 1; 0 where unknown.") { Computed = $"CAST({SitePart(3)} AS INTEGER)" },
        Properties,
        new("truncated", T.Boolean, "", "Its end was lost; end_ns is when its stream goes on."),
    ])
    {
        Packed =
        [
            new("parent_back", T.Int64, "", "Its id less that of its parent; null for a root.") { Repeats = true },
            new("children_ns", T.Int64, "ns", "What of its duration its children took; null for none."),
            new("site", T.Text, "", "Target, file and line, with a unit separator (U+001F) between them."),
        ],
        GroupsStreams = true,
        FollowsSpans = true,
        Classes = [StreamClass.Trace],
        TimeColumn = "begin_ns",
    };

    static string SitePart(int number) => $"split_part(site, chr(31), {number})";

    public static View AsyncSpans { get; } = new("async_spans", 1, ViewSource.Blocks, NeedsProcess: true, "Spans that may begin on one thread and end on another: requests, calls to other programs, tasks.",
    [
        ProcessId,
        new("stream_id", T.Text, "", "The stream of the thread on which it ended; while it is open, of the one on which it began. A UUID."),
        new("begin_stream_id", T.Text, "", "The stream of the thread on which it began, a UUID."),
        new("thread", T.Text, "", "Name of the thread on which it began; empty where the lake does not know its stream."),
        new("end_thread", T.Text, "", "Name of the thread on which it ended; null while it is open."),
        new("span_id", T.UInt64, "", "Unique in the process; for a W3C activity its span id."),
        new("parent_id", T.UInt64, "", "The span that it is a part of, perhaps one of another process; null for none."),
        new("trace_id", T.Text, "", "W3C trace id, 32 hexadecimal digits; null for none."),
        Ns("begin_ns", "When it began."),
        Ns("end_ns", "When it ended; null where no end has arrived."),
        new("duration_ns", T.Int64, "ns", "From begin to end; null where no end has arrived."),
        new("name", T.Text, "", "Name of the span."),
        new("target", T.Text, "", "Module or class it stands in."),
        new("file", T.Text, "", "Source file."),
        new("line", T.Int32, "", "Line in it, from 1; 0 where unknown."),
        new("properties", T.Text, "JSON", "Its arguments, all that it had at its end, as a JSON object with sorted keys."),
    ])
    { Classes = [StreamClass.Trace], TimeColumn = "begin_ns", EndedBy = "span_id", HoldsOpenTelemetry = true };

    public static View Frames { get; } = new("frames", 1, ViewSource.Blocks, NeedsProcess: false, "Units of work that follow each other without a gap, such as the frames of a game.",
    [
        ProcessId,
        StreamId,
        Thread,
        Ns("begin_ns", "When it began."),
        Ns("end_ns", "When it ended, which is when the next of its series began."),
        new("duration_ns", T.Int64, "ns", "From begin to end."),
        new("name", T.Text, "", "Name of its series."),
        new("number", T.Int64, "", "Its number in the series, from 0."),
        Properties,
    ])
    { Classes = [StreamClass.Metric], StreamName = "frames", TimeColumn = "begin_ns" };

    public static View Markers { get; } = new("markers", 1, ViewSource.Blocks, NeedsProcess: true, "Moments worth a mark on their thread.",
    [
        ProcessId,
        StreamId,
        Thread,
        Ns("time_ns", "When it was."),
        InnermostSpan,
        new("name", T.Text, "", "Name of the marker."),
        Properties,
    ])
    { Classes = [StreamClass.Trace], TimeColumn = "time_ns", FollowsSpans = true };

    public static View Flows { get; } = new("flows", 1, ViewSource.Blocks, NeedsProcess: true, "Points of flows: those of one flow_id are linked in order of time, across threads.",
    [
        ProcessId,
        StreamId,
        Thread,
        Ns("time_ns", "When it was."),
        InnermostSpan,
        new("name", T.Text, "", "Name of the point."),
        new("flow_id", T.UInt64, "", "The flow it belongs to, unique in the process."),
        Properties,
    ])
    { Classes = [StreamClass.Trace], TimeColumn = "time_ns", FollowsSpans = true };

    public static View Attachments { get; } = new("attachments", 1, ViewSource.Blocks, NeedsProcess: false, "Files that a program sent along: images, dumps, captures.",
    [
        ProcessId,
        StreamId,
        new("attachment_id", T.Text, "", "The attachment, a UUID."),
        Ns("time_ns", "When its first chunk was recorded, of those that arrived."),
        new("media_type", T.Text, "", "What it is, such as image/png, as its program says."),
        new("name", T.Text, "", "Its name, as its program says."),
        new("bytes", T.Int64, "bytes", "Size of what arrived of it."),
        new("sha256", T.Text, "", "SHA-256 of the whole, as its program says."),
        new("complete", T.Boolean, "", "All of it arrived, and has that hash."),
    ])
    { Classes = [StreamClass.Other], TimeColumn = "time_ns" };

    public static View Images { get; } = new("images", 1, ViewSource.Derived, NeedsProcess: false, "The attachments that are images.", Attachments.Columns)
    { From = (Attachments, "SELECT * FROM attachments WHERE starts_with(media_type, 'image/')") };

    public static View Problems { get; } = new("problems", 2, ViewSource.Blocks, NeedsProcess: false, "What is damaged, missing or doubtful.",
    [
        ProcessId,
        StreamId,
        new("block_id", T.Text, "", "The block it was found in; null where there is none."),
        new("kind", T.Text, "", "damaged (a block that cannot be read), lost (blocks that never came), gap (events that the producer dropped, or that were erased), clock (its rate changed) or attachment (chunks that do not fit together, or have another hash than they say)."),
        new("severity", T.Text, "", "info, warn or error."),
        Ns("begin_ns", "From when."),
        Ns("end_ns", "Until when."),
        new("events", T.Int64, "", "Events concerned."),
        new("bytes", T.Int64, "bytes", "Bytes concerned."),
        new("detail", T.Text, "", "What was expected and what was seen."),
    ])
    { Classes = [StreamClass.Trace, StreamClass.Metric, StreamClass.Log, StreamClass.Other], TimeColumn = "begin_ns", HoldsOpenTelemetry = true };

    public static View Partitions { get; } = new("partitions", 1, ViewSource.Catalog, NeedsProcess: false, "What is materialized.",
    [
        new("view", T.Text, "", "The view it belongs to; with compacted. before its name it is a further file with rows of several slots."),
        ProcessId,
        new("slot", T.Int64, "", "Number of the process's slot, from 0, or the first of several; of a file of many processes, whose process_id is all zeros, 64 times its day since the Unix epoch and a place from 0 to 63."),
        new("generation", T.Int64, "", "Counts its rebuilds, from 1."),
        new("rows", T.Int64, "", "Rows in it."),
        new("bytes", T.Int64, "bytes", "Size of its file."),
        new("built_version", T.Int64, "", "The process's version it was built from."),
        new("built_at", T.Int64, "ns", "When it was built, UTC."),
        new("path", T.Text, "", "Its file within the lake."),
    ]);

    public static View Arrivals { get; } = new("arrivals", 1, ViewSource.Catalog, NeedsProcess: false, "Requests of OpenTelemetry that are stored and not blocks yet: those that wait, for a moment, and those that cannot be read.",
    [
        new("arrival_id", T.Text, "", "The request, a UUID."),
        new("signal", T.Text, "", "traces, metrics or logs."),
        new("media_type", T.Text, "", "application/x-protobuf or application/json."),
        new("bytes", T.Int64, "bytes", "As it is stored."),
        Ns("received_ns", "When it came."),
        new("attempts", T.Int32, "", "How often somebody began to work on it."),
        new("failure", T.Text, "", "Why it cannot be read; null where it waits. A newer version tries again."),
    ]);

    public static View Queries { get; } = new("queries", 1, ViewSource.Catalog, NeedsProcess: false, "Queries that somebody asked in the last 90 days, where the program that was asked keeps them; the newest 100,000.",
    [
        Ns("time_ns", "When it began."),
        new("actor", T.Text, "", "Who asked: an account of the machine, or the holder of a key or a token."),
        new("sql", T.Text, "", "What was asked; values of parameters are not kept."),
        new("duration_ns", T.Int64, "ns", "Until the answer was let go."),
        new("rows", T.Int64, "", "Rows that were read of the answer."),
        new("partition_bytes", T.Int64, "bytes", "Size of the partitions it could read."),
        new("built", T.Int64, "", "Partitions that were built for it."),
        new("outcome", T.Text, "", "ok, failed or cancelled."),
        new("detail", T.Text, "", "Why it failed; empty where it did not."),
        new("peak_memory", T.Int64, "bytes", "Most that its engine took at once; 0 where it did not come to an end."),
    ]);

    public static View Annotations { get; } = new("annotations", 1, ViewSource.Catalog, NeedsProcess: false, "Notes of people on a time of a process.",
    [
        new("annotation_id", T.Text, "", "The note, a UUID."),
        ProcessId,
        Ns("begin_ns", "Begin of the time it is about."),
        Ns("end_ns", "Its end; the same as the begin for a moment."),
        new("stream_id", T.Text, "", "The stream of the lane it is about, a UUID; null for all."),
        new("name", T.Text, "", "Name of the spans it is about; null for all."),
        new("note", T.Text, "", "What somebody wrote."),
        Ns("created_ns", "When it was written."),
        new("created_by", T.Text, "", "Who wrote it: an account of the machine, or the holder of a key or a token."),
    ]);

    static readonly Column Step = new("step", T.Text, "", "second, minute, hour or day (UTC), which is how much time the row sums up. Seconds are there until the day is two days over.");

    static readonly Column RollupTime = Ns("time_ns", "Begin of that time.");

    const string AddUp = " Rows that agree in all that is not summed up add up: there is more than one where some of the rows came later than others.";

    public static View LogRollups { get; } = new("log_rollups", 1, ViewSource.Rollups, NeedsProcess: false, "Logs, counted." + AddUp,
    [
        Step,
        RollupTime,
        ProcessId,
        new("target", T.Text, "", "Module, class or logger they come from."),
        new("level", T.Text, "", "trace, debug, info, warn, error or fatal."),
        new("count", T.Int64, "", "Logs."),
    ])
    { Classes = [StreamClass.Log], TimeColumn = "time_ns" };

    public static View MeasureRollups { get; } = new("measure_rollups", 1, ViewSource.Rollups, NeedsProcess: false, "Measures, summed up; values that are no number are left out." + AddUp,
    [
        Step,
        RollupTime,
        ProcessId,
        new("name", T.Text, "", "Name of the metric."),
        new("unit", T.Text, "", "Unit of its values."),
        new("kind", T.Text, "", "gauge, count or total, as in measures."),
        new("count", T.Int64, "", "Measures."),
        new("sum", T.Float64, "unit", "Sum of the values."),
        new("min", T.Float64, "unit", "The least value."),
        new("max", T.Float64, "unit", "The greatest value."),
        new("first", T.Float64, "unit", "The earliest value."),
        Ns("first_ns", "When that was measured."),
        new("last", T.Float64, "unit", "The latest value."),
        Ns("last_ns", "When that was measured."),
        new("bins", T.Int16List, "", "Bins of the values' sketch, ascending; bin i holds what is above 1.02^(i-1) and up to 1.02^i, -32768 what is 0 or less."),
        new("counts", T.UInt32List, "", "Measures in each bin."),
    ])
    { Classes = [StreamClass.Metric], TimeColumn = "time_ns" };

    public static View FrameRollups { get; } = new("frame_rollups", 1, ViewSource.Rollups, NeedsProcess: false, "Frames, summed up by the time at which they began." + AddUp,
    [
        Step,
        RollupTime,
        ProcessId,
        new("name", T.Text, "", "Name of the series."),
        new("count", T.Int64, "", "Frames."),
        new("total_ns", T.Int64, "ns", "Sum of their durations."),
        new("min_ns", T.Int64, "ns", "The shortest duration."),
        new("max_ns", T.Int64, "ns", "The longest duration."),
        new("bins", T.Int16List, "", "Bins of the durations' sketch, ascending; bin i holds what is above 1.02^(i-1) and up to 1.02^i nanoseconds, -32768 what is 0."),
        new("counts", T.UInt32List, "", "Frames in each bin."),
    ])
    { Classes = [StreamClass.Metric], TimeColumn = "time_ns" };

    static readonly Column[] SumsOfSpans =
    [
        new("count", T.Int64, "", "Spans."),
        new("total_ns", T.Int64, "ns", "Sum of their durations."),
        new("self_ns", T.Int64, "ns", "Sum of their self times."),
        new("min_ns", T.Int64, "ns", "The shortest duration."),
        new("max_ns", T.Int64, "ns", "The longest duration."),
        new("bins", T.Int16List, "", "Bins of the durations' sketch, ascending; bin i holds what is above 1.02^(i-1) and up to 1.02^i nanoseconds, -32768 what is 0."),
        new("counts", T.UInt32List, "", "Spans in each bin."),
    ];

    public static View SpanRollups { get; } = new("span_rollups", 1, ViewSource.Rollups, NeedsProcess: false,
        "Spans that a policy asks for, summed up by the time at which they ended; those that are truncated are left out." + AddUp,
    [
        Step,
        RollupTime,
        ProcessId,
        new("name", T.Text, "", "Name of the spans."),
        new("target", T.Text, "", "Module or class they stand in."),
        .. SumsOfSpans,
    ])
    { Classes = [StreamClass.Trace], TimeColumn = "time_ns" };

    /// <summary>What <see cref="SpanRollups"/> is made of: the sums of seconds, as blocks are decoded. Not shown in SQL; see <see cref="Lakehouse.SpanSums"/>.</summary>
    internal static View SpanSums { get; } = SpanRollups with { Name = "all_span_sums", Source = ViewSource.Blocks, Meaning = "Spans that a policy asks for, summed up by second.", Columns = [.. SpanRollups.Columns.Where(column => column != Step)] };

    static readonly Column Slot = new("slot", T.Int64, "", "Number of the process's slot, from 0.");

    public static View SpanStats { get; } = new("span_stats", 2, ViewSource.Blocks, NeedsProcess: true, "Sums over the spans of one name on one thread that end in one part of a slot: a sixteenth of the time from its first block of spans to its last.",
    [
        ProcessId,
        StreamId,
        Thread,
        new("name", T.Text, "", "Name of the spans."),
        Slot,
        new("part", T.Int32, "", "Which part of the slot, from 0 to 15."),
        Ns("begin_ns", "Begin of the part."),
        Ns("end_ns", "End of the part, exclusive."),
        .. SumsOfSpans,
    ])
    { Classes = [StreamClass.Trace], TimeColumn = "begin_ns", FollowsSpans = true, SplitBy = "part" };

    /// <summary>What merges the statistics of several slots. Not shown in SQL; see <see cref="SpanSelections"/>.</summary>
    internal static View StatTops { get; } = SpanStats with { Name = "stat_tops", Meaning = "Sums over the spans of several slots." };

    public static View CallTree { get; } = new("call_tree", 2, ViewSource.Blocks, NeedsProcess: true, "Sums over the spans of one thread that end in a slot, by the names on their stack. Rows of one path add up over slots, threads and processes.",
    [
        ProcessId,
        StreamId,
        Thread,
        Slot,
        Ns("begin_ns", "Begin of the slot's first block of spans."),
        Ns("end_ns", "End of its last."),
        new("path", T.Text, "", "The names from the root on, with `;` between them; `\\` stands before a `;` or `\\` of a name."),
        new("parent_path", T.Text, "", "The path of the span around it; null for a root."),
        new("name", T.Text, "", "The last name of the path; `(other)` for what is beyond 50,000 paths of a thread, or 256 names deep, and `(lost)` for the root of spans whose parents were lost."),
        new("caller", T.Text, "", "The name before it on the path; null for a root."),
        new("depth", T.Int32, "", "Names before it; 0 for a root."),
        new("recursive", T.Boolean, "", "Its name stands on the path before, too: a sum of total_ns by name that leaves such rows out counts recursion once."),
        new("count", T.Int64, "", "Spans; 0 where only others below it have ended."),
        new("total_ns", T.Int64, "ns", "Sum of their durations."),
        new("self_ns", T.Int64, "ns", "Sum of their self times."),
    ])
    { Classes = [StreamClass.Trace], TimeColumn = "begin_ns", FollowsSpans = true };

    static readonly Column Calls = new("count", T.Int64, "", "Spans."), TotalNs = new("total_ns", T.Int64, "ns", "Sum of their durations; those within another of the same name are not counted again."), SelfNs = new("self_ns", T.Int64, "ns", "Sum of their self times.");

    public static View LeftHeavy { get; } = new("left_heavy", 1, ViewSource.Derived, NeedsProcess: true, "The call tree of a process, all its threads and all its time together.",
    [
        ProcessId,
        new("path", T.Text, "", "The names from the root on, as in call_tree."),
        new("parent_path", T.Text, "", "The path of the span around it; null for a root."),
        new("name", T.Text, "", "The last name of the path."),
        new("depth", T.Int32, "", "Names before it; 0 for a root."),
        Calls,
        TotalNs with { Meaning = "Sum of their durations." },
        SelfNs,
    ])
    {
        From = (CallTree, """
            SELECT process_id, path, parent_path, name, depth, sum(count)::BIGINT AS count, sum(total_ns)::BIGINT AS total_ns, sum(self_ns)::BIGINT AS self_ns
            FROM call_tree GROUP BY process_id, path, parent_path, name, depth
            """),
    };

    public static View CallGraph { get; } = new("call_graph", 1, ViewSource.Derived, NeedsProcess: true, "Who calls whom in a process, by name.",
    [
        ProcessId,
        new("caller", T.Text, "", "Name of the span around; null for a root."),
        new("callee", T.Text, "", "Name of the span."),
        Calls,
        TotalNs,
        SelfNs,
    ])
    {
        From = (CallTree, """
            SELECT process_id, caller, name AS callee, sum(count)::BIGINT AS count, coalesce(sum(total_ns) FILTER (NOT recursive), 0)::BIGINT AS total_ns, sum(self_ns)::BIGINT AS self_ns
            FROM call_tree GROUP BY process_id, caller, name
            """),
    };

    public static View Butterfly { get; } = new("butterfly", 1, ViewSource.Derived, NeedsProcess: true, "The callers and callees of each name in a process: of one name they are the two wings around it.",
    [
        ProcessId,
        new("name", T.Text, "", "The name in the middle."),
        new("wing", T.Text, "", "caller or callee."),
        new("other", T.Text, "", "Name of the caller, null where it is a root, or of the callee."),
        Calls with { Meaning = "Of a caller, spans of the name that it called; of a callee, spans that the name called." },
        TotalNs,
    ])
    {
        From = (CallTree, """
            WITH edges AS (
                SELECT process_id, caller, name, sum(count)::BIGINT AS count, coalesce(sum(total_ns) FILTER (NOT recursive), 0)::BIGINT AS total_ns
                FROM call_tree GROUP BY process_id, caller, name)
            SELECT process_id, name, 'caller' AS wing, caller AS other, count, total_ns FROM edges
            UNION ALL SELECT process_id, caller, 'callee', name, count, total_ns FROM edges WHERE caller IS NOT NULL
            """),
    };

    static readonly Column[] LevelColumns =
    [
        StreamId,
        new("depth", T.Int32, "", "Spans around it."),
        Ns("begin_ns", "The earliest begin."),
        Ns("end_ns", "The latest end; null for a single span."),
        new("longest_ns", T.Int64, "ns", "Duration of the longest; null while it is open."),
        new("busy_ns", T.Int64, "ns", "Sum of the durations; null for a single span."),
        new("count", T.Int64, "", "Spans in it.") { Repeats = true },
        new("span_id", T.Int64, "", "Of the longest."),
        new("name", T.Text, "", "Of the longest."),
        new("level", T.Int32, "", "The level of the pyramid."),
    ];

    /// <summary>The pyramid's lowest level of a slot. Not shown in SQL; see <see cref="SpanLevelRows"/>.</summary>
    internal static View SpanLevels { get; } = new("span_levels", 2, ViewSource.Blocks, NeedsProcess: true, "Spans of a slot at one level of the pyramid.", LevelColumns)
    { Classes = [StreamClass.Trace], TimeColumn = "begin_ns", GroupsStreams = true, FollowsSpans = true };

    /// <summary>What merges the levels of several slots. Not shown in SQL; see <see cref="SpanLevelRows"/>.</summary>
    internal static View SpanTops { get; } = SpanLevels with { Name = "span_tops", Meaning = "Spans of several slots at one level of the pyramid." };

    /// <summary>The lowest level of the pyramid over a slot's async spans. Not shown in SQL; see <see cref="AsyncPyramid"/>.</summary>
    internal static View AsyncLevels { get; } = new("async_levels", 1, ViewSource.Blocks, NeedsProcess: true, "Async spans of a slot at one level of the pyramid.",
    [
        Ns("begin_ns", "The earliest begin."),
        Ns("end_ns", "The latest end; of what is open its begin."),
        new("longest_ns", T.Int64, "ns", "Duration of the longest; null while it is open."),
        new("count", T.Int64, "", "Spans in it.") { Repeats = true },
        new("span_id", T.UInt64, "", "Of the longest."),
        new("parent_id", T.UInt64, "", "Of a single one; 0 for none."),
        new("name", T.Text, "", "Of the longest."),
        new("began_before", T.Boolean, "", "Its begin lies in a slot before."),
    ])
    { Classes = AsyncSpans.Classes, TimeColumn = "begin_ns", HoldsOpenTelemetry = true, IsPyramid = true };

    /// <summary>What merges the levels of several slots. Not shown in SQL.</summary>
    internal static View AsyncTops { get; } = AsyncLevels with { Name = "async_tops", Meaning = "Async spans of several slots at one level of the pyramid." };

    /// <summary>The lowest level of the pyramid over a slot's metrics. Not shown in SQL; see <see cref="SeriesPyramid"/>.</summary>
    internal static View MeasureLevels { get; } = new("measure_levels", 1, ViewSource.Blocks, NeedsProcess: true, "Metrics of a slot at one level of the pyramid.",
    [
        new("name", T.Text, "", "Name of the metric."),
        new("unit", T.Text, "", "Of the last sample."),
        new("kind", T.Text, "", "Of the last sample."),
        Ns("first_ns", "The earliest sample."),
        Ns("last_ns", "The latest; null for a single one."),
        new("count", T.Int64, "", "Samples.") { Repeats = true },
        new("sum", T.Float64, "unit", "Null for a single one, as the next three."),
        new("least", T.Float64, "unit", "The least."),
        new("greatest", T.Float64, "unit", "The greatest."),
        new("first", T.Float64, "unit", "The earliest one's value."),
        new("last", T.Float64, "unit", "The latest one's value."),
    ])
    { Classes = Measures.Classes, TimeColumn = "first_ns", HoldsOpenTelemetry = true, IsPyramid = true };

    /// <summary>What merges the levels of several slots. Not shown in SQL.</summary>
    internal static View MeasureTops { get; } = MeasureLevels with { Name = "measure_tops", Meaning = "Metrics of several slots at one level of the pyramid." };

    /// <summary>The lowest level of the pyramid over a slot's logs. Not shown in SQL; see <see cref="SeriesPyramid"/>.</summary>
    internal static View LogLevels { get; } = new("log_levels", 1, ViewSource.Blocks, NeedsProcess: true, "Log entries of a slot at one level of the pyramid.",
    [
        new("level", T.Text, "", "Level of the entries."),
        new("severity", T.Int32, "", "The highest."),
        Ns("first_ns", "The earliest entry."),
        Ns("last_ns", "The latest."),
        new("count", T.Int64, "", "Entries.") { Repeats = true },
        new("message", T.Text, "", "Begin of the earliest one's text."),
    ])
    { Classes = LogEntries.Classes, TimeColumn = "first_ns", HoldsOpenTelemetry = true, IsPyramid = true };

    /// <summary>What merges the levels of several slots. Not shown in SQL.</summary>
    internal static View LogTops { get; } = LogLevels with { Name = "log_tops", Meaning = "Log entries of several slots at one level of the pyramid." };

    /// <summary>All views with fixed columns; those of user-defined event types are found in the lake.</summary>
    public static IReadOnlyList<View> All { get; } = [Processes, Streams, Blocks, LogEntries, Measures, Spans, AsyncSpans, Frames, LogRollups, MeasureRollups, FrameRollups, SpanRollups, SpanStats, CallTree, LeftHeavy, CallGraph, Butterfly, Markers, Flows, Attachments, Images, Problems, Partitions, Arrivals, Queries, Annotations];

    /// <summary>All views with partitions, those of user-defined event types aside. Made when first asked for: views of many processes are made of these here.</summary>
    internal static IReadOnlyList<View> Materialized => field ??= [.. All.Where(view => view.Source == ViewSource.Blocks), StatTops, SpanLevels, SpanTops, AsyncLevels, AsyncTops, MeasureLevels, MeasureTops, LogLevels, LogTops, .. GlobalView.All.SelectMany(global => new[] { global.Files, global.Rollups })];

    /// <summary>The schema version of the partitions that are filed under a name; null where there is no such view any more.</summary>
    internal static int? VersionOf(string name) => CompactedSlots.ViewOf(name) is { } compacted ? FindMaterialized(compacted)?.SchemaVersion
        : (FindMaterialized(name) ?? Materialized.FirstOrDefault(view => view.Name == name))?.SchemaVersion;

    /// <summary>The view that SQL shows of the partitions that are filed under a name; null for none.</summary>
    internal static View? FindMaterialized(string name) => name.StartsWith(EventsSchema + ".", StringComparison.Ordinal) ? Events(name[(EventsSchema.Length + 1)..])
        : All.FirstOrDefault(view => view.Source == ViewSource.Blocks && view.Name == name);

    /// <summary>The first columns of every table of user-defined events; the type's own fields follow.</summary>
    public static IReadOnlyList<Column> EventColumns { get; } =
        [ProcessId, StreamId, Thread, Ns("time_ns", "When it was emitted."), Properties];

    /// <summary>The view of a user-defined event type, with its base columns; the type's own fields follow where its schemas are known.</summary>
    public static View Events(string eventType) => new($"{EventsSchema}.{eventType}", 1, ViewSource.Blocks, NeedsProcess: false, $"Events of type {eventType}.", EventColumns)
    {
        Classes = [StreamClass.Other],
        EventType = eventType,
        StreamName = eventType,
        TimeColumn = "time_ns",
    };

    /// <summary>The view of this name, or null. Names of user-defined event types are not known here.</summary>
    public static View? Find(string name) => All.FirstOrDefault(view => view.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}

using Legion.Format;
using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>
/// Turns blocks of thread streams into rows of <c>async_spans</c>: one where a span ends, for the end repeats the begin,
/// and one for each span that began in these blocks and did not end in them. Whether it ended elsewhere is asked when the rows are read.
/// </summary>
/// <param name="threadOf">Name of a stream's thread; null where the stream is unknown.</param>
sealed class AsyncSpanDecoder(RowBuffer rows, Func<Guid, string?> threadOf)
{
    sealed record Begun(ulong Id, ulong Parent, Guid Stream, string? TraceId, long BeginNs, string Name, Site? Site, string Properties);

    readonly TextColumn processIds = rows.Text("process_id"), streamIds = rows.Text("stream_id"), beginStreamIds = rows.Text("begin_stream_id");
    readonly TextColumn threads = rows.Text("thread"), endThreads = rows.Text("end_thread"), traceIds = rows.Text("trace_id");
    readonly ColumnBuffer<ulong> spanIds = rows.Get<ulong>("span_id"), parentIds = rows.Get<ulong>("parent_id");
    readonly ColumnBuffer<long> begins = rows.Get<long>("begin_ns"), ends = rows.Get<long>("end_ns"), durations = rows.Get<long>("duration_ns");
    readonly TextColumn names = rows.Text("name"), targets = rows.Text("target"), files = rows.Text("file"), properties = rows.Text("properties");
    readonly ColumnBuffer<int> lines = rows.Get<int>("line");
    readonly Dictionary<SchemaHash, AsyncLayout> layouts = [];
    readonly Dictionary<ulong, Begun> open = [];

    // Ends whose begin was not seen yet: it may follow in another stream.
    readonly HashSet<ulong> ended = [];

    /// <summary>Spans that ended in what was decoded and did not begin in it.</summary>
    public IReadOnlySet<ulong> BeganElsewhere => ended.Where(id => !open.ContainsKey(id)).ToHashSet();

    /// <summary>Streams of begins that <c>threadOf</c> does not know.</summary>
    public HashSet<Guid> UnknownStreams { get; } = [];

    /// <summary>Decodes a block, in any order of blocks and streams.</summary>
    /// <exception cref="InvalidDataException">The block is damaged; all is as before it.</exception>
    public void Add(Block block, Schema schema, string processId, string streamId)
    {
        var rowsBefore = rows.Count;
        var (began, finished) = (new List<Begun>(), new List<ulong>());
        try
        {
            Decode(block, schema, processId, streamId, began, finished);
        }
        catch (InvalidDataException)
        {
            rows.Truncate(rowsBefore);
            throw;
        }
        foreach (var span in began) open[span.Id] = span;
        foreach (var id in finished)
            if (!open.Remove(id)) ended.Add(id);
    }

    /// <summary>Writes a row with a null end for each span that began and did not end in what was decoded.</summary>
    public void AddOpenSpans(string processId)
    {
        foreach (var span in open.Values)
        {
            if (ended.Contains(span.Id)) continue;
            AppendIdentity(span, processId, span.Stream.ToString());
            endThreads.AddNull();
            ends.AddNull();
            durations.AddNull();
        }
    }

    void Decode(Block block, Schema schema, string processId, string streamId, List<Begun> began, List<ulong> finished)
    {
        if (!layouts.TryGetValue(schema.Hash, out var layout)) layouts.Add(schema.Hash, layout = new AsyncLayout(schema));
        if (!block.MayHold(schema, layout.Types)) return; // as most blocks of threads
        var clock = block.Header.Clock;
        var endThread = threadOf(block.Header.StreamId) ?? "";
        var reader = block.ReadEvents(schema);
        while (reader.Next())
        {
            var record = reader.Current;
            if (layout.IsEnd(record.TypeIndex) is not { } isEnd) continue;
            var site = block.Dependencies.Site(layout.Site(record));
            var name = layout.Name(record);
            // The begin may be older than the clock's first knot: its time is then as good as the clock is steady, but never after the end.
            var tick = layout.Tick(record);
            var span = new Begun(layout.Id(record), layout.Parent(record), layout.BeginStream(record), layout.TraceId(record),
                clock.Ns(Math.Min(layout.BeginTick(record), tick)), name.Length > 0 ? name : site?.Name ?? "", site, PropertyJson.Of(layout.Arguments(record)));
            if (!isEnd)
            {
                began.Add(span);
                continue;
            }
            finished.Add(span.Id);
            var endNs = clock.Ns(tick);
            AppendIdentity(span, processId, streamId);
            endThreads.Add(endThread);
            ends.Add(endNs);
            durations.Add(endNs - span.BeginNs);
        }
    }

    void AppendIdentity(Begun span, string processId, string streamId)
    {
        var thread = threadOf(span.Stream);
        if (thread is null) UnknownStreams.Add(span.Stream);
        processIds.Add(processId);
        streamIds.Add(streamId);
        beginStreamIds.Add(span.Stream.ToString());
        threads.Add(thread ?? "");
        spanIds.Add(span.Id);
        if (span.Parent == 0) parentIds.AddNull();
        else parentIds.Add(span.Parent);
        if (span.TraceId is null) traceIds.AddNull();
        else traceIds.Add(span.TraceId);
        begins.Add(span.BeginNs);
        names.Add(span.Name);
        targets.Add(span.Site?.Target ?? "");
        files.Add(span.Site?.File ?? "");
        lines.Add(span.Site?.Line ?? 0);
        properties.Add(span.Properties);
    }
}

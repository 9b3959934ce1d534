using Legion.Format;
using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>Writes rows of <c>markers</c> or <c>flows</c> while a <see cref="SpanDecoder"/> follows which spans are open.</summary>
sealed class MomentDecoder(RowBuffer rows)
{
    readonly TextColumn processIds = rows.Text("process_id"), streamIds = rows.Text("stream_id"), threads = rows.Text("thread");
    readonly ColumnBuffer<long> times = rows.Get<long>("time_ns"), spanIds = rows.Get<long>("span_id");
    readonly TextColumn names = rows.Text("name"), properties = rows.Text("properties");
    readonly ColumnBuffer<ulong>? flowIds = rows.View == Views.Flows ? rows.Get<ulong>("flow_id") : null;

    /// <summary>The events that its rows are made from.</summary>
    public TraceEvent Kind { get; } = rows.View == Views.Markers ? TraceEvent.Marker : TraceEvent.Flow;

    public int Count => rows.Count;

    /// <summary>Forgets the rows from <paramref name="count"/> on.</summary>
    public void Truncate(int count) => rows.Truncate(count);

    /// <summary>Takes an event of a thread.</summary>
    /// <param name="spanId">The innermost span open at that moment, or null.</param>
    /// <param name="contexts">The properties that hold for what the thread records.</param>
    public void Add(Block block, TraceLayout layout, in EventRecord record, (string ProcessId, string StreamId, string Thread) stream, long? spanId, IEnumerable<Property> contexts)
    {
        if (layout.Event(record.TypeIndex) != Kind) return;
        var site = block.Dependencies.Site(layout.Site(record));
        var name = layout.Name(record);
        processIds.Add(stream.ProcessId);
        streamIds.Add(stream.StreamId);
        threads.Add(stream.Thread);
        times.Add(block.Header.Clock.Ns(layout.Tick(record)));
        if (spanId is { } id) spanIds.Add(id);
        else spanIds.AddNull();
        names.Add(name.Length > 0 ? name : site?.Name ?? "");
        flowIds?.Add(layout.Id(record));
        properties.Add(PropertyJson.Of(contexts.Concat(layout.Arguments(record))));
    }
}

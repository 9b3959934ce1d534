using Legion.Format;

namespace Legion.Lakehouse;

/// <summary>Turns blocks of metric streams into rows of <c>measures</c>.</summary>
sealed class MeasureDecoder(RowBuffer rows)
{
    /// <summary>The fields of one type that measures.</summary>
    sealed record Layout(PointLayout Point, string Kind, Field? Site, Field? Unit, Field? Value);

    readonly TextColumn processIds = rows.Text("process_id"), streamIds = rows.Text("stream_id"), threads = rows.Text("thread");
    readonly ColumnBuffer<long> times = rows.Get<long>("time_ns");
    readonly TextColumn names = rows.Text("name"), units = rows.Text("unit"), properties = rows.Text("properties"), kinds = rows.Text("kind"), buckets = rows.Text("buckets");
    readonly ColumnBuffer<double> values = rows.Get<double>("value");

    public void Add(Block block, Schema schema, string processId, string streamId)
    {
        var layouts = schema.Types.Select(LayoutOf).ToArray();
        if (layouts.All(layout => layout is null)) return;
        var reader = block.ReadEvents(schema);
        while (reader.Next())
        {
            var record = reader.Current;
            if (layouts[record.TypeIndex] is not { } layout) continue;
            processIds.Add(processId);
            streamIds.Add(streamId);
            threads.Add(layout.Point.Thread(block, record.Body));
            times.Add(layout.Point.TimeNs(block, record.Body));
            names.Add(layout.Site is { } site ? block.Dependencies.Site(site.ReadReference(record.Body))?.Name ?? "" : "");
            units.Add(layout.Unit is { } unit ? block.Dependencies.String(unit.ReadReference(record.Body)) ?? "" : "");
            if (layout.Value is { } value) values.Add(value.ReadF64(record.Body));
            else values.AddNull();
            properties.Add(layout.Point.Properties(block, record.Body));
            kinds.Add(layout.Kind);
            buckets.AddNull();
        }
    }

    static Layout? LayoutOf(EventType type) => type.Name switch
    {
        WellKnown.Metric => LayoutOf(type, "gauge"),
        WellKnown.Count => LayoutOf(type, "count"),
        _ => null,
    };

    static Layout LayoutOf(EventType type, string kind) => new(new PointLayout(type), kind,
        type.Find("site") is { Type: FieldType.SiteReference } site ? site : null,
        type.Find("unit") is { Type: FieldType.StringReference } unit ? unit : null,
        type.Find("value"));
}

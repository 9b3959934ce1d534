using Legion.Format;

namespace Legion.Lakehouse;

/// <summary>Turns blocks of frame streams into rows of <c>frames</c>.</summary>
sealed class FrameDecoder(RowBuffer rows)
{
    readonly TextColumn processIds = rows.Text("process_id"), streamIds = rows.Text("stream_id"), threads = rows.Text("thread");
    readonly ColumnBuffer<long> begins = rows.Get<long>("begin_ns"), ends = rows.Get<long>("end_ns"), durations = rows.Get<long>("duration_ns"), numbers = rows.Get<long>("number");
    readonly TextColumn names = rows.Text("name"), properties = rows.Text("properties");

    public void Add(Block block, Schema schema, string processId, string streamId)
    {
        var index = Array.FindIndex(schema.Types.ToArray(), type => type.Name == WellKnown.Frame);
        if (index < 0) return;
        var layout = new PointLayout(schema.Types[index]);
        var beginField = layout.Type.Find("begin_tick") is { Type: FieldType.Tick } begin ? begin : null;
        var siteField = layout.Type.Find("site") is { Type: FieldType.SiteReference } site ? site : null;
        var numberField = layout.Type.Find("number") is { Type: FieldType.U64 } number ? number : null;
        var reader = block.ReadEvents(schema);
        while (reader.Next())
        {
            var record = reader.Current;
            if (record.TypeIndex != index) continue;
            var endNs = layout.TimeNs(block, record.Body);
            var beginNs = beginField is null ? endNs : Math.Min(endNs, block.Header.Clock.Ns(beginField.ReadU64(record.Body)));
            processIds.Add(processId);
            streamIds.Add(streamId);
            threads.Add(layout.Thread(block, record.Body));
            begins.Add(beginNs);
            ends.Add(endNs);
            durations.Add(endNs - beginNs);
            names.Add(siteField is null ? "" : block.Dependencies.Site(siteField.ReadReference(record.Body))?.Name ?? "");
            if (numberField is null) numbers.AddNull();
            else numbers.Add((long)numberField.ReadU64(record.Body));
            properties.Add(layout.Properties(block, record.Body));
        }
    }
}

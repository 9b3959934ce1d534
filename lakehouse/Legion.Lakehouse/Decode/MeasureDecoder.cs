using Legion.Format;

namespace Legion.Lakehouse;

/// <summary>Turns blocks of metric streams into rows of <c>measures</c>.</summary>
sealed class MeasureDecoder(RowBuffer rows)
{
    readonly ColumnBuffer<string> processIds = rows.Get<string>("process_id"), streamIds = rows.Get<string>("stream_id"), threads = rows.Get<string>("thread");
    readonly ColumnBuffer<long> times = rows.Get<long>("time_ns");
    readonly ColumnBuffer<string> names = rows.Get<string>("name"), units = rows.Get<string>("unit"), properties = rows.Get<string>("properties");
    readonly ColumnBuffer<double> values = rows.Get<double>("value");

    public void Add(Block block, Schema schema, string processId, string streamId)
    {
        var index = Array.FindIndex(schema.Types.ToArray(), type => type.Name == WellKnown.Metric);
        if (index < 0) return;
        var layout = new PointLayout(schema.Types[index]);
        var siteField = layout.Type.Find("site") is { Type: FieldType.SiteReference } site ? site : null;
        var unitField = layout.Type.Find("unit") is { Type: FieldType.StringReference } unit ? unit : null;
        var valueField = layout.Type.Find("value");
        var reader = block.ReadEvents(schema);
        while (reader.Next())
        {
            var record = reader.Current;
            if (record.TypeIndex != index) continue;
            processIds.Add(processId);
            streamIds.Add(streamId);
            threads.Add(layout.Thread(block, record.Body));
            times.Add(layout.TimeNs(block, record.Body));
            names.Add(siteField is null ? "" : block.Dependencies.Site(siteField.ReadReference(record.Body))?.Name ?? "");
            units.Add(unitField is null ? "" : block.Dependencies.String(unitField.ReadReference(record.Body)) ?? "");
            if (valueField is null) values.AddNull();
            else values.Add(valueField.ReadF64(record.Body));
            properties.Add(layout.Properties(block, record.Body));
        }
    }
}

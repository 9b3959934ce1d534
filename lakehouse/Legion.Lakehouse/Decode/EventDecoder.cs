using Legion.Format;

namespace Legion.Lakehouse;

/// <summary>Turns blocks of one user-defined event type, in all its versions, into rows of <c>events.T</c>.</summary>
sealed class EventDecoder
{
    readonly RowBuffer rows;
    readonly string typeName;
    readonly TextColumn processIds, streamIds, threads, properties;
    readonly ColumnBuffer<long> times;
    readonly Dictionary<SchemaHash, (int Index, PointLayout Layout, Field? Time, FieldAppender?[] Appenders)> known = [];

    /// <param name="rows">Its columns are the base columns, then <see cref="StoredColumns"/>.</param>
    public EventDecoder(RowBuffer rows, string typeName)
    {
        this.rows = rows;
        this.typeName = typeName;
        processIds = rows.Text("process_id");
        streamIds = rows.Text("stream_id");
        threads = rows.Text("thread");
        times = rows.Get<long>("time_ns");
        properties = rows.Text("properties");
    }

    /// <summary>The columns that partitions of the type store for these schemas, in order of first appearance.</summary>
    public static IReadOnlyList<Column> StoredColumns(string typeName, IEnumerable<Schema> schemas) =>
        schemas.SelectMany(schema => schema.Types).Where(type => type.Name == typeName).SelectMany(FieldColumns.Of)
            .Select(field => new Column(FieldColumns.StoredName(field), FieldColumns.TypeOf(field), field.Attribute("unit") ?? "", ""))
            .DistinctBy(column => column.Name).ToArray();

    public void Add(Block block, Schema schema, string processId, string streamId)
    {
        if (!known.TryGetValue(schema.Hash, out var type)) known.Add(schema.Hash, type = Learn(schema));
        if (type.Index < 0) return;
        var reader = block.ReadEvents(schema);
        while (reader.Next())
        {
            var record = reader.Current;
            if (record.TypeIndex != type.Index) continue;
            processIds.Add(processId);
            streamIds.Add(streamId);
            threads.Add(type.Layout.Thread(block, record.Body));
            times.Add(type.Layout.TimeNs(block, record.Body));
            properties.Add(type.Layout.Properties(block, record.Body));
            var body = new EventRecordBody(record.Body, type.Time?.ReadU64(record.Body) ?? block.Header.FirstTick);
            for (var i = 0; i < type.Appenders.Length; i++)
            {
                if (type.Appenders[i] is { } append) append(block, body);
                else AddNull(rows.Columns[Views.EventColumns.Count + i]);
            }
        }
    }

    (int, PointLayout, Field?, FieldAppender?[]) Learn(Schema schema)
    {
        var index = schema.Types.ToList().FindIndex(type => type.Name == typeName);
        if (index < 0) return (index, null!, null, []);
        var type = schema.Types[index];
        var fields = FieldColumns.Of(type).ToDictionary(FieldColumns.StoredName);
        var appenders = rows.Columns.Skip(Views.EventColumns.Count)
            .Select(buffer => fields.TryGetValue(buffer.Column.Name, out var field) ? FieldColumns.Appender(field, buffer) : null).ToArray();
        return (index, new PointLayout(type), type.FindRole(FieldRole.Time), appenders);
    }

    static void AddNull(ColumnBuffer buffer)
    {
        switch (buffer)
        {
            case ColumnBuffer<long> column: column.AddNull(); break;
            case ColumnBuffer<ulong> column: column.AddNull(); break;
            case ColumnBuffer<double> column: column.AddNull(); break;
            case ColumnBuffer<bool> column: column.AddNull(); break;
            case TextColumn column: column.AddNull(); break;
            case ColumnBuffer<byte[]> column: column.AddNull(); break;
        }
    }
}

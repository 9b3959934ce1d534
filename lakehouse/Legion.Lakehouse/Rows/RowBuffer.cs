namespace Legion.Lakehouse;

/// <summary>Rows of one partition of a view, column by column, as partitions store them; sorted when they are written.</summary>
public sealed class RowBuffer
{
    readonly ColumnBuffer[] columns;

    /// <param name="columns">Those that are stored, which for some views are fewer than SQL shows.</param>
    public RowBuffer(View view, IReadOnlyList<Column> columns)
    {
        View = view;
        this.columns = columns.Select(Create).ToArray();
    }

    public View View { get; }

    public IReadOnlyList<ColumnBuffer> Columns => columns;

    public int Count => columns[0].Count;

    public ColumnBuffer<T> Get<T>(string name) => (ColumnBuffer<T>)Find(name);

    public TextColumn Text(string name) => (TextColumn)Find(name);

    /// <summary>Makes room for so many rows at once.</summary>
    public void Reserve(int rows)
    {
        foreach (var column in columns) column.Reserve(rows);
    }

    /// <summary>Forgets the rows from <paramref name="count"/> on: what a block gave before it turned out to be damaged.</summary>
    public void Truncate(int count)
    {
        foreach (var column in columns) column.Truncate(count);
    }

    /// <summary>Forgets all rows.</summary>
    public void Clear()
    {
        foreach (var column in columns) column.Clear();
    }

    ColumnBuffer Find(string name) => columns.FirstOrDefault(column => column.Column.Name == name)
        ?? throw new ArgumentException($"cannot find column '{name}' in view {View.Name}", nameof(name));

    static ColumnBuffer Create(Column column) => column.Type switch
    {
        ColumnType.Text => new TextColumn(column),
        ColumnType.Int32 => new ColumnBuffer<int>(column),
        ColumnType.Int64 => new ColumnBuffer<long>(column),
        ColumnType.UInt64 => new ColumnBuffer<ulong>(column),
        ColumnType.Float64 => new ColumnBuffer<double>(column),
        ColumnType.Boolean => new ColumnBuffer<bool>(column),
        _ => new ColumnBuffer<byte[]>(column),
    };
}

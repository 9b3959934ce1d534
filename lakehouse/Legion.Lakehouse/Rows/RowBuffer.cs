namespace Legion.Lakehouse;

/// <summary>
/// Rows of one partition of a view, column by column, sorted at the end by the view's time.
/// A slot bounds it: at most about two million events, whatever the size of the process.
/// </summary>
public sealed class RowBuffer
{
    readonly ColumnBuffer[] columns;

    public RowBuffer(View view, IReadOnlyList<Column> columns)
    {
        View = view;
        this.columns = columns.Select(Create).ToArray();
    }

    public View View { get; }

    public IReadOnlyList<ColumnBuffer> Columns => columns;

    public int Count => columns[0].Count;

    public ColumnBuffer<T> Get<T>(string name) =>
        (ColumnBuffer<T>)(columns.FirstOrDefault(column => column.Column.Name == name)
            ?? throw new ArgumentException($"cannot find column '{name}' in view {View.Name}", nameof(name)));

    /// <summary>Forgets the rows from <paramref name="count"/> on: what a block gave before it turned out to be damaged.</summary>
    public void Truncate(int count)
    {
        foreach (var column in columns) column.Truncate(count);
    }

    /// <summary>Row numbers in order of time; rows of equal time keep the order in which they were appended.</summary>
    public int[] SortedByTime()
    {
        var order = new int[Count];
        for (var i = 0; i < order.Length; i++) order[i] = i;
        if (View.TimeColumn is not { } time) return order;
        var times = Get<long>(time);
        var keys = new (long Time, int Row)[Count];
        var sorted = true;
        for (var i = 0; i < keys.Length; i++)
        {
            keys[i] = (times[i], i);
            sorted &= i == 0 || times[i - 1] <= times[i];
        }
        if (sorted) return order;
        Array.Sort(keys, order, Comparer<(long Time, int Row)>.Create(static (a, b) => a.Time != b.Time ? a.Time.CompareTo(b.Time) : a.Row.CompareTo(b.Row)));
        return order;
    }

    static ColumnBuffer Create(Column column) => column.Type switch
    {
        ColumnType.Text => new ColumnBuffer<string>(column),
        ColumnType.Int32 => new ColumnBuffer<int>(column),
        ColumnType.Int64 => new ColumnBuffer<long>(column),
        ColumnType.UInt64 => new ColumnBuffer<ulong>(column),
        ColumnType.Float64 => new ColumnBuffer<double>(column),
        ColumnType.Boolean => new ColumnBuffer<bool>(column),
        _ => new ColumnBuffer<byte[]>(column),
    };
}

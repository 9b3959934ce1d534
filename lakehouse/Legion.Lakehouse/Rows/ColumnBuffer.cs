namespace Legion.Lakehouse;

/// <summary>Values of one column while a partition is built. Its length follows the rows that were appended.</summary>
public abstract class ColumnBuffer(Column column)
{
    public Column Column { get; } = column;

    public int Count { get; protected set; }

    /// <summary>Forgets the rows from <paramref name="count"/> on.</summary>
    public void Truncate(int count) => Count = count;
}

/// <summary>Values of type <typeparamref name="T"/>, some of which may be null.</summary>
public sealed class ColumnBuffer<T>(Column column) : ColumnBuffer(column)
{
    T[] values = new T[1024];
    bool[] present = new bool[1024];

    public bool HasNulls { get; private set; }

    public void Add(T value)
    {
        if (Count == values.Length) Grow();
        values[Count] = value;
        present[Count++] = true;
    }

    public void AddNull()
    {
        if (Count == values.Length) Grow();
        values[Count] = default!;
        present[Count++] = false;
        HasNulls = true;
    }

    public T this[int row] => values[row];

    public bool IsNull(int row) => !present[row];

    void Grow()
    {
        Array.Resize(ref values, values.Length * 2);
        Array.Resize(ref present, present.Length * 2);
    }
}

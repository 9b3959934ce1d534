namespace Legion.Lakehouse;

/// <summary>Values of one column while a partition is built. Its length follows the rows that were appended.</summary>
public abstract class ColumnBuffer(Column column)
{
    public Column Column { get; } = column;

    public int Count { get; protected set; }

    public bool HasNulls { get; protected set; }

    /// <summary>Forgets the rows from <paramref name="count"/> on.</summary>
    public virtual void Truncate(int count) => Count = count;

    /// <summary>Forgets all rows.</summary>
    public virtual void Clear()
    {
        Truncate(0);
        HasNulls = false;
    }

    /// <summary>Makes room for so many rows at once.</summary>
    public abstract void Reserve(int rows);

    /// <summary>The capacity that holds <paramref name="count"/> values: twice what there is, or at once what is asked for.</summary>
    private protected static int Grown(int length, int count) => Math.Max(count, length == 0 ? 1024 : length * 2);
}

/// <summary>Values of type <typeparamref name="T"/>, some of which may be null.</summary>
public sealed class ColumnBuffer<T>(Column column) : ColumnBuffer(column)
{
    T[] values = [];

    /// <summary>Empty as long as there are no nulls.</summary>
    bool[] absent = [];

    public void Add(T value)
    {
        if (Count == values.Length) Reserve(Count + 1);
        values[Count++] = value;
    }

    public void AddNull()
    {
        if (Count == values.Length) Reserve(Count + 1);
        if (absent.Length == 0) absent = new bool[values.Length];
        values[Count] = default!;
        absent[Count++] = true;
        HasNulls = true;
    }

    public T this[int row] => values[row];

    /// <summary>The value of each row; of one without, the type's default.</summary>
    public ReadOnlySpan<T> Values => values.AsSpan(0, Count);

    /// <summary>Which rows have no value; empty as long as there are none of them.</summary>
    public ReadOnlySpan<bool> Absent => absent.Length == 0 ? [] : absent.AsSpan(0, Count);

    public override void Truncate(int count)
    {
        if (absent.Length > 0) absent.AsSpan(count, Count - count).Clear();
        base.Truncate(count);
    }

    public override void Reserve(int rows)
    {
        if (rows <= values.Length) return;
        var length = Grown(values.Length, rows);
        Array.Resize(ref values, length);
        if (absent.Length > 0) Array.Resize(ref absent, length);
    }
}

using System.Buffers;
using System.Runtime.CompilerServices;

namespace Legion.Lakehouse;

/// <summary>
/// Values of one column while a partition is built. Its length follows the rows that were appended.
/// Its memory is rented, as a slot's columns are some hundred megabytes that the next slot needs again; who disposes it gives it back.
/// </summary>
public abstract class ColumnBuffer(Column column) : IDisposable
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

    public abstract void Dispose();

    /// <summary>Makes room for at least <paramref name="length"/> values, twice what there was where that is more. What was rented before goes back.</summary>
    private protected static void Grow<T>(ref T[] rented, int count, int length)
    {
        var grown = ArrayPool<T>.Shared.Rent(Math.Max(length, Math.Max(1024, rented.Length * 2)));
        rented.AsSpan(0, count).CopyTo(grown);
        Return(ref rented);
        rented = grown;
    }

    private protected static void Return<T>(ref T[] rented)
    {
        if (rented.Length > 0) ArrayPool<T>.Shared.Return(rented, clearArray: RuntimeHelpers.IsReferenceOrContainsReferences<T>());
        rented = [];
    }
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
        if (absent.Length == 0)
        {
            Grow(ref absent, 0, values.Length);
            absent.AsSpan().Clear();
        }
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
        if (absent.Length > 0 && count < Count) absent.AsSpan(count, Count - count).Clear();
        base.Truncate(count);
    }

    public override void Reserve(int rows)
    {
        if (rows <= values.Length) return;
        Grow(ref values, Count, rows);
        if (absent.Length == 0) return;
        Grow(ref absent, Count, values.Length);
        absent.AsSpan(Count).Clear();
    }

    public override void Dispose()
    {
        Return(ref values);
        Return(ref absent);
        Clear();
    }
}

using System.Collections;

namespace Legion.Format;

/// <summary>Decodes the row that begins at <paramref name="start"/> of the dependency section.</summary>
delegate T RowDecoder<T>(ReadOnlySpan<byte> section, int start);

/// <summary>
/// A table of a dependency section whose rows become objects when somebody asks for them. A table of a few short rows for each
/// event would otherwise take many times the bytes that the block declares, whether or not a single row is looked at.
/// Rows are checked before they get here. May be read from several threads, which may then see different, equal objects.
/// </summary>
sealed class LazyTable<T>(ReadOnlyMemory<byte> section, int[] starts, RowDecoder<T> decode) : IReadOnlyList<T> where T : class
{
    T?[]? decoded;

    public int Count => starts.Length;

    public T this[int index]
    {
        get
        {
            var rows = decoded ??= new T?[starts.Length];
            return rows[index] ??= decode(section.Span, starts[index]);
        }
    }

    public IEnumerator<T> GetEnumerator()
    {
        for (var i = 0; i < Count; i++) yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

namespace Legion.Notebook;

/// <summary>Which rows have a value, a bit each, the lowest first, as Arrow and DataFrames have them. As long as all have one there are no bits.</summary>
sealed class PresenceBits
{
    byte[] _bits = [];

    /// <summary>Rows so far.</summary>
    public int Count { get; private set; }

    /// <summary>Rows without a value.</summary>
    public int Nulls { get; private set; }

    public ReadOnlyMemory<byte> Bits => Nulls == 0 ? ReadOnlyMemory<byte>.Empty : _bits.AsMemory(0, (Count + 7) / 8);

    /// <param name="bits">Empty where all rows have a value.</param>
    /// <param name="offset">The first row's bit.</param>
    public void Append(ReadOnlySpan<byte> bits, int offset, int rows, int nulls)
    {
        if (nulls > 0)
        {
            if (Nulls == 0) SetAll(0, Count);
            Reserve(Count + rows);
            if (Count % 8 == 0 && offset % 8 == 0) bits.Slice(offset / 8, (rows + 7) / 8).CopyTo(_bits.AsSpan(Count / 8));
            else
                for (var i = 0; i < rows; i++) Set(Count + i, (bits[(offset + i) >> 3] >> ((offset + i) & 7) & 1) != 0);
        }
        else if (Nulls > 0) SetAll(Count, rows);
        Count += rows;
        Nulls += nulls;
    }

    void SetAll(int first, int rows)
    {
        Reserve(first + rows);
        var at = first;
        while (at < first + rows && at % 8 != 0) Set(at++, true);
        var whole = (first + rows - at) / 8;
        _bits.AsSpan(at / 8, whole).Fill(0xFF);
        for (at += whole * 8; at < first + rows; at++) Set(at, true);
    }

    void Set(int row, bool isPresent)
    {
        var bit = (byte)(1 << (row & 7));
        if (isPresent) _bits[row >> 3] |= bit;
        else _bits[row >> 3] &= (byte)~bit;
    }

    void Reserve(int rows)
    {
        var bytes = (rows + 7) / 8;
        if (bytes > _bits.Length) Array.Resize(ref _bits, Math.Max(bytes, 2 * _bits.Length));
    }
}

namespace Legion.Notebook;

/// <summary>Bytes that grow at their end, in pieces that become one when all are there: what grows by doubling would lie in memory three times for a moment.</summary>
sealed class GrowingMemory
{
    const int PieceBytes = 1 << 20;

    readonly List<byte[]> _pieces = [];
    long _length;

    /// <summary>An array has no more.</summary>
    public static int MostBytes => Array.MaxLength;

    /// <summary>Appends bytes.</summary>
    /// <returns>False where there would be more than <see cref="MostBytes"/>; nothing is appended then.</returns>
    public bool TryAppend(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MostBytes - _length) return false;
        while (!bytes.IsEmpty)
        {
            var at = (int)(_length % PieceBytes);
            if (at == 0) _pieces.Add(GC.AllocateUninitializedArray<byte>(PieceBytes));
            var some = bytes[..Math.Min(bytes.Length, PieceBytes - at)];
            some.CopyTo(_pieces[^1].AsSpan(at));
            _length += some.Length;
            bytes = bytes[some.Length..];
        }
        return true;
    }

    /// <summary>All of them, and lets go of the pieces.</summary>
    public byte[] ToArray()
    {
        var whole = GC.AllocateUninitializedArray<byte>((int)_length);
        for (var i = 0; i < _pieces.Count; i++)
        {
            var at = i * PieceBytes;
            _pieces[i].AsSpan(0, Math.Min(PieceBytes, whole.Length - at)).CopyTo(whole.AsSpan(at));
        }
        _pieces.Clear();
        _length = 0;
        return whole;
    }
}

namespace Legion.Format;

/// <summary>
/// Walks entries of u16 type, u32 length and value. Type 0 and types above <paramref name="last"/> belong to a later version and are passed over;
/// of the others, at most 31, each may occur once, so that what a reader keeps for an entry is bounded however many bytes there are.
/// </summary>
ref struct EntryReader(ReadOnlySpan<byte> bytes, string what, ushort last)
{
    readonly string what = what;
    readonly ushort last = last;
    ByteReader bytes = new(bytes, what);

    /// <summary>The types met so far, type n as bit n.</summary>
    public uint Present { get; private set; }

    /// <summary>Moves to the next entry of a known type.</summary>
    /// <exception cref="InvalidDataException">The bytes are no entries, or a type occurs twice.</exception>
    public bool Next(out ushort type, out ByteReader value)
    {
        while (bytes.Remaining > 0)
        {
            type = bytes.U16();
            var content = bytes.Sized();
            if (type == 0 || type > last) continue;
            if ((Present & 1u << type) != 0) throw new InvalidDataException($"{what}: expected entry {type} once, saw it twice");
            Present |= 1u << type;
            value = new ByteReader(content, what);
            return true;
        }
        type = 0;
        value = default;
        return false;
    }
}

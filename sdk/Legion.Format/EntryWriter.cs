namespace Legion.Format;

/// <summary>Writes entries of u16 type, u32 length and value: the form of process and stream records.</summary>
sealed class EntryWriter
{
    readonly ByteWriter writer = new();

    public byte[] ToArray() => writer.ToArray();

    public void Id(ushort type, Guid value)
    {
        writer.U16(type);
        writer.U32(16);
        writer.Id(value);
    }

    public void U64(ushort type, ulong value)
    {
        writer.U16(type);
        writer.U32(8);
        writer.U64(value);
    }

    public void Text(ushort type, string value)
    {
        writer.U16(type);
        writer.String(value);
    }

    public void Texts(ushort type, IReadOnlyList<string> values)
    {
        var start = Begin(type);
        writer.U32((uint)values.Count);
        foreach (var value in values) writer.String(value);
        End(start);
    }

    public void Properties(ushort type, IReadOnlyList<Property> values)
    {
        var start = Begin(type);
        Property.WriteList(writer, values.ToArray());
        End(start);
    }

    int Begin(ushort type)
    {
        writer.U16(type);
        writer.U32(0);
        return writer.Length;
    }

    void End(int start) => writer.PatchU32(start - 4, (uint)(writer.Length - start));
}

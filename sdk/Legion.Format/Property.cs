namespace Legion.Format;

/// <summary>Key and value attached to a process, a stream or an event.</summary>
public readonly record struct Property(string Key, Value Value)
{
    /// <summary>The least bytes a property takes: two u32 lengths and a tag.</summary>
    const int LeastBytes = 9;

    /// <summary>Writes a property list: u32 count, then key and value of each.</summary>
    public static void WriteList(ByteWriter writer, ReadOnlySpan<Property> properties)
    {
        writer.U32((uint)properties.Length);
        foreach (var (key, value) in properties)
        {
            writer.String(key);
            value.Write(writer);
        }
    }

    /// <summary>Reads a property list. A key that occurs twice is kept twice; the later one wins where one value is needed.</summary>
    public static Property[] ReadList(ref ByteReader reader)
    {
        var count = reader.Count(LeastBytes);
        if (count == 0) return [];
        var properties = new Property[count];
        for (var i = 0; i < count; i++) properties[i] = new Property(reader.String(), Value.Read(ref reader));
        return properties;
    }

    /// <summary>Reads a property list that fills <paramref name="bytes"/>; no bytes are an empty list.</summary>
    public static Property[] ReadList(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return [];
        var reader = new ByteReader(bytes, "property list");
        var properties = ReadList(ref reader);
        reader.End();
        return properties;
    }

    /// <summary>Throws as <see cref="ReadList(ReadOnlySpan{byte})"/> does, and makes nothing.</summary>
    internal static void CheckList(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return;
        var reader = new ByteReader(bytes, "property list");
        for (var left = reader.Count(LeastBytes); left > 0; left--)
        {
            reader.SkipString();
            Value.Skip(ref reader);
        }
        reader.End();
    }
}

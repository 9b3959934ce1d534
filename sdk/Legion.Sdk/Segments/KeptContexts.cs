using Legion.Format;

namespace Legion.Sdk;

/// <summary>
/// The contexts that are open where a segment begins, for whoever reads the segment after the process: the segments in which they were pushed may be gone.
/// More than fit are not kept; what was recorded in that segment is then without them.
/// </summary>
static class KeptContexts
{
    const uint Unknown = uint.MaxValue;

    public static void Write(Span<byte> place, List<ulong> addresses, OpenContext? context)
    {
        if (context is null)
        {
            place[..4].Clear();
            return;
        }
        var writer = new ByteWriter();
        writer.U32((uint)addresses.Count);
        foreach (var address in addresses) writer.U64(address);
        Property.WriteList(writer, context.ToProperties());
        if (writer.Length <= place.Length)
        {
            writer.Written.CopyTo(place);
            return;
        }
        writer.Clear();
        writer.U32(Unknown);
        writer.Written.CopyTo(place);
    }

    public static (List<ulong> Addresses, OpenContext? Context) Read(ReadOnlySpan<byte> place)
    {
        var reader = new ByteReader(place, "contexts of a segment");
        var count = reader.U32();
        if (count is 0 or Unknown) return ([], null);
        var addresses = new List<ulong>();
        for (var i = 0; i < count; i++) addresses.Add(reader.U64());
        OpenContext? context = null;
        foreach (var property in Property.ReadList(ref reader)) context = new OpenContext(context, property);
        return context?.Depth == addresses.Count ? (addresses, context) : throw new InvalidDataException($"contexts of a segment: expected {addresses.Count}, saw {context?.Depth ?? 0}");
    }
}

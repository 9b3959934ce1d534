using Legion.Format;

namespace Legion.Tests.Format;

/// <summary>How much memory reading some bytes may take: four times what they declare, and 16 MiB.</summary>
static class AllocationBound
{
    const long Base = 16 << 20;

    public static long Of(ReadOnlySpan<byte> bytes) => Base + 4 * Declared(bytes);

    /// <summary>The bytes themselves, and of a block whose header can be read, its content.</summary>
    static long Declared(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return bytes.Length + BlockHeaderBytes.Read(bytes, out _).RawBytes;
        }
        catch (InvalidDataException)
        {
            return bytes.Length;
        }
    }
}

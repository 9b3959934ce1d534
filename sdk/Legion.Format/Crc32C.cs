using System.Buffers.Binary;
using System.Numerics;

namespace Legion.Format;

/// <summary>CRC-32C (Castagnoli, polynomial 0x1EDC6F41, reflected, initial and final value 0xFFFFFFFF), as in RFC 3720 appendix B.4.</summary>
public static class Crc32C
{
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        while (bytes.Length >= 8)
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[8..];
        }
        foreach (var value in bytes) crc = BitOperations.Crc32C(crc, value);
        return ~crc;
    }
}

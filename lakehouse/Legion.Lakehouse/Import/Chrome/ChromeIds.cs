using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Legion.Lakehouse.Import.Chrome;

/// <summary>Ids that follow from a file's content, so that the same file twice is in the lake once, whatever it is called and whenever it was copied.</summary>
/// <param name="content">SHA-256 of the file.</param>
/// <param name="startNs">The begin as the file itself names it, nanoseconds UTC; 0 where it names none.</param>
sealed class ChromeIds(byte[] content, long startNs)
{
    /// <summary>A UUIDv7 for what bears a label.</summary>
    public Guid Of(string label)
    {
        Span<byte> bytes = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData([.. content, .. Encoding.UTF8.GetBytes(label)], bytes);
        var milliseconds = Math.Max(0, startNs / 1_000_000);
        BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)(milliseconds >> 16));
        BinaryPrimitives.WriteUInt16BigEndian(bytes[4..], (ushort)milliseconds);
        bytes[6] = (byte)(0x70 | bytes[6] & 0x0f);
        bytes[8] = (byte)(0x80 | bytes[8] & 0x3f);
        return new Guid(bytes[..16], bigEndian: true);
    }
}

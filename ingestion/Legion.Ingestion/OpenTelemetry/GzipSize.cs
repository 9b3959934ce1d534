using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Legion.Ingestion;

/// <summary>Counts what compressed bytes hold, without keeping it: so much memory is what reading them will take.</summary>
static class GzipSize
{
    /// <summary>Of the header and the trailer.</summary>
    const int LeastBytes = 18;

    const int BufferBytes = 64 << 10;

    /// <returns>Whether it is at most <paramref name="limit"/>; decompressing ends where it is more.</returns>
    /// <exception cref="InvalidDataException">The bytes are not gzip, or break off.</exception>
    public static bool IsAtMost(ReadOnlyMemory<byte> bytes, int limit)
    {
        if (!MemoryMarshal.TryGetArray(bytes, out var array)) array = bytes.ToArray();
        if (array.Count < LeastBytes) throw new InvalidDataException($"expected gzip of at least {LeastBytes} bytes, saw {array.Count}");
        using var gzip = new GZipStream(new MemoryStream(array.Array!, array.Offset, array.Count, writable: false), CompressionMode.Decompress);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            var total = 0L;
            while (gzip.Read(buffer) is > 0 and var read)
            {
                total += read;
                if (total > limit) return false;
            }
            // A stream that breaks off is one that ends to .NET. The last four bytes say how much it held.
            var declared = BinaryPrimitives.ReadUInt32LittleEndian(bytes.Span[^4..]);
            return declared == total ? true : throw new InvalidDataException($"expected gzip of {declared} bytes, saw {total}");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}

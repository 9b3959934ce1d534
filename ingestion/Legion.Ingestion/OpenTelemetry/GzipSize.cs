using System.Buffers;
using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Legion.Ingestion;

/// <summary>Counts what compressed bytes hold, without keeping it: so much memory is what reading them will take.</summary>
static class GzipSize
{
    const int BufferBytes = 64 << 10;

    /// <returns>Whether it is at most <paramref name="limit"/>; decompressing ends where it is more.</returns>
    /// <exception cref="InvalidDataException">The bytes are not gzip, or break off.</exception>
    public static bool IsAtMost(ReadOnlyMemory<byte> bytes, int limit)
    {
        if (!MemoryMarshal.TryGetArray(bytes, out var array)) array = bytes.ToArray();
        // An empty stream is none to .NET, and something broken to everybody else.
        if (array.Count == 0) throw new InvalidDataException("expected gzip, saw no bytes");
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
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}

using System.Buffers.Binary;

namespace Legion.Format;

/// <summary>What a UUID of version 7 (RFC 9562) says of its time. Process, stream and block ids are such UUIDs, made by the producer.</summary>
public static class UuidV7
{
    /// <summary>The first 48 bits: milliseconds since the Unix epoch. Null for a UUID of another version.</summary>
    public static long? UnixMilliseconds(Guid id)
    {
        if (id.Version != 7) return null;
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return BinaryPrimitives.ReadUInt16BigEndian(bytes) * (1L << 32) + BinaryPrimitives.ReadUInt32BigEndian(bytes[2..]);
    }
}

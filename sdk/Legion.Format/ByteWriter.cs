using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Legion.Format;

/// <summary>A growing buffer of little-endian values; reused by its owner through <see cref="Clear"/>.</summary>
public sealed class ByteWriter(int capacityBytes = 256) : IBufferWriter<byte>
{
    byte[] buffer = new byte[capacityBytes];
    int length;

    /// <summary>Bytes written so far.</summary>
    public int Length => length;

    /// <summary>What was written; valid until the next write.</summary>
    public ReadOnlySpan<byte> Written => buffer.AsSpan(0, length);

    /// <summary>What was written; valid until the next write.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => buffer.AsMemory(0, length);

    public void Clear() => length = 0;

    /// <summary>Takes back what was written last.</summary>
    /// <param name="bytes">What stays; at most <see cref="Length"/>.</param>
    public void Truncate(int bytes) => length = Math.Min(bytes, length);

    public byte[] ToArray() => Written.ToArray();

    public void U8(byte value) => Reserve(1)[0] = value;
    public void U16(ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Reserve(2), value);
    public void U32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Reserve(4), value);
    public void U64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Reserve(8), value);
    public void I64(long value) => BinaryPrimitives.WriteInt64LittleEndian(Reserve(8), value);
    public void F64(double value) => BinaryPrimitives.WriteDoubleLittleEndian(Reserve(8), value);

    /// <summary>LEB128.</summary>
    public void Varint(ulong value)
    {
        EnsureFree(Format.Varint.SlackBytes);
        length += Format.Varint.Write(ref buffer[length], value);
    }

    /// <summary>16 bytes in the order of RFC 9562 (most significant first).</summary>
    public void Id(Guid value) => value.TryWriteBytes(Reserve(16), bigEndian: true, out _);

    public void Bytes(ReadOnlySpan<byte> value) => value.CopyTo(Reserve(value.Length));

    /// <summary>A u32 length followed by the bytes.</summary>
    public void Sized(ReadOnlySpan<byte> value)
    {
        U32((uint)value.Length);
        Bytes(value);
    }

    /// <summary>A u32 length in bytes followed by UTF-8.</summary>
    public void String(ReadOnlySpan<char> value)
    {
        var start = length;
        U32(0);
        Utf8(value);
        PatchU32(start, (uint)(length - start - 4));
    }

    /// <summary>UTF-8 without a length; lone surrogates become U+FFFD.</summary>
    public void Utf8(ReadOnlySpan<char> value)
    {
        var most = Encoding.UTF8.GetMaxByteCount(value.Length);
        EnsureFree(most);
        length += Encoding.UTF8.GetBytes(value, buffer.AsSpan(length));
    }

    /// <summary>Overwrites four bytes written earlier.</summary>
    public void PatchU32(int position, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(buffer.AsSpan(position, 4), value);

    /// <summary>Appends <paramref name="count"/> bytes for the caller to fill.</summary>
    public Span<byte> Reserve(int count)
    {
        EnsureFree(count);
        var span = buffer.AsSpan(length, count);
        length += count;
        return span;
    }

    void IBufferWriter<byte>.Advance(int count) => length += count;

    Memory<byte> IBufferWriter<byte>.GetMemory(int sizeHint)
    {
        EnsureFree(Math.Max(sizeHint, 1));
        return buffer.AsMemory(length);
    }

    Span<byte> IBufferWriter<byte>.GetSpan(int sizeHint)
    {
        EnsureFree(Math.Max(sizeHint, 1));
        return buffer.AsSpan(length);
    }

    void EnsureFree(int count)
    {
        if (buffer.Length - length >= count) return;
        Array.Resize(ref buffer, (int)Math.Min(Array.MaxLength, Math.Max((long)buffer.Length * 2, (long)length + count)));
    }
}

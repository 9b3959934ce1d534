using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Legion.Format;

namespace Legion.Sdk;

/// <summary>
/// Collects what a record of variable size says, before it is appended in one piece: evaluating an argument may record events itself.
/// Each writer has a stretch of the thread's scratch memory, inner ones behind outer ones. What does not fit is cut off.
/// </summary>
struct RecordWriter
{
    readonly byte[] bytes;
    readonly int start;
    int end;

    RecordWriter(Scratch scratch)
    {
        bytes = scratch.Bytes;
        start = end = scratch.Top;
    }

    public static RecordWriter Begin(ref Scratch? scratch)
    {
        // A writer whose owner was left by an exception never gives its stretch back. When that has used the memory up, new memory
        // takes its place; outer writers go on in the old one.
        if (scratch is null || scratch.Bytes.Length - scratch.Top < RecordLayout.MaxBodyBytes) scratch = new Scratch();
        var writer = new RecordWriter(scratch);
        scratch.Top = writer.start;
        return writer;
    }

    public readonly ReadOnlySpan<byte> Written => bytes.AsSpan(start, end - start);

    /// <summary>Gives the stretch back.</summary>
    public readonly void End(Scratch scratch)
    {
        if (scratch.Bytes == bytes) scratch.Top = start;
    }

    /// <summary>Tells inner writers where this one ends. To be called before code of the program's runs.</summary>
    public readonly void Hold(Scratch scratch)
    {
        if (scratch.Bytes == bytes) scratch.Top = end;
    }

    public void U8(byte value)
    {
        if (HasRoom(1)) bytes[end++] = value;
    }

    public void U32(uint value)
    {
        if (!HasRoom(4)) return;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(end), value);
        end += 4;
    }

    /// <summary>The low bytes of a value of 1, 2, 4 or 8 bytes.</summary>
    public void Fixed(ulong bits, int size)
    {
        if (!HasRoom(8)) return;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(end), bits);
        end += size;
    }

    /// <summary>Values as they lie in memory.</summary>
    public void Fixed(ReadOnlySpan<byte> values)
    {
        if (!HasRoom(values.Length)) return;
        values.CopyTo(bytes.AsSpan(end));
        end += values.Length;
    }

    /// <summary>A u32 length in characters and UTF-16, which the flusher turns into UTF-8.</summary>
    public void Text(ReadOnlySpan<char> text)
    {
        var room = start + RecordLayout.MaxBodyBytes - end - 4;
        if (room < 0) return;
        if (2 * text.Length > room) text = text[..(room / 2)];
        U32((uint)text.Length);
        MemoryMarshal.AsBytes(text).CopyTo(bytes.AsSpan(end));
        end += 2 * text.Length;
    }

    public void Tagged(ValueTag tag, ulong bits)
    {
        if (!HasRoom(9)) return;
        bytes[end] = (byte)tag;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(end + 1), bits);
        end += 9;
    }

    public void TaggedText(ReadOnlySpan<char> text)
    {
        if (!HasRoom(5)) return;
        U8((byte)ValueTag.String);
        Text(text);
    }

    public void Tagged(Value value)
    {
        switch (value.Tag)
        {
            case ValueTag.Bool:
                Tagged(ValueTag.Bool, value.AsBool ? 1u : 0u);
                break;
            case ValueTag.I64 or ValueTag.U64 or ValueTag.F64:
                Tagged(value.Tag, value.AsU64);
                break;
            case ValueTag.String:
                TaggedText(value.AsString);
                break;
            case ValueTag.Bytes when HasRoom(5 + value.AsBytes.Length):
                U8((byte)ValueTag.Bytes);
                U32((uint)value.AsBytes.Length);
                value.AsBytes.CopyTo(bytes, end);
                end += value.AsBytes.Length;
                break;
            default:
                U8((byte)ValueTag.Null);
                break;
        }
    }

    readonly bool HasRoom(int count) => end - start + count <= RecordLayout.MaxBodyBytes;
}

/// <summary>Memory of a thread in which records of variable size are put together.</summary>
sealed class Scratch
{
    public byte[] Bytes { get; } = new byte[RecordLayout.MaxBodyBytes + (16 << 10)];

    /// <summary>Where the next writer begins.</summary>
    public int Top;
}

using System.Runtime.CompilerServices;
using Legion.Format;

namespace Legion.Sdk;

/// <summary>
/// Writes the body of a record of variable size where it will stand. No code of the program's may run between the first byte and the commit.
/// What does not fit is noticed, and the record begun again in an empty segment; there it is cut off.
/// </summary>
unsafe struct RecordWriter
{
    readonly bool cutsOff;
    ThreadContext? later;
    byte* start;
    byte* end;
    byte* at;

    public RecordWriter(byte* start, byte* end, bool cutsOff)
    {
        this.start = at = start;
        this.end = end;
        this.cutsOff = cutsOff;
    }

    /// <summary>A writer that looks for its place when the first byte is written: until then the program's own code may run, and record.</summary>
    /// <param name="isSecond">It was too long for its segment: it goes into an empty one, and is cut off there.</param>
    public RecordWriter(ThreadContext context, bool isSecond)
    {
        later = context;
        cutsOff = isSecond;
    }

    /// <summary>Bytes of all that was to be written, cut off or not.</summary>
    public int Wanted { get; private set; }

    public readonly int Written => (int)(at - start);

    public readonly bool IsTooLong => !cutsOff && Wanted > Written;

    public readonly byte* Start => start;

    public readonly byte* At => at;

    /// <summary>A byte.</summary>
    public void U8(byte value)
    {
        if (HasRoom(1)) *at++ = value;
    }

    /// <summary>A number of 4 bytes.</summary>
    public void U32(uint value)
    {
        if (!HasRoom(4)) return;
        Unsafe.WriteUnaligned(at, value);
        at += 4;
    }

    /// <summary>A number of 8 bytes.</summary>
    public void U64(ulong value)
    {
        if (!HasRoom(8)) return;
        Unsafe.WriteUnaligned(at, value);
        at += 8;
    }

    /// <summary>The low bytes of a value of 1, 2, 4 or 8 bytes.</summary>
    public void Fixed(ulong bits, int size)
    {
        if (!HasRoom(size)) return;
        // Up to 7 bytes more than asked for are written, over what comes next: the record's padding or the segment's last bytes.
        if (end - at >= 8)
        {
            Unsafe.WriteUnaligned(at, bits);
        }
        else
        {
            for (var i = 0; i < size; i++) at[i] = (byte)(bits >> 8 * i);
        }
        at += size;
    }

    /// <summary>A u32 length in characters and UTF-16, which the flusher turns into UTF-8.</summary>
    public void Text(ReadOnlySpan<char> text)
    {
        var bytes = 4 + 2 * (long)text.Length;
        FindRoom();
        if (end - at < bytes)
        {
            Wanted = (int)Math.Min(int.MaxValue, Wanted + bytes);
            if (!cutsOff) return;
            var room = (int)(end - at - 4) / 2;
            end = at;
            if (room <= 0) return;
            text = text[..room];
        }
        else
        {
            Wanted += (int)bytes;
        }
        Unsafe.WriteUnaligned(at, text.Length);
        Unsafe.CopyBlockUnaligned(ref *(at + 4), ref Unsafe.As<char, byte>(ref Unsafe.AsRef(in text.GetPinnableReference())), (uint)(2 * text.Length));
        at += 4 + 2 * text.Length;
    }

    /// <summary>Values as they lie in memory.</summary>
    public void Fixed(ReadOnlySpan<byte> values)
    {
        if (!HasRoom(values.Length)) return;
        values.CopyTo(new Span<byte>(at, values.Length));
        at += values.Length;
    }

    public void Id(Guid id)
    {
        if (!HasRoom(16)) return;
        Unsafe.WriteUnaligned(at, id);
        at += 16;
    }

    public void Tagged(ValueTag tag, ulong bits)
    {
        if (!HasRoom(9)) return;
        *at = (byte)tag;
        Unsafe.WriteUnaligned(at + 1, bits);
        at += 9;
    }

    public void TaggedText(ReadOnlySpan<char> text)
    {
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
                Wanted -= 5 + value.AsBytes.Length;
                U8((byte)ValueTag.Bytes);
                U32((uint)value.AsBytes.Length);
                Wanted += value.AsBytes.Length;
                value.AsBytes.CopyTo(new Span<byte>(at, value.AsBytes.Length));
                at += value.AsBytes.Length;
                break;
            default:
                U8((byte)ValueTag.Null);
                break;
        }
    }

    public void Properties(ReadOnlySpan<Property> properties)
    {
        if (Recording.Redaction is not null)
        {
            Redacted(properties);
            return;
        }
        foreach (var (key, value) in properties)
        {
            Text(key);
            Tagged(value);
        }
    }

    void Redacted(ReadOnlySpan<Property> properties)
    {
        foreach (var property in properties)
        {
            if (!Recording.Redaction!.TryApply(property, out var left)) continue;
            Text(left.Key);
            Tagged(left.Value);
        }
    }

    /// <summary>Looks for its place now, where nothing was written.</summary>
    public void FindRoom()
    {
        if (later is not null) TryFindRoom(0);
    }

    bool HasRoom(int count)
    {
        Wanted += count;
        return end - at >= count || TryFindRoom(count);
    }

    bool TryFindRoom(int count)
    {
        if (later is not null)
        {
            start = at = later.BodyOfNext(inEmpty: cutsOff, out end);
            later = null;
        }
        else if (cutsOff)
        {
            // Nothing may come after what was cut off, or a reader would take it for something else.
            end = at;
        }
        return end - at >= count;
    }
}

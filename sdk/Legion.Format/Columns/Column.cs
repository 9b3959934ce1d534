using System.Buffers.Binary;

namespace Legion.Format;

/// <summary>What a <see cref="ColumnCoding"/> comes to for one type of field.</summary>
enum ColumnKind : byte
{
    Plain,
    Varint,
    SignedVarint,
    ReferenceVarint,
    Delta,
    ReferenceDelta,
    Number,
    Variable,
    ConstantVariable,
}

/// <summary>A position in the values of one field.</summary>
struct Column(Field field, ColumnKind kind, int start, int end)
{
    readonly Field field = field;
    readonly int end = end;
    readonly int size = field.Size;
    int position = start;
    ulong last;

    public readonly int Offset { get; } = field.Offset;

    public readonly bool IsVariable => kind >= ColumnKind.Variable;

    /// <summary>Puts the next value into the row.</summary>
    public void Take(ReadOnlySpan<byte> bytes, Span<byte> row)
    {
        var values = bytes[..end];
        switch (kind)
        {
            case ColumnKind.Plain:
                if (size > end - position) throw Short();
                values.Slice(position, size).CopyTo(row[Offset..]);
                position += size;
                break;
            case ColumnKind.Number:
                Store(row, TakeNumber(values));
                break;
            case ColumnKind.Varint:
                Store(row, Varint.Read(values, ref position));
                break;
            case ColumnKind.SignedVarint:
                Store(row, (ulong)Varint.UnZigZag(Varint.Read(values, ref position)));
                break;
            case ColumnKind.ReferenceVarint:
                Store(row, Varint.Read(values, ref position) - 1);
                break;
            default:
                last += (ulong)Varint.UnZigZag(Varint.Read(values, ref position));
                Store(row, kind == ColumnKind.ReferenceDelta ? last - 1 : last);
                break;
        }
    }

    /// <summary>The next bytes of a variable field.</summary>
    public ReadOnlySpan<byte> TakeVariable(ReadOnlySpan<byte> bytes)
    {
        if (kind == ColumnKind.ConstantVariable) return bytes[position..end];
        var length = Varint.Read(bytes[..end], ref position);
        if (length > (ulong)(end - position)) throw Short();
        var value = bytes.Slice(position, (int)length);
        position += (int)length;
        return value;
    }

    public readonly void CheckEnd()
    {
        if (position != end && kind != ColumnKind.ConstantVariable) throw new InvalidDataException($"column {field.Name}: expected the last value to end at byte {end}, saw its end at {position}");
    }

    ulong TakeNumber(ReadOnlySpan<byte> values)
    {
        var code = Varint.Read(values, ref position);
        if ((code & 1) == 0) return BitConverter.DoubleToUInt64Bits(Varint.UnZigZag(code >> 1));
        if (code != 1) throw new InvalidDataException($"column {field.Name}: expected a whole number or 1, saw {code}");
        if (8 > end - position) throw Short();
        position += 8;
        return BinaryPrimitives.ReadUInt64LittleEndian(values[(position - 8)..]);
    }

    readonly void Store(Span<byte> row, ulong value)
    {
        switch (size)
        {
            case 1: row[Offset] = (byte)value; break;
            case 2: BinaryPrimitives.WriteUInt16LittleEndian(row[Offset..], (ushort)value); break;
            case 4: BinaryPrimitives.WriteUInt32LittleEndian(row[Offset..], (uint)value); break;
            default: BinaryPrimitives.WriteUInt64LittleEndian(row[Offset..], value); break;
        }
    }

    readonly InvalidDataException Short() => new($"column {field.Name}: expected another value at byte {position}, saw the end at {end}");
}

using System.Buffers.Binary;

namespace Legion.Format;

/// <summary>Writes the values that one field has in some rows as a column, in the coding that makes it smallest.</summary>
static class FieldColumn
{
    /// <summary>Whole numbers of a float that a column of numbers takes lie within these bounds, as beyond them not all are.</summary>
    public const double MostWhole = 1L << 53;

    /// <param name="positions">Where the rows of the field's type begin; at least one.</param>
    public static void Write(ByteWriter writer, Field field, ReadOnlySpan<byte> rows, ReadOnlySpan<int> positions)
    {
        if (FieldTypes.IsVariable(field.Type)) WriteVariable(writer, field, rows, positions);
        else if (IsConstant(field, rows, positions)) WritePlain(writer, ColumnCoding.Constant, field, rows, positions[..1]);
        else if (FieldTypes.IsInteger(field.Type)) WriteIntegers(writer, field, rows, positions);
        else if (field.Type == FieldType.F64) WriteNumbers(writer, field, rows, positions);
        else WritePlain(writer, ColumnCoding.Plain, field, rows, positions);
    }

    /// <summary>A value as the codings of integers take it: signed ones extended, references one higher, so that none is 0.</summary>
    static ulong Integer(Field field, ReadOnlySpan<byte> row) =>
        FieldTypes.IsReference(field.Type) ? (uint)(field.ReadU64(row) + 1) : (ulong)field.ReadI64(row);

    static bool IsConstant(Field field, ReadOnlySpan<byte> rows, ReadOnlySpan<int> positions)
    {
        var first = rows.Slice(positions[0] + field.Offset, field.Size);
        foreach (var position in positions)
            if (!rows.Slice(position + field.Offset, field.Size).SequenceEqual(first)) return false;
        return true;
    }

    static void WritePlain(ByteWriter writer, ColumnCoding coding, Field field, ReadOnlySpan<byte> rows, ReadOnlySpan<int> positions)
    {
        writer.U8((byte)coding);
        writer.U32((uint)(field.Size * positions.Length));
        foreach (var position in positions) writer.Bytes(rows.Slice(position + field.Offset, field.Size));
    }

    static void WriteIntegers(ByteWriter writer, Field field, ReadOnlySpan<byte> rows, ReadOnlySpan<int> positions)
    {
        var isSigned = FieldTypes.IsSigned(field.Type);
        long varintBytes = 0, deltaBytes = 0;
        var last = 0ul;
        foreach (var position in positions)
        {
            var value = Integer(field, rows[position..]);
            varintBytes += Varint.Bytes(isSigned ? Varint.ZigZag((long)value) : value);
            deltaBytes += Varint.Bytes(Varint.ZigZag((long)(value - last)));
            last = value;
        }
        var plainBytes = (long)field.Size * positions.Length;
        if (plainBytes <= Math.Min(varintBytes, deltaBytes))
        {
            WritePlain(writer, ColumnCoding.Plain, field, rows, positions);
            return;
        }
        var isDelta = deltaBytes < varintBytes;
        writer.U8((byte)(isDelta ? ColumnCoding.Delta : ColumnCoding.Varint));
        writer.U32((uint)Math.Min(varintBytes, deltaBytes));
        last = 0;
        foreach (var position in positions)
        {
            var value = Integer(field, rows[position..]);
            writer.Varint(isDelta ? Varint.ZigZag((long)(value - last)) : isSigned ? Varint.ZigZag((long)value) : value);
            last = value;
        }
    }

    static void WriteNumbers(ByteWriter writer, Field field, ReadOnlySpan<byte> rows, ReadOnlySpan<int> positions)
    {
        var bytes = 0L;
        foreach (var position in positions) bytes += IsWhole(field.ReadF64(rows[position..]), out var whole) ? Varint.Bytes(Varint.ZigZag(whole) << 1) : 9;
        if (bytes >= 8L * positions.Length)
        {
            WritePlain(writer, ColumnCoding.Plain, field, rows, positions);
            return;
        }
        writer.U8((byte)ColumnCoding.Number);
        writer.U32((uint)bytes);
        foreach (var position in positions)
        {
            var value = field.ReadF64(rows[position..]);
            if (IsWhole(value, out var whole))
            {
                writer.Varint(Varint.ZigZag(whole) << 1);
                continue;
            }
            writer.U8(1);
            writer.F64(value);
        }
    }

    /// <summary>True for what a whole number turns back into; not for the negative zero.</summary>
    static bool IsWhole(double value, out long whole)
    {
        whole = Math.Abs(value) <= MostWhole ? (long)value : 0;
        return BitConverter.DoubleToInt64Bits(whole) == BitConverter.DoubleToInt64Bits(value);
    }

    static void WriteVariable(ByteWriter writer, Field field, ReadOnlySpan<byte> rows, ReadOnlySpan<int> positions)
    {
        var first = Variable(field, rows, positions[0]);
        var isConstant = true;
        foreach (var position in positions)
        {
            if (Variable(field, rows, position).SequenceEqual(first)) continue;
            isConstant = false;
            break;
        }
        writer.U8((byte)(isConstant ? ColumnCoding.Constant : ColumnCoding.Varint));
        if (isConstant)
        {
            writer.Sized(first);
            return;
        }
        var start = writer.Length;
        writer.U32(0);
        foreach (var position in positions)
        {
            var value = Variable(field, rows, position);
            writer.Varint((ulong)value.Length);
            writer.Bytes(value);
        }
        writer.PatchU32(start, (uint)(writer.Length - start - 4));
    }

    static ReadOnlySpan<byte> Variable(Field field, ReadOnlySpan<byte> rows, int position) =>
        field.ReadBytes(rows.Slice(position, BinaryPrimitives.ReadInt32LittleEndian(rows[(position - 4)..])));
}

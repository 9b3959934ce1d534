using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Legion.Format;

/// <summary>
/// Turns the columns of a block in encoding 1 back into rows, one event at a time: the fields at the schema's offsets, holes zero,
/// what is variable behind the fixed part in the order of the fields. Nothing is kept but one row of each type that occurs.
/// </summary>
sealed class ColumnReader
{
    const int LeastColumnBytes = 5;

    /// <summary>The array behind the memory, as each event needs its bytes.</summary>
    readonly ArraySegment<byte> bytes;
    readonly TypeColumns?[] typeColumns;
    readonly int typeBytes;
    int at, typesEnd;
    int ticksAt, ticksEnd;
    ulong tick;
    long rowBytes;

    /// <exception cref="InvalidDataException">The bytes are no columns of this schema's types.</exception>
    public ColumnReader(Schema schema, ReadOnlyMemory<byte> bytes)
    {
        if (!MemoryMarshal.TryGetArray(bytes, out this.bytes)) throw new ArgumentException("cannot read columns: expected the memory of an array", nameof(bytes));
        typeBytes = EventColumns.HasWideTypes(schema) ? 2 : 1;
        typeColumns = new TypeColumns?[schema.Types.Count];
        var reader = new ByteReader(bytes.Span, "columns");
        var events = reader.Count(typeBytes);
        at = reader.Position;
        var occurs = Occurring(reader.Take(events * typeBytes));
        typesEnd = reader.Position;
        reader.Sized();
        ticksEnd = reader.Position;
        ticksAt = typesEnd + 4;

        var fixedBytes = 0L;
        for (var index = 0; index < typeColumns.Length; index++)
        {
            if (!occurs[index]) continue;
            fixedBytes += schema.Types[index].FixedBytes;
            if (fixedBytes > FormatLimits.MaxColumnRowBytes)
                throw new InvalidDataException($"columns: expected at most {FormatLimits.MaxColumnRowBytes} fixed bytes of all types, saw {fixedBytes}");
            typeColumns[index] = TypeColumns.Read(ref reader, schema.Types[index]);
        }
        reader.End();
    }

    /// <summary>Whether the column of types has one that is wanted, or is damaged.</summary>
    /// <param name="wanted">By index of the schema's types.</param>
    public static bool MayHold(Schema schema, ReadOnlySpan<byte> columns, ReadOnlySpan<bool> wanted)
    {
        var typeBytes = EventColumns.HasWideTypes(schema) ? 2 : 1;
        if (columns.Length < 4) return true;
        var events = BinaryPrimitives.ReadUInt32LittleEndian(columns);
        if (events > (uint)((columns.Length - 4) / typeBytes)) return true;
        var types = columns.Slice(4, (int)events * typeBytes);
        for (var at = 0; at < types.Length; at += typeBytes)
        {
            var index = typeBytes == 1 ? types[at] & 0x7f : BinaryPrimitives.ReadUInt16LittleEndian(types[at..]) & 0x7fff;
            if (index >= wanted.Length || wanted[index]) return true;
        }
        return false;
    }

    /// <summary>Moves to the next event; its row is valid until the one after.</summary>
    public bool Next(out int index, out ReadOnlySpan<byte> row)
    {
        ReadOnlySpan<byte> span = bytes;
        if (at == typesEnd)
        {
            CheckEnds();
            index = 0;
            row = default;
            return false;
        }
        int code = span[at];
        var isSameTick = code >= 0x80;
        index = code & 0x7f;
        if (typeBytes == 2)
        {
            code = BinaryPrimitives.ReadUInt16LittleEndian(span[at..]);
            isSameTick = code >= 0x8000;
            index = code & 0x7fff;
        }
        at += typeBytes;
        if (!isSameTick) tick += Varint.Read(span[..ticksEnd], ref ticksAt);
        row = typeColumns[index]!.Next(span, tick);

        // A block of columns holds no more than one of rows could: what it costs to read is bounded by that, too.
        rowBytes += row.Length + 2;
        if (rowBytes > FormatLimits.MaxContentBytes) throw new InvalidDataException($"columns: expected rows of at most {FormatLimits.MaxContentBytes} bytes, saw more");
        return true;
    }

    bool[] Occurring(ReadOnlySpan<byte> types)
    {
        var occurs = new bool[typeBytes == 1 ? 0x80 : 0x8000];
        if (typeBytes == 1)
            foreach (var code in types) occurs[code & 0x7f] = true;
        else
            for (var i = 0; i < types.Length; i += 2) occurs[BinaryPrimitives.ReadUInt16LittleEndian(types[i..]) & 0x7fff] = true;
        var last = Array.LastIndexOf(occurs, true);
        if (last >= typeColumns.Length) throw new InvalidDataException($"columns: expected a type below {typeColumns.Length}, saw {last}");
        return occurs;
    }

    void CheckEnds()
    {
        if (ticksAt != ticksEnd) throw new InvalidDataException($"columns: expected the ticks to end at byte {ticksEnd}, saw their end at {ticksAt}");
        foreach (var columns in typeColumns) columns?.CheckEnds();
    }

    /// <summary>The columns of one type, and the row that its events are put together in.</summary>
    sealed class TypeColumns
    {
        readonly EventType type;
        readonly Column[] columns;
        byte[] row;

        TypeColumns(EventType type, Column[] columns, byte[] row)
        {
            this.type = type;
            this.columns = columns;
            this.row = row;
        }

        public static TypeColumns Read(ref ByteReader reader, EventType type)
        {
            if (!type.FitsColumns) throw new InvalidDataException($"columns: expected no fields over variable fields, saw them in '{type.Name}'");
            var others = type.Fields.Count - (type.Time is null ? 0 : 1);
            if (others > reader.Remaining / LeastColumnBytes) throw new InvalidDataException($"columns: expected {others} columns of '{type.Name}', saw {reader.Remaining} bytes");
            var row = new byte[type.FixedBytes];
            var columns = new List<Column>(others);
            foreach (var field in type.Fields)
            {
                if (ReferenceEquals(field, type.Time)) continue;
                var coding = (ColumnCoding)reader.U8();
                var value = reader.Sized();
                var isVariable = FieldTypes.IsVariable(field.Type);
                if (coding == ColumnCoding.Constant && !isVariable)
                {
                    if (value.Length != field.Size) throw new InvalidDataException($"column {field.Name}: expected a constant of {field.Size} bytes, saw {value.Length}");
                    value.CopyTo(row.AsSpan(field.Offset));
                    continue;
                }
                columns.Add(new Column(field, KindOf(coding, field), reader.Position - value.Length, reader.Position));
            }
            return new TypeColumns(type, [.. columns], row);
        }

        public ReadOnlySpan<byte> Next(ReadOnlySpan<byte> bytes, ulong tick)
        {
            if (type.Time is { } time) BinaryPrimitives.WriteUInt64LittleEndian(row.AsSpan(time.Offset), tick);
            var end = type.FixedBytes;
            foreach (ref var column in columns.AsSpan())
            {
                if (column.IsVariable) TakeVariable(bytes, ref column, ref end);
                else column.Take(bytes, row);
            }
            return row.AsSpan(0, end);
        }

        public void CheckEnds()
        {
            foreach (ref var column in columns.AsSpan()) column.CheckEnd();
        }

        void TakeVariable(ReadOnlySpan<byte> bytes, ref Column column, ref int end)
        {
            var value = column.TakeVariable(bytes);
            if (row.Length - end < value.Length) Array.Resize(ref row, Math.Max(end + value.Length, 2 * row.Length));
            BinaryPrimitives.WriteInt32LittleEndian(row.AsSpan(column.Offset), end);
            BinaryPrimitives.WriteInt32LittleEndian(row.AsSpan(column.Offset + 4), value.Length);
            value.CopyTo(row.AsSpan(end));
            end += value.Length;
        }

        static ColumnKind KindOf(ColumnCoding coding, Field field)
        {
            var isInteger = FieldTypes.IsInteger(field.Type);
            return coding switch
            {
                ColumnCoding.Constant => ColumnKind.ConstantVariable,
                ColumnCoding.Varint when FieldTypes.IsVariable(field.Type) => ColumnKind.Variable,
                ColumnCoding.Plain when !FieldTypes.IsVariable(field.Type) => ColumnKind.Plain,
                ColumnCoding.Varint when FieldTypes.IsReference(field.Type) => ColumnKind.ReferenceVarint,
                ColumnCoding.Varint when FieldTypes.IsSigned(field.Type) => ColumnKind.SignedVarint,
                ColumnCoding.Varint when isInteger => ColumnKind.Varint,
                ColumnCoding.Delta when FieldTypes.IsReference(field.Type) => ColumnKind.ReferenceDelta,
                ColumnCoding.Delta when isInteger => ColumnKind.Delta,
                ColumnCoding.Number when field.Type == FieldType.F64 => ColumnKind.Number,
                _ => throw new InvalidDataException($"column {field.Name}: expected a coding of {field.Type}, saw {(int)coding}"),
            };
        }
    }
}

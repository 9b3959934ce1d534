using System.Buffers.Binary;
using System.Text;

namespace Legion.Lakehouse;

/// <summary>Where the values of one column of a row group lie in the file, with their least and greatest where they are 64-bit integers and the file says so.</summary>
readonly record struct ParquetChunk(string Column, long Begin, long Bytes, long? Least, long? Greatest);

/// <summary>
/// Reads from a Parquet file's footer where its columns lie. The footer is a struct of Thrift's compact protocol, of which these few fields are read and all others skipped;
/// the library that writes files does not tell them.
/// </summary>
/// <remarks>https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift, https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md</remarks>
ref struct ParquetFooter
{
    /// <summary>Of structs in structs, of which a footer has five.</summary>
    const int MostDepth = 32;

    readonly ReadOnlySpan<byte> bytes;
    int at;

    ParquetFooter(ReadOnlySpan<byte> bytes) => this.bytes = bytes;

    enum Kind
    {
        Stop = 0,
        True = 1,
        False = 2,
        Byte = 3,
        Int16 = 4,
        Int32 = 5,
        Int64 = 6,
        Double = 7,
        Binary = 8,
        List = 9,
        Set = 10,
        Map = 11,
        Struct = 12,
        Uuid = 13,
    }

    /// <returns>The row groups in order, each with its columns.</returns>
    /// <exception cref="InvalidDataException">It is no such footer.</exception>
    public static IReadOnlyList<IReadOnlyList<ParquetChunk>> Read(ReadOnlySpan<byte> bytes)
    {
        var footer = new ParquetFooter(bytes);
        var groups = new List<IReadOnlyList<ParquetChunk>>();
        for (var field = 0; footer.Next(ref field, out var kind);)
        {
            if (field != 4)
            {
                footer.Skip(kind, 0);
                continue;
            }
            for (var left = footer.Begin(kind, Kind.Struct); left > 0; left--) groups.Add(footer.RowGroup());
        }
        return groups;
    }

    List<ParquetChunk> RowGroup()
    {
        var chunks = new List<ParquetChunk>();
        for (var field = 0; Next(ref field, out var kind);)
        {
            if (field != 1)
            {
                Skip(kind, 0);
                continue;
            }
            for (var left = Begin(kind, Kind.Struct); left > 0; left--) chunks.Add(Chunk());
        }
        return chunks;
    }

    ParquetChunk Chunk()
    {
        ParquetChunk? chunk = null;
        for (var field = 0; Next(ref field, out var kind);)
        {
            if (field == 3 && kind == Kind.Struct) chunk = ColumnMetaData();
            else Skip(kind, 0);
        }
        return chunk ?? throw new InvalidDataException("a column of a row group: expected its metadata, saw none");
    }

    ParquetChunk ColumnMetaData()
    {
        const int PathInSchema = 3, CompressedSize = 7, DataPage = 9, DictionaryPage = 11, Statistics = 12;
        var column = "";
        long size = -1, data = -1, dictionary = 0;
        (long? Least, long? Greatest) range = default;
        for (var field = 0; Next(ref field, out var kind);)
        {
            switch (field, kind)
            {
                case (PathInSchema, Kind.List):
                    for (var left = Begin(kind, Kind.Binary); left > 0; left--)
                    {
                        var name = Encoding.UTF8.GetString(Binary());
                        if (column.Length == 0) column = name;
                    }
                    break;
                case (CompressedSize, Kind.Int64):
                    size = Integer();
                    break;
                case (DataPage, Kind.Int64):
                    data = Integer();
                    break;
                case (DictionaryPage, Kind.Int64):
                    dictionary = Integer();
                    break;
                case (Statistics, Kind.Struct):
                    range = Range();
                    break;
                default:
                    Skip(kind, 0);
                    break;
            }
        }
        if (column.Length == 0 || size < 0 || data < 0) throw new InvalidDataException($"column '{column}' of a row group: expected its size and place, saw {size} and {data}");
        return new ParquetChunk(column, dictionary > 0 ? Math.Min(dictionary, data) : data, size, range.Least, range.Greatest);
    }

    (long? Least, long? Greatest) Range()
    {
        const int MaxValue = 5, MinValue = 6;
        (long? Least, long? Greatest) range = default;
        for (var field = 0; Next(ref field, out var kind);)
        {
            if (kind != Kind.Binary)
            {
                Skip(kind, 0);
                continue;
            }
            var value = Binary();
            long? number = value.Length == sizeof(long) ? BinaryPrimitives.ReadInt64LittleEndian(value) : null;
            if (field == MaxValue) range.Greatest = number;
            if (field == MinValue) range.Least = number;
        }
        return range;
    }

    /// <summary>Moves to the next field of a struct.</summary>
    /// <returns>False at the struct's end.</returns>
    bool Next(ref int field, out Kind kind)
    {
        var header = Byte();
        kind = (Kind)(header & 15);
        if (kind == Kind.Stop) return false;
        var step = header >> 4;
        field = step > 0 ? field + step : (int)Integer();
        return true;
    }

    /// <returns>How many elements a list has.</returns>
    long Begin(Kind kind, Kind expected)
    {
        if (kind is not (Kind.List or Kind.Set)) throw new InvalidDataException($"a footer at byte {at}: expected a list, saw a field of kind {(int)kind}");
        var header = Byte();
        var count = header >> 4 == 15 ? Varint() : (ulong)(header >> 4);
        if (count > 0 && (Kind)(header & 15) != expected) throw new InvalidDataException($"a footer at byte {at}: expected a list of kind {(int)expected}, saw {header & 15}");
        return count <= (ulong)bytes.Length ? (long)count : throw new InvalidDataException($"a footer at byte {at}: expected at most {bytes.Length} elements, saw {count}");
    }

    void Skip(Kind kind, int depth)
    {
        if (depth > MostDepth) throw new InvalidDataException($"a footer at byte {at}: expected at most {MostDepth} structs in each other");
        switch (kind)
        {
            case Kind.True or Kind.False:
                break;
            case Kind.Byte:
                Take(1);
                break;
            case Kind.Int16 or Kind.Int32 or Kind.Int64:
                Varint();
                break;
            case Kind.Double:
                Take(sizeof(double));
                break;
            case Kind.Binary:
                Binary();
                break;
            case Kind.Uuid:
                Take(16);
                break;
            case Kind.List or Kind.Set:
                var element = (Kind)(bytes.Length > at ? bytes[at] & 15 : 0);
                for (var left = Begin(kind, element); left > 0; left--) SkipElement(element, depth + 1);
                break;
            case Kind.Map:
                var pairs = Varint();
                var kinds = pairs == 0 ? 0 : Byte();
                for (; pairs > 0; pairs--)
                {
                    SkipElement((Kind)(kinds >> 4), depth + 1);
                    SkipElement((Kind)(kinds & 15), depth + 1);
                }
                break;
            case Kind.Struct:
                for (var field = 0; Next(ref field, out var inner);) Skip(inner, depth + 1);
                break;
            default:
                throw new InvalidDataException($"a footer at byte {at}: expected a kind of value up to {(int)Kind.Uuid}, saw {(int)kind}");
        }
    }

    /// <summary>A truth in a list takes a byte; as a field it is its kind.</summary>
    void SkipElement(Kind kind, int depth)
    {
        if (kind is Kind.True or Kind.False) Take(1);
        else Skip(kind, depth);
    }

    long Integer()
    {
        var value = Varint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    ulong Varint()
    {
        var value = 0ul;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Byte();
            value |= (ulong)(next & 127) << shift;
            if (next < 128) return value;
        }
        throw new InvalidDataException($"a footer at byte {at}: expected a number of at most ten bytes");
    }

    ReadOnlySpan<byte> Binary()
    {
        var length = Varint();
        return length <= int.MaxValue ? Take((int)length) : throw new InvalidDataException($"a footer at byte {at}: expected bytes, saw {length} of them");
    }

    int Byte() => Take(1)[0];

    ReadOnlySpan<byte> Take(int count)
    {
        if (count > bytes.Length - at) throw new InvalidDataException($"a footer at byte {at}: expected {count} bytes more, saw {bytes.Length - at}");
        var taken = bytes.Slice(at, count);
        at += count;
        return taken;
    }
}

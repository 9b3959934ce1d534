using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Types;
using Legion.Lakehouse;
using Microsoft.Data.Analysis;

namespace Legion.Notebook;

/// <summary>Gathers one column of all batches.</summary>
abstract class ColumnReader
{
    public abstract void Append(IArrowArray array);

    public abstract DataFrameColumn ToColumn();

    public static ColumnReader Of(string name, IArrowType type) => type.TypeId switch
    {
        ArrowTypeId.Boolean => new Flags(name),
        ArrowTypeId.Int8 => new Numbers<sbyte>(name, (values, present, count, nulls) => new SByteDataFrameColumn(name, values, present, count, nulls)),
        ArrowTypeId.UInt8 => new Numbers<byte>(name, (values, present, count, nulls) => new ByteDataFrameColumn(name, values, present, count, nulls)),
        ArrowTypeId.Int16 => new Numbers<short>(name, (values, present, count, nulls) => new Int16DataFrameColumn(name, values, present, count, nulls)),
        ArrowTypeId.UInt16 => new Numbers<ushort>(name, (values, present, count, nulls) => new UInt16DataFrameColumn(name, values, present, count, nulls)),
        ArrowTypeId.Int32 => new Numbers<int>(name, (values, present, count, nulls) => new Int32DataFrameColumn(name, values, present, count, nulls)),
        ArrowTypeId.UInt32 => new Numbers<uint>(name, (values, present, count, nulls) => new UInt32DataFrameColumn(name, values, present, count, nulls)),
        ArrowTypeId.Int64 => new Numbers<long>(name, (values, present, count, nulls) => new Int64DataFrameColumn(name, values, present, count, nulls)),
        ArrowTypeId.UInt64 => new Numbers<ulong>(name, (values, present, count, nulls) => new UInt64DataFrameColumn(name, values, present, count, nulls)),
        ArrowTypeId.Float => new Numbers<float>(name, (values, present, count, nulls) => new SingleDataFrameColumn(name, values, present, count, nulls)),
        ArrowTypeId.Double => new Numbers<double>(name, (values, present, count, nulls) => new DoubleDataFrameColumn(name, values, present, count, nulls)),
        ArrowTypeId.Decimal128 => new WideNumbers(name, ((Decimal128Type)type).Scale),
        ArrowTypeId.Timestamp or ArrowTypeId.Date32 or ArrowTypeId.Date64 => new Times(name),
        _ => new Texts(name),
    };

    sealed class Flags(string name) : ColumnReader
    {
        readonly BooleanDataFrameColumn _column = new(name);

        public override void Append(IArrowArray array)
        {
            var flags = (BooleanArray)array;
            for (var i = 0; i < flags.Length; i++)
                _column.Append(flags.GetValue(i));
        }

        public override DataFrameColumn ToColumn() => _column;
    }

    /// <summary>Copies values as they lie: a DataFrame's columns are laid out as Arrow's.</summary>
    sealed class Numbers<T>(string name, Func<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>, int, int, DataFrameColumn> create) : ColumnReader where T : unmanaged, IEquatable<T>
    {
        readonly GrowingMemory _values = new();
        readonly PresenceBits _present = new();

        public override void Append(IArrowArray array)
        {
            var numbers = (PrimitiveArray<T>)array;
            if (!_values.TryAppend(MemoryMarshal.AsBytes(numbers.Values)))
                throw new QueryException($"column {name} has more than {GrowingMemory.MostBytes / Unsafe.SizeOf<T>()} rows, the most that a DataFrame's column holds: narrow the query, or sum it up in SQL");
            _present.Append(numbers.NullBitmapBuffer.Span, numbers.Offset, numbers.Length, numbers.NullCount);
        }

        public override DataFrameColumn ToColumn() => create(_values.ToArray(), _present.Bits, _present.Count, _present.Nulls);
    }

    /// <summary>Up to 38 digits: which type holds them is known when all have been seen.</summary>
    sealed class WideNumbers(string name, int scale) : ColumnReader
    {
        // What decimal has: 96 bits and 28 digits behind the point.
        const int DecimalScale = 28;
        static readonly Int128 DecimalMost = (Int128.One << 96) - 1;

        readonly List<Int128?> _unscaled = [];

        public override void Append(IArrowArray array)
        {
            for (var i = 0; i < array.Length; i++)
                _unscaled.Add(ArrowValues.Unscaled((Decimal128Array)array, i));
        }

        public override DataFrameColumn ToColumn()
        {
            if (scale == 0 && _unscaled.TrueForAll(number => number is null || number >= long.MinValue && number <= long.MaxValue))
                return new Int64DataFrameColumn(name, _unscaled.Select(number => (long?)number));
            if (scale <= DecimalScale && _unscaled.TrueForAll(number => number is null || Int128.Abs(number.Value) <= DecimalMost))
                return new DecimalDataFrameColumn(name, _unscaled.Select(number => number is { } value ? ArrowValues.Scaled(value, scale) : (decimal?)null));
            var divisor = Math.Pow(10, scale);
            return new DoubleDataFrameColumn(name, _unscaled.Select(number => (double?)number / divisor));
        }
    }

    sealed class Times(string name) : ColumnReader
    {
        readonly DateTimeDataFrameColumn _column = new(name);

        public override void Append(IArrowArray array)
        {
            for (var i = 0; i < array.Length; i++)
                _column.Append((DateTime?)ArrowValues.Read(array, i));
        }

        public override DataFrameColumn ToColumn() => _column;
    }

    sealed class Texts(string name) : ColumnReader
    {
        readonly StringDataFrameColumn _column = new(name, 0);

        public override void Append(IArrowArray array)
        {
            for (var i = 0; i < array.Length; i++)
                _column.Append(ArrowValues.Text(array, i));
        }

        public override DataFrameColumn ToColumn() => _column;
    }
}

using Apache.Arrow;
using Apache.Arrow.Types;
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
        ArrowTypeId.Int8 => new Numbers<sbyte>(new SByteDataFrameColumn(name)),
        ArrowTypeId.UInt8 => new Numbers<byte>(new ByteDataFrameColumn(name)),
        ArrowTypeId.Int16 => new Numbers<short>(new Int16DataFrameColumn(name)),
        ArrowTypeId.UInt16 => new Numbers<ushort>(new UInt16DataFrameColumn(name)),
        ArrowTypeId.Int32 => new Numbers<int>(new Int32DataFrameColumn(name)),
        ArrowTypeId.UInt32 => new Numbers<uint>(new UInt32DataFrameColumn(name)),
        ArrowTypeId.Int64 => new Numbers<long>(new Int64DataFrameColumn(name)),
        ArrowTypeId.UInt64 => new Numbers<ulong>(new UInt64DataFrameColumn(name)),
        ArrowTypeId.Float => new Numbers<float>(new SingleDataFrameColumn(name)),
        ArrowTypeId.Double => new Numbers<double>(new DoubleDataFrameColumn(name)),
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

    sealed class Numbers<T>(PrimitiveDataFrameColumn<T> column) : ColumnReader where T : unmanaged, IEquatable<T>
    {
        public override void Append(IArrowArray array)
        {
            var numbers = (PrimitiveArray<T>)array;
            for (var i = 0; i < numbers.Length; i++)
                column.Append(numbers.GetValue(i));
        }

        public override DataFrameColumn ToColumn() => column;
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

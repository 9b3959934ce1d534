using Apache.Arrow;
using Apache.Arrow.Types;
using Microsoft.Data.Analysis;

namespace Legion.Notebook;

/// <summary>A DataFrame as an Arrow batch, as which SQL reads it.</summary>
static class FrameBatch
{
    /// <summary>Booleans, numbers, times (UTC) and texts keep their type; anything else is text.</summary>
    /// <exception cref="ArgumentException">The frame has no columns, or two of one name.</exception>
    public static RecordBatch Of(DataFrame frame)
    {
        if (frame.Columns.Count == 0)
            throw new ArgumentException("cannot read a DataFrame without columns in SQL");
        if (frame.Columns.GroupBy(column => column.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new ArgumentException($"cannot read this DataFrame in SQL: it has {twice.Count()} columns '{twice.Key}', whatever the case");
        var arrays = frame.Columns.Select(Of).ToList();
        var fields = frame.Columns.Zip(arrays, (column, array) => new Field(column.Name, array.Data.DataType, nullable: true));
        return new RecordBatch(new Schema(fields, null), arrays, checked((int)frame.Rows.Count));
    }

    static IArrowArray Of(DataFrameColumn column) => column switch
    {
        PrimitiveDataFrameColumn<bool> flags => Built(flags, new BooleanArray.Builder(), static (builder, value) => builder.Append(value), static builder => builder.AppendNull(), static builder => builder.Build()),
        PrimitiveDataFrameColumn<sbyte> numbers => Numbers(numbers, new Int8Array.Builder()),
        PrimitiveDataFrameColumn<byte> numbers => Numbers(numbers, new UInt8Array.Builder()),
        PrimitiveDataFrameColumn<short> numbers => Numbers(numbers, new Int16Array.Builder()),
        PrimitiveDataFrameColumn<ushort> numbers => Numbers(numbers, new UInt16Array.Builder()),
        PrimitiveDataFrameColumn<int> numbers => Numbers(numbers, new Int32Array.Builder()),
        PrimitiveDataFrameColumn<uint> numbers => Numbers(numbers, new UInt32Array.Builder()),
        PrimitiveDataFrameColumn<long> numbers => Numbers(numbers, new Int64Array.Builder()),
        PrimitiveDataFrameColumn<ulong> numbers => Numbers(numbers, new UInt64Array.Builder()),
        PrimitiveDataFrameColumn<float> numbers => Numbers(numbers, new FloatArray.Builder()),
        PrimitiveDataFrameColumn<double> numbers => Numbers(numbers, new DoubleArray.Builder()),
        PrimitiveDataFrameColumn<decimal> numbers => Built(numbers, new Decimal128Array.Builder(DecimalType(numbers)), static (builder, value) => builder.Append(value), static builder => builder.AppendNull(), static builder => builder.Build()),
        PrimitiveDataFrameColumn<DateTime> times => Built(times, new TimestampArray.Builder(new TimestampType(TimeUnit.Nanosecond, (string?)null)),
            static (builder, value) => builder.Append(new DateTimeOffset(UtcTime.Ns(value) / 100 + DateTime.UnixEpoch.Ticks, TimeSpan.Zero)), static builder => builder.AppendNull(), static builder => builder.Build()),
        _ => Texts(column),
    };

    static IArrowArray Numbers<T, TArray, TBuilder>(PrimitiveDataFrameColumn<T> column, PrimitiveArrayBuilder<T, TArray, TBuilder> builder)
        where T : unmanaged where TArray : IArrowArray where TBuilder : class, IArrowArrayBuilder<TArray>
    {
        builder.Reserve(checked((int)column.Length));
        for (var row = 0L; row < column.Length; row++)
            if (column[row] is { } value)
                builder.Append(value);
            else
                builder.AppendNull();
        return builder.Build(default);
    }

    static IArrowArray Built<T, TBuilder>(PrimitiveDataFrameColumn<T> column, TBuilder builder, Action<TBuilder, T> append, Action<TBuilder> appendNull, Func<TBuilder, IArrowArray> build) where T : unmanaged
    {
        for (var row = 0L; row < column.Length; row++)
            if (column[row] is { } value)
                append(builder, value);
            else
                appendNull(builder);
        return build(builder);
    }

    /// <summary>As many digits behind the point as the longest has; 38 in all, as decimals of SQL have.</summary>
    static Decimal128Type DecimalType(PrimitiveDataFrameColumn<decimal> column)
    {
        var scale = 0;
        for (var row = 0L; row < column.Length; row++)
            if (column[row] is { } value)
                scale = Math.Max(scale, value.Scale);
        return new Decimal128Type(38, scale);
    }

    static StringArray Texts(DataFrameColumn column)
    {
        var builder = new StringArray.Builder();
        for (var row = 0L; row < column.Length; row++)
            if (column[row] is { } value)
                builder.Append(Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture));
            else
                builder.AppendNull();
        return builder.Build();
    }
}

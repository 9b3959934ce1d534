using System.IO.Compression;
using Parquet;
using Parquet.Schema;

namespace Legion.Lakehouse;

/// <summary>Writes rows as a Parquet file. The only place that knows the Parquet library.</summary>
static class ParquetFile
{
    /// <summary>As DuckDB's own: one vector of work for a scanning thread, and the unit it skips by.</summary>
    const int RowGroupRows = 122_880;

    /// <summary>Writes all rows in order of time to a new file.</summary>
    /// <returns>Bytes of the file.</returns>
    public static async Task<long> WriteAsync(string path, RowBuffer rows, CancellationToken cancellation)
    {
        var fields = rows.Columns.Select(buffer => FieldOf(buffer.Column)).ToArray();
        var options = new ParquetOptions
        {
            CompressionMethod = CompressionMethod.Zstd,
            // The library's default level is some fifty times slower for files a seventh smaller.
            CompressionLevel = CompressionLevel.Fastest,
        };
        foreach (var buffer in rows.Columns) options.ColumnEncodingHints[buffer.Column.Name] = HintOf(buffer.Column);
        var order = rows.SortedByTime();
        await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16);
        await using (var writer = await ParquetWriter.CreateAsync(new ParquetSchema(fields), file, options, cancellationToken: cancellation))
        {
            for (var start = 0; start < order.Length; start += RowGroupRows)
            {
                using var group = writer.CreateRowGroup();
                var part = order.AsMemory(start, Math.Min(RowGroupRows, order.Length - start));
                for (var i = 0; i < fields.Length; i++) await WriteColumnAsync(group, fields[i], rows.Columns[i], part);
            }
        }
        await file.FlushAsync(cancellation);
        return file.Length;
    }

    static DataField FieldOf(Column column) => column.Type switch
    {
        ColumnType.Text => new DataField<string>(column.Name),
        ColumnType.Int32 => new DataField<int?>(column.Name),
        ColumnType.Int64 => new DataField<long?>(column.Name),
        ColumnType.UInt64 => new DataField<ulong?>(column.Name),
        ColumnType.Float64 => new DataField<double?>(column.Name),
        ColumnType.Boolean => new DataField<bool?>(column.Name),
        _ => new DataField<byte[]>(column.Name),
    };

    static EncodingHint HintOf(Column column) => column.Type switch
    {
        ColumnType.Text => EncodingHint.Dictionary,
        ColumnType.Int32 or ColumnType.Int64 => EncodingHint.DeltaBinaryPacked,
        _ => EncodingHint.Default,
    };

    static Task WriteColumnAsync(ParquetRowGroupWriter group, DataField field, ColumnBuffer buffer, ReadOnlyMemory<int> order) => buffer switch
    {
        ColumnBuffer<string> column => group.WriteAsync(field, Gather(column, order)!),
        ColumnBuffer<byte[]> column => group.WriteAsync(field, Gather(column, order)!),
        ColumnBuffer<int> column => group.WriteAsync<int>(field, GatherNullable(column, order)),
        ColumnBuffer<long> column => group.WriteAsync<long>(field, GatherNullable(column, order)),
        ColumnBuffer<ulong> column => group.WriteAsync<ulong>(field, GatherNullable(column, order)),
        ColumnBuffer<double> column => group.WriteAsync<double>(field, GatherNullable(column, order)),
        ColumnBuffer<bool> column => group.WriteAsync<bool>(field, GatherNullable(column, order)),
        _ => throw new ArgumentException($"cannot write column {buffer.Column.Name}", nameof(buffer)),
    };

    static T?[] Gather<T>(ColumnBuffer<T> column, ReadOnlyMemory<int> order) where T : class
    {
        var values = new T?[order.Length];
        var rows = order.Span;
        for (var i = 0; i < values.Length; i++) values[i] = column.IsNull(rows[i]) ? null : column[rows[i]];
        return values;
    }

    static ReadOnlyMemory<T?> GatherNullable<T>(ColumnBuffer<T> column, ReadOnlyMemory<int> order) where T : struct
    {
        var values = new T?[order.Length];
        var rows = order.Span;
        for (var i = 0; i < values.Length; i++) values[i] = column.IsNull(rows[i]) ? null : column[rows[i]];
        return values;
    }
}

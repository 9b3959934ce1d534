using System.Runtime.CompilerServices;
using Apache.Arrow;
using ParquetSharp;
using ParquetSharp.Arrow;
using FileReader = ParquetSharp.Arrow.FileReader;

namespace Legion.Lakehouse;

/// <summary>Reads columns of partitions directly, where all their rows are wanted as they are and SQL would only be in the way.</summary>
static class ParquetRows
{
    /// <summary>Gives batches of some columns; texts come as dictionaries. The caller disposes each.</summary>
    /// <param name="beginColumn">Where only a time is wanted, the column of begins, and that of durations: row groups that begin after it, or are sure to have ended before, are passed over.</param>
    /// <param name="time">Nanoseconds UTC, the end exclusive.</param>
    public static IAsyncEnumerable<RecordBatch> ReadAsync(string file, string[] columns, string? beginColumn, string? durationColumn, (long BeginNs, long EndNs) time, CancellationToken cancellation) =>
        ReadAsync(file, columns, beginColumn is null || durationColumn is null ? [] : [beginColumn, durationColumn], bounds =>
        {
            if (bounds is not [{ } begins, var durations]) return true;
            if (begins.Least >= time.EndNs) return false;
            // Durations leave out what is open.
            return durations is not { HasNulls: false } known || known.Most > time.BeginNs - begins.Most;
        }, cancellation);

    /// <summary>As above, of the row groups that may have rows whose column is one of some values, see <see cref="View.SplitBy"/>.</summary>
    /// <param name="end">Exclusive.</param>
    public static IAsyncEnumerable<RecordBatch> ReadAsync(string file, string[] columns, string splitBy, int first, int end, CancellationToken cancellation) =>
        ReadAsync(file, columns, [splitBy], bounds => bounds[0] is not { } values || values.Least < end && values.Most >= first, cancellation);

    /// <summary>Least and greatest of some integer columns in each row group, without reading any row.</summary>
    /// <exception cref="InvalidDataException">The file does not say them.</exception>
    public static IReadOnlyList<(long Least, long Most)[]> ReadBounds(string file, params string[] columns)
    {
        using var parquet = new ParquetFileReader(file);
        var indexes = IndexesOf(parquet.FileMetaData.Schema, columns);
        return [.. BoundsOf(parquet, indexes).Select((group, number) => group.Select((bounds, column) => bounds is { } known ? (known.Least, known.Most)
            : throw new InvalidDataException($"{file}: expected least and greatest of column {columns[column]} in row group {number}, saw none")).ToArray())];
    }

    /// <param name="bounded">Columns whose bounds say which row groups are wanted.</param>
    static async IAsyncEnumerable<RecordBatch> ReadAsync(string file, string[] columns, string[] bounded, Func<ColumnBounds?[], bool> isWanted, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var properties = ArrowReaderProperties.GetDefault();
        int[] indexes, groups;
        using (var parquet = new ParquetFileReader(file))
        {
            var schema = parquet.FileMetaData.Schema;
            indexes = IndexesOf(schema, columns);
            foreach (var index in indexes) properties.SetReadDictionary(index, schema.Column(index).PhysicalType == PhysicalType.ByteArray);
            groups = [.. BoundsOf(parquet, IndexesOf(schema, bounded)).Index().Where(group => isWanted(group.Item)).Select(group => group.Index)];
        }
        if (groups.Length == 0) yield break;
        using var reader = new FileReader(file, arrowProperties: properties);
        using var batches = reader.GetRecordBatchReader(groups, indexes);
        while (await batches.ReadNextRecordBatchAsync(cancellation) is { } batch)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return batch;
        }
    }

    readonly record struct ColumnBounds(long Least, long Most, bool HasNulls);

    /// <summary>Of each row group the bounds of some columns; null where the file does not say them.</summary>
    static IEnumerable<ColumnBounds?[]> BoundsOf(ParquetFileReader parquet, int[] columns)
    {
        for (var number = 0; number < parquet.FileMetaData.NumRowGroups; number++)
        {
            using var group = parquet.RowGroup(number);
            yield return [.. columns.Select(column =>
            {
                using var chunk = group.MetaData.GetColumnChunkMetaData(column);
                using var statistics = chunk.Statistics;
                return statistics switch
                {
                    Statistics<long> { HasMinMax: true } wide => new ColumnBounds(wide.Min, wide.Max, wide.NullCount > 0),
                    Statistics<int> { HasMinMax: true } narrow => new ColumnBounds(narrow.Min, narrow.Max, narrow.NullCount > 0),
                    _ => (ColumnBounds?)null,
                };
            })];
        }
    }

    /// <summary>The leaves of columns; a list has its own below its name.</summary>
    static int[] IndexesOf(SchemaDescriptor schema, string[] columns)
    {
        var leaves = new string[schema.NumColumns];
        for (var index = 0; index < leaves.Length; index++)
        {
            using var path = schema.Column(index).Path;
            leaves[index] = path.ToDotString();
        }
        return [.. columns.Select(name => System.Array.FindIndex(leaves, leaf => leaf == name || leaf.StartsWith(name + ".", StringComparison.Ordinal)) is >= 0 and var index ? index
            : throw new InvalidDataException($"expected a column {name}, saw none"))];
    }
}

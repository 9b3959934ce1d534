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
        ReadAsync(file, columns, (schema, group) =>
        {
            if (beginColumn is null || durationColumn is null) return true;
            if (Bounds<long>(group, IndexOf(schema, beginColumn)) is not { } begins) return true;
            if (begins.Least >= time.EndNs) return false;
            // Durations leave out what is open.
            return Bounds<long>(group, IndexOf(schema, durationColumn)) is not { HasNulls: false } durations || durations.Most > time.BeginNs - begins.Most;
        }, cancellation);

    /// <summary>As above, of the row groups that may have rows whose column is one of some values, see <see cref="View.SplitBy"/>.</summary>
    /// <param name="end">Exclusive.</param>
    public static IAsyncEnumerable<RecordBatch> ReadAsync(string file, string[] columns, string splitBy, int first, int end, CancellationToken cancellation) =>
        ReadAsync(file, columns, (schema, group) => Bounds<int>(group, IndexOf(schema, splitBy)) is not { } values || values.Least < end && values.Most >= first, cancellation);

    static async IAsyncEnumerable<RecordBatch> ReadAsync(string file, string[] columns, Func<SchemaDescriptor, RowGroupReader, bool> isWanted, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var properties = ArrowReaderProperties.GetDefault();
        int[] indexes, groups;
        using (var parquet = new ParquetFileReader(file))
        {
            var schema = parquet.FileMetaData.Schema;
            indexes = [.. columns.Select(name => IndexOf(schema, name))];
            foreach (var index in indexes) properties.SetReadDictionary(index, schema.Column(index).PhysicalType == PhysicalType.ByteArray);
            groups = [.. Enumerable.Range(0, parquet.FileMetaData.NumRowGroups).Where(number =>
            {
                using var group = parquet.RowGroup(number);
                return isWanted(schema, group);
            })];
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

    static (T Least, T Most, bool HasNulls)? Bounds<T>(RowGroupReader group, int column) where T : unmanaged
    {
        using var chunk = group.MetaData.GetColumnChunkMetaData(column);
        using var statistics = chunk.Statistics;
        return statistics is Statistics<T> { HasMinMax: true } known ? (known.Min, known.Max, known.NullCount > 0) : null;
    }

    /// <summary>The leaf of a column; a list has its own below its name.</summary>
    static int IndexOf(SchemaDescriptor schema, string name)
    {
        for (var index = 0; index < schema.NumColumns; index++)
        {
            var path = schema.Column(index).Path.ToDotString();
            if (path == name || path.StartsWith(name + ".", StringComparison.Ordinal)) return index;
        }
        throw new InvalidDataException($"expected a column {name}, saw none");
    }
}

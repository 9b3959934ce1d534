using System.Globalization;
using DuckDB.NET.Data;

namespace Legion.Lakehouse.Sql;

/// <summary>A file with the rows of several partitions of a view, in order of time, and the number of the slot that each comes from.</summary>
static class CompactedFile
{
    /// <summary>No view stores a column of this name, nor does a field of an event, which is stored with its type's name behind its own.</summary>
    public const string SlotColumn = "partition_slot";

    /// <summary>Small files, one after the other: more memory would bring nothing.</summary>
    const long MemoryBytes = 512L << 20;

    /// <param name="members">Slots and the local files of their partitions.</param>
    /// <param name="rows">How many there are in them.</param>
    /// <exception cref="InvalidDataException">They have another number of rows, or cannot be read.</exception>
    public static void Write(View view, IReadOnlyList<(int Slot, string File)> members, long rows, string file, CancellationToken cancellation)
    {
        var sources = string.Join(" UNION ALL BY NAME ", members.Select(member =>
            string.Create(CultureInfo.InvariantCulture, $"SELECT *, {member.Slot}::INTEGER AS {SlotColumn} FROM read_parquet({DuckDb.Quote(member.File)}, hive_partitioning = false)")));
        using var connection = DuckDb.Open(new QueryOptions { Threads = 1, MemoryLimitBytes = MemoryBytes });
        using var command = connection.CreateCommand();
        command.CommandText = string.Create(CultureInfo.InvariantCulture,
            $"COPY (SELECT * FROM ({sources}) ORDER BY {view.TimeColumn}) TO {DuckDb.Quote(file)} (FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION v2, ROW_GROUP_SIZE {ParquetFile.RowGroupRows})");
        using var interruption = new QueryInterruption(command, cancellation);
        try
        {
            var written = command.ExecuteNonQuery();
            if (written != rows) throw new InvalidDataException($"cannot put {members.Count} partitions of {view.Name} into one file: expected {rows} rows, saw {written}");
        }
        catch (DuckDBException cause)
        {
            cancellation.ThrowIfCancellationRequested();
            throw new InvalidDataException($"cannot put {members.Count} partitions of {view.Name} into one file: {cause.Message}", cause);
        }
    }
}

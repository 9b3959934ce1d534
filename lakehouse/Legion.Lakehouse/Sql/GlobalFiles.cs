using System.Globalization;
using DuckDB.NET.Data;
using Legion.Store;

namespace Legion.Lakehouse.Sql;

/// <summary>Rows and times of a file that was written.</summary>
readonly record struct WrittenRows(long Rows, long FromNs, long ToNs);

/// <summary>Writes files of many processes from others, sorted and summed up by the engine, which puts aside on disk what is beyond its memory.</summary>
sealed class GlobalFiles : IDisposable
{
    /// <summary>Queries run beside it.</summary>
    const long MemoryBytes = 512L << 20;

    /// <summary>Rows that are summed up at once: at worst each is a sum of its own at each step, of some hundred bytes.</summary>
    const long RowsAtOnce = 250_000;

    /// <summary>Bins of a row that is a sum: mostly fewer, as it sums up one second.</summary>
    const long MostBins = 8;

    /// <summary>Sorting a gigabyte of compressed rows puts aside some times as much.</summary>
    const long MostTemporaryBytes = 64L << 30;

    readonly Lazy<DuckDBConnection> engine = new(() => DuckDb.Open(new QueryOptions { MemoryLimitBytes = MemoryBytes, TemporaryLimitBytes = MostTemporaryBytes, Threads = 1 }));

    /// <summary>Merges files of rows.</summary>
    /// <param name="files">Those that are there.</param>
    /// <param name="without">Processes whose rows in them are left out.</param>
    /// <param name="added">Files of rows that are new.</param>
    public WrittenRows Merge(GlobalView view, IReadOnlyList<string> files, IReadOnlyCollection<Guid> without, IReadOnlyList<string> added, string file)
    {
        var (begin, end) = (view.Time, view.Rows.Lasts ? "end_ns" : view.Time);
        return Write($"SELECT * FROM ({ViewBinding.Source(view.Rows.Stored, files, WithoutCondition(without))}) UNION ALL BY NAME SELECT * FROM ({ViewBinding.Source(view.Rows.Stored, added, "")})", view.Order, file, begin, end);
    }

    /// <summary>Sums up the rows of a file, some keys at a time: what groups rows cannot be put aside.</summary>
    /// <param name="count">Of its rows.</param>
    /// <param name="steps">See <see cref="Rollup.Steps"/>.</param>
    /// <param name="newFile">Gives the path of a file that is not there yet.</param>
    public WrittenRows SumUp(GlobalView view, string rows, long count, IReadOnlyList<RollupStep> steps, string file, Func<string> newFile)
    {
        var parts = 1 + count / (view.IsByPolicy ? RowsAtOnce / MostBins : RowsAtOnce);
        if (parts == 1) return Write(Rollup.Select(view, ViewBinding.Source(view.Rows.Stored, [rows], ""), steps), view.RollupOrder, file, "time_ns", "time_ns");
        var summed = new List<string>();
        try
        {
            for (var part = 0L; part < parts; part++)
            {
                summed.Add(newFile());
                Write(Rollup.Select(view, ViewBinding.Source(view.Rows.Stored, [rows], $" WHERE hash({string.Join(", ", view.Keys)}) % {parts} = {part}"), steps), view.RollupOrder, summed[^1], "time_ns", "time_ns");
            }
            return Write(ViewBinding.Source(view.Rollups.Stored, summed, ""), view.RollupOrder, file, "time_ns", "time_ns");
        }
        finally
        {
            foreach (var one in summed) File.Delete(one);
        }
    }

    /// <summary>Whether a file has rows of one of the processes.</summary>
    public bool HasAny(string file, IReadOnlyCollection<Guid> processes) => Run(file, () =>
    {
        using var command = engine.Value.CreateCommand();
        command.CommandText = $"SELECT count(*) FROM (SELECT 1 FROM read_parquet({DuckDb.Quote(file)}, hive_partitioning = false) WHERE process_id IN ({Ids(processes)}) LIMIT 1)";
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture) > 0;
    });

    /// <summary>A WHERE that leaves out rows of some processes; empty where there are none.</summary>
    public static string WithoutCondition(IReadOnlyCollection<Guid> processes) => processes.Count == 0 ? "" : $" WHERE process_id NOT IN ({Ids(processes)})";

    public static string Ids(IReadOnlyCollection<Guid> processes) => string.Join(", ", processes.Select(id => $"'{id}'"));

    public void Dispose()
    {
        if (engine.IsValueCreated) engine.Value.Dispose();
    }

    WrittenRows Write(string select, string order, string file, string begin, string end) => Run(file, () =>
    {
        DuckDb.Execute(engine.Value, $"COPY (SELECT * FROM ({select}) ORDER BY {order}) TO {DuckDb.Quote(file)} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE {ParquetFile.RowGroupRows})");
        using var command = engine.Value.CreateCommand();
        command.CommandText = $"SELECT count(*), coalesce(min({begin}), 0), coalesce(max({end}), 0) FROM read_parquet({DuckDb.Quote(file)}, hive_partitioning = false)";
        using var reader = command.ExecuteReader();
        reader.Read();
        return new WrittenRows(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
    });

    /// <exception cref="StoreUnavailableException">A file cannot be read or written.</exception>
    static T Run<T>(string file, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (DuckDBException cause)
        {
            throw new StoreUnavailableException($"cannot read or write '{file}': {cause.Message}", cause);
        }
    }
}

using System.Diagnostics;
using System.Runtime.CompilerServices;
using Apache.Arrow;
using DuckDB.NET.Data;

namespace Legion.Lakehouse.Sql;

/// <summary>A column of a result.</summary>
/// <param name="SqlType">As SQL writes it, without what stands in parentheses or behind it: DECIMAL, LIST.</param>
public sealed record ResultColumn(string Name, string SqlType);

/// <summary>What an answer cost and rests on; notebooks and the command line show it in one line.</summary>
public sealed record Receipt
{
    /// <summary>Rows read from the result so far.</summary>
    public long Rows { get; internal set; }

    /// <summary>Size of the partitions bound to the query.</summary>
    public long PartitionBytes { get; init; }

    public BuildTotals Build { get; init; }
    public TimeSpan Plan { get; init; }
    public TimeSpan Building { get; init; }
    public TimeSpan Scan { get; internal set; }

    /// <summary>End of the newest block behind the answer, nanoseconds UTC; null where it rests on the catalog alone.</summary>
    public long? NewestNs { get; init; }

    /// <summary>Events that producers dropped, or that never came, in the processes behind the answer.</summary>
    public long LostEvents { get; init; }

    /// <summary>What it read, as text for <see cref="QueryOptions.Snapshot"/>: with it the same query gives the same rows again.</summary>
    public string Snapshot { get; init; } = "";

    /// <summary>What the snapshot that was asked for had and is erased, or expired, since: its rows are missing.</summary>
    public IReadOnlyList<GoneSince> Gone { get; init; } = [];

    /// <summary>Most bytes that the engine took at once, once the result was let go; 0 before, and where it did not come to an end.</summary>
    public long PeakMemory { get; internal set; }

    /// <summary>Why the answer broke off; null where it did not.</summary>
    internal Exception? Failure { get; private set; }

    /// <summary>Notes why the answer breaks off.</summary>
    /// <returns>What to throw: where somebody cancelled it that, whatever the engine says.</returns>
    internal Exception Fail(Exception error, string? sql, CancellationToken cancellation) => Failure =
        cancellation.IsCancellationRequested ? error as OperationCanceledException ?? new OperationCanceledException("the query was cancelled", error, cancellation)
        : error is DuckDBException or EngineException ? SqlParser.Explain(error, sql)
        : error;
}

/// <summary>
/// The answer to a query. It is read once, either as rows or as Arrow batches, and holds an engine until it is disposed.
/// </summary>
public sealed class QueryResult : IDisposable
{
    readonly InProcessEngine engine;
    readonly DuckDBCommand command;
    readonly ParsedSql parsed;
    readonly string exportFile;
    readonly Action release;

    /// <param name="exportFile">The one file that the engine may write.</param>
    internal QueryResult(InProcessEngine engine, BoundQuery bound, string exportFile)
    {
        this.exportFile = exportFile;
        this.engine = engine;
        command = engine.Command(bound.Parsed.Text, bound.Parameters);
        (parsed, release, Receipt) = (bound.Parsed, bound.Release, bound.Receipt);
    }

    public Receipt Receipt { get; }

    /// <summary>Runs the query and gives its rows; the first item is always the columns' names and types.</summary>
    /// <exception cref="QueryException">The engine refuses it.</exception>
    public ResultRows ReadRows(CancellationToken cancellation = default)
    {
        var watch = Stopwatch.StartNew();
        QueryInterruption? interruption = null;
        try
        {
            command.UseStreamingMode = true;
            cancellation.ThrowIfCancellationRequested();
            interruption = new QueryInterruption(command, cancellation);
            return new ResultRows(command.ExecuteReader(), interruption, Receipt, watch, parsed.Written);
        }
        catch (Exception error) when (error is DuckDBException or OperationCanceledException)
        {
            interruption?.Dispose();
            throw Receipt.Fail(error, parsed.Written, cancellation);
        }
    }

    /// <summary>Runs the query and gives Arrow batches, each to be disposed by the caller. A result without rows gives one empty batch.</summary>
    /// <exception cref="QueryException">The engine refuses it.</exception>
    public async IAsyncEnumerable<RecordBatch> ReadBatchesAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var watch = Stopwatch.StartNew();
        command.UseStreamingMode = true;
        using var interruption = new QueryInterruption(command, cancellation);
        using var stream = Guarded(() => command.ExecuteArrowStream(), cancellation);
        var any = false;
        while (true)
        {
            RecordBatch? batch;
            try
            {
                batch = await stream.ReadNextRecordBatchAsync(cancellation);
            }
            catch (Exception error) when (error is DuckDBException or OperationCanceledException)
            {
                throw Receipt.Fail(error, parsed.Written, cancellation);
            }
            if (batch is null) break;
            any = true;
            Receipt.Rows += batch.Length;
            Receipt.Scan = watch.Elapsed;
            yield return batch;
        }
        Receipt.Scan = watch.Elapsed;
        if (!any) yield return EmptyBatch.Of(stream.Schema);
    }

    /// <summary>Runs the query and writes its rows as one Parquet file.</summary>
    /// <exception cref="QueryException">The engine refuses it.</exception>
    public async Task WriteParquetAsync(Stream output, CancellationToken cancellation = default)
    {
        var watch = Stopwatch.StartNew();
        command.CommandText = $"COPY ({parsed.Text.Trim().TrimEnd(';')}\n) TO {DuckDb.Quote(exportFile)} (FORMAT parquet, COMPRESSION zstd)";
        using var interruption = new QueryInterruption(command, cancellation);
        try
        {
            cancellation.ThrowIfCancellationRequested();
            Receipt.Rows = Guarded(command.ExecuteNonQuery, cancellation);
            Receipt.Scan = watch.Elapsed;
            await using var file = File.OpenRead(exportFile);
            await file.CopyToAsync(output, cancellation);
        }
        finally
        {
            File.Delete(exportFile);
        }
    }

    public void Dispose()
    {
        command.Dispose();
        Receipt.PeakMemory = EngineMemory.PeakOf(engine.Connection);
        engine.Dispose();
        release();
    }

    T Guarded<T>(Func<T> run, CancellationToken cancellation)
    {
        try
        {
            return run();
        }
        catch (DuckDBException error)
        {
            throw Receipt.Fail(error, parsed.Written, cancellation);
        }
    }
}

/// <summary>Rows of an answer, one after the other.</summary>
public sealed class ResultRows : IDisposable
{
    readonly DuckDBDataReader reader;
    readonly QueryInterruption interruption;
    readonly Receipt receipt;
    readonly Stopwatch watch;
    readonly string? sql;

    internal ResultRows(DuckDBDataReader reader, QueryInterruption interruption, Receipt receipt, Stopwatch watch, string? sql)
    {
        this.reader = reader;
        this.interruption = interruption;
        this.receipt = receipt;
        this.watch = watch;
        this.sql = sql;
        Columns = Enumerable.Range(0, reader.FieldCount).Select(i => new ResultColumn(reader.GetName(i), SqlTypeName.Of(reader.GetDataTypeName(i)))).ToArray();
    }

    public IReadOnlyList<ResultColumn> Columns { get; }

    /// <summary>Moves to the next row.</summary>
    /// <exception cref="QueryException">The engine fails on the way.</exception>
    public bool Read()
    {
        try
        {
            interruption.Token.ThrowIfCancellationRequested();
            var more = reader.Read();
            if (more) receipt.Rows++;
            else receipt.Scan = watch.Elapsed;
            return more;
        }
        catch (Exception error) when (error is DuckDBException or OperationCanceledException)
        {
            throw receipt.Fail(error, sql, interruption.Token);
        }
    }

    /// <summary>Value of a column of the current row: null, bool, an integer, BigInteger, double, decimal, string, DateTime, Guid, byte[], or a list or dictionary of these.</summary>
    public object? this[int column] => reader.IsDBNull(column) ? null : reader.GetValue(column);

    public string Text(int column) => reader.GetString(column);
    public long Int64(int column) => reader.GetInt64(column);
    public ulong UInt64(int column) => (ulong)reader.GetValue(column);
    public double Float64(int column) => reader.GetDouble(column);
    public bool IsNull(int column) => reader.IsDBNull(column);

    public void Dispose()
    {
        interruption.Dispose();
        reader.Dispose();
    }
}

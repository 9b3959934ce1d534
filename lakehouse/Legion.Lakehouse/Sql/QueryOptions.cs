using Apache.Arrow;

namespace Legion.Lakehouse.Sql;

/// <summary>How to run a query.</summary>
public sealed record QueryOptions
{
    /// <summary>Values of <c>$name</c> parameters: null, bool, integers, floats, strings, DateTime, Guid.</summary>
    public IReadOnlyDictionary<string, object?> Parameters { get; init; } = new Dictionary<string, object?>();

    /// <summary>
    /// Tables of the caller's own beside the views, by the name that <c>FROM</c> reads them by, in whichever case. One is made when a query names it.
    /// A name stands for a saved query before it stands for such a table, and for such a table before it stands for a view.
    /// </summary>
    public IReadOnlyDictionary<string, Func<RecordBatch>> Tables { get; init; } = new Dictionary<string, Func<RecordBatch>>();

    /// <summary>Rows outside are left out of every view that is built from blocks.</summary>
    public QueryRange Range { get; init; }

    /// <summary>The <see cref="Receipt.Snapshot"/> of an earlier answer, to read exactly what it read; null: what is there now.</summary>
    /// <remarks>Views that come from the catalog are not part of it: they show what is there now.</remarks>
    public string? Snapshot { get; init; }

    /// <summary>Most memory that the query's engine takes; beyond it goes to disk what can, up to <see cref="TemporaryLimitBytes"/>, and the rest is an error.</summary>
    /// <remarks>Half of the machine's, or of what its container may have: queries have an engine each, and partitions are built beside them.</remarks>
    public long MemoryLimitBytes { get; init; } = Math.Max(256L << 20, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2);

    /// <summary>Most bytes on disk that the engine puts aside; null: four times its memory, as sorting and joining write what they read a few times over.</summary>
    public long? TemporaryLimitBytes { get; init; }

    /// <summary>Threads of the engine; null: one for each processor.</summary>
    public int? Threads { get; init; }

    /// <summary>Who asks, for the row that the query leaves behind; null: as <see cref="QueryAudit"/> was told.</summary>
    public string? Actor { get; init; }

    /// <summary>Asks for the columns of the result and not for its rows, so that nothing is built or read of views that are built from blocks.</summary>
    public bool ColumnsOnly { get; init; }

    /// <summary>Told while partitions are built.</summary>
    public IProgress<BuildProgress>? Progress { get; init; }
}

using Legion.Store;

namespace Legion.Lakehouse.Sql;

/// <summary>The views that come straight from the catalog, as tables of a query's engine.</summary>
sealed class CatalogTables(LakeStore store, Tenant tenant, IReadOnlyList<ProcessRow> processes, IReadOnlyList<StreamRow> streams)
{
    /// <summary>Of those that are kept, as many as are read in a moment.</summary>
    const int MostQueries = 100_000;

    public IReadOnlyList<ProcessRow> Processes => processes;
    public IReadOnlyList<StreamRow> Streams => streams;

    public static async Task<CatalogTables> ReadAsync(LakeStore store, Tenant tenant, CancellationToken cancellation) => new(store, tenant,
        await store.Catalog.ReadProcessesAsync(tenant, null, cancellation), await store.Catalog.ReadStreamsAsync(tenant, null, cancellation));

    /// <summary>Creates the table of a catalog view and fills it.</summary>
    public async Task CreateAsync(IQueryEngine engine, View view, CancellationToken cancellation)
    {
        // Under another name: the view of the right name adds the twins of its times.
        var table = view.Name + "__rows";
        engine.Execute($"CREATE TABLE {table} ({string.Join(", ", view.Columns.Select(column => $"{DuckDb.Identifier(column.Name)} {column.SqlType}"))})");
        engine.Append(table, view.Name switch
        {
            "processes" => processes.Select(Values),
            "streams" => streams.Select(Values),
            "blocks" => (await store.Catalog.ReadBlocksAsync(tenant, null, cancellation)).Select(Values),
            "partitions" => (await store.Catalog.ReadPartitionsAsync(tenant, null, null, cancellation)).Select(Values),
            "queries" => (await store.Catalog.ReadQueryAuditAsync(tenant, MostQueries, cancellation)).Select(Values),
            "annotations" => (await store.Catalog.ReadAnnotationsAsync(tenant, cancellation)).Select(Values),
            "arrivals" => (await store.Catalog.ReadArrivalsAsync(tenant, cancellation)).Select(Values),
            _ => [],
        });
        engine.Execute($"CREATE VIEW {view.Name} AS SELECT {ViewBinding.Select(view.Columns)} FROM {table}");
    }

    static object?[] Values(ProcessRow row) =>
    [
        row.ProcessId.ToString(), row.ParentProcessId?.ToString(), row.Exe, row.User, row.Computer, row.Os, row.Cpu, row.Runtime, row.StartNs, row.EndNs,
        row.EndReason, row.LastSeenNs, row.Properties, row.Version,
    ];

    static object?[] Values(StreamRow row) =>
    [
        row.StreamId.ToString(), row.ProcessId.ToString(), StoreNames.Class(row.Class), row.Name, (long?)row.ThreadId, row.Tags, row.Properties,
    ];

    static object?[] Values(BlockRow row) =>
    [
        row.BlockId.ToString(), row.StreamId.ToString(), row.ProcessId.ToString(), StoreNames.Class(row.Class), (long)row.Sequence, (long)row.FirstOrdinal,
        (long)row.Events, row.BeginNs, row.EndNs, (long)row.Bytes, (long)row.RawBytes, (int)row.Encoding, row.Schema.ToString(), (long)row.Arrival,
    ];

    static object?[] Values(PartitionRow row) =>
    [
        row.View, row.ProcessId.ToString(), (long)row.Slot, row.Generation, row.Rows, (long)row.Bytes, row.BuiltVersion, row.BuiltAtNs,
        row.Path,
    ];

    static object?[] Values(ArrivalRow row) =>
    [
        row.ArrivalId.ToString(), row.SignalName, row.MediaType, (long)row.Bytes, row.ReceivedNs, (int)row.Attempts, row.Failure,
    ];

    static object?[] Values(QueryAuditRow row) =>
    [
        row.AtNs, row.Actor, row.Sql, row.DurationNs, row.Rows, row.PartitionBytes, (long)row.Built,
        row.Outcome.ToString().ToLowerInvariant(), row.Detail, row.PeakMemory,
    ];

    static object?[] Values(AnnotationRow row) =>
    [
        row.AnnotationId.ToString(), row.ProcessId.ToString(), row.BeginNs, row.EndNs, row.StreamId?.ToString(), row.Name, row.Note,
        row.CreatedNs, row.CreatedBy,
    ];
}

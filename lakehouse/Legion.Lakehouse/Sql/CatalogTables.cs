using DuckDB.NET.Data;
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
    public async Task CreateAsync(DuckDBConnection connection, View view, CancellationToken cancellation)
    {
        // Under another name: the view of the right name adds the twins of its times.
        var table = view.Name + "__rows";
        DuckDb.Execute(connection, $"CREATE TABLE {table} ({string.Join(", ", view.Columns.Select(column => $"{DuckDb.Identifier(column.Name)} {column.SqlType}"))})");
        using (var appender = connection.CreateAppender(table))
        {
            switch (view.Name)
            {
                case "processes":
                    foreach (var row in processes) Append(appender, row);
                    break;
                case "streams":
                    foreach (var row in streams) Append(appender, row);
                    break;
                case "blocks":
                    foreach (var row in await store.Catalog.ReadBlocksAsync(tenant, null, cancellation)) Append(appender, row);
                    break;
                case "partitions":
                    foreach (var row in await store.Catalog.ReadPartitionsAsync(tenant, null, null, cancellation)) Append(appender, row);
                    break;
                case "queries":
                    foreach (var row in await store.Catalog.ReadQueryAuditAsync(tenant, MostQueries, cancellation)) Append(appender, row);
                    break;
                case "annotations":
                    foreach (var row in await store.Catalog.ReadAnnotationsAsync(tenant, cancellation)) Append(appender, row);
                    break;
                case "arrivals":
                    foreach (var row in await store.Catalog.ReadArrivalsAsync(tenant, cancellation)) Append(appender, row);
                    break;
            }
        }
        DuckDb.Execute(connection, $"CREATE VIEW {view.Name} AS SELECT {ViewBinding.Select(view.Columns)} FROM {table}");
    }

    static void Append(DuckDBAppender appender, ProcessRow row) => appender.CreateRow()
        .AppendValue(row.ProcessId.ToString()).AppendValue(row.ParentProcessId?.ToString()).AppendValue(row.Exe).AppendValue(row.User)
        .AppendValue(row.Computer).AppendValue(row.Os).AppendValue(row.Cpu).AppendValue(row.Runtime).AppendValue((long?)row.StartNs)
        .AppendValue(row.EndNs).AppendValue(row.EndReason).AppendValue((long?)row.LastSeenNs).AppendValue(row.Properties).AppendValue((long?)row.Version)
        .EndRow();

    static void Append(DuckDBAppender appender, StreamRow row) => appender.CreateRow()
        .AppendValue(row.StreamId.ToString()).AppendValue(row.ProcessId.ToString()).AppendValue(StoreNames.Class(row.Class)).AppendValue(row.Name)
        .AppendValue((long?)row.ThreadId).AppendValue(row.Tags).AppendValue(row.Properties)
        .EndRow();

    static void Append(DuckDBAppender appender, BlockRow row) => appender.CreateRow()
        .AppendValue(row.BlockId.ToString()).AppendValue(row.StreamId.ToString()).AppendValue(row.ProcessId.ToString()).AppendValue(StoreNames.Class(row.Class))
        .AppendValue((long?)row.Sequence).AppendValue((long?)row.FirstOrdinal).AppendValue((long?)row.Events).AppendValue((long?)row.BeginNs).AppendValue((long?)row.EndNs)
        .AppendValue((long?)row.Bytes).AppendValue((long?)row.RawBytes).AppendValue((int?)row.Encoding).AppendValue(row.Schema.ToString()).AppendValue((long?)row.Arrival)
        .EndRow();

    static void Append(DuckDBAppender appender, PartitionRow row) => appender.CreateRow()
        .AppendValue(row.View).AppendValue(row.ProcessId.ToString()).AppendValue((long?)row.Slot).AppendValue((long?)row.Generation).AppendValue((long?)row.Rows)
        .AppendValue((long?)row.Bytes).AppendValue((long?)row.BuiltVersion).AppendValue((long?)row.BuiltAtNs).AppendValue(row.Path)
        .EndRow();

    static void Append(DuckDBAppender appender, ArrivalRow row) => appender.CreateRow()
        .AppendValue(row.ArrivalId.ToString()).AppendValue(row.SignalName).AppendValue(row.MediaType).AppendValue((long?)row.Bytes).AppendValue((long?)row.ReceivedNs)
        .AppendValue((int?)row.Attempts).AppendValue(row.Failure)
        .EndRow();

    static void Append(DuckDBAppender appender, QueryAuditRow row) => appender.CreateRow()
        .AppendValue((long?)row.AtNs).AppendValue(row.Actor).AppendValue(row.Sql).AppendValue((long?)row.DurationNs).AppendValue((long?)row.Rows)
        .AppendValue((long?)row.PartitionBytes).AppendValue((long?)row.Built).AppendValue(row.Outcome.ToString().ToLowerInvariant()).AppendValue(row.Detail)
        .AppendValue((long?)row.PeakMemory)
        .EndRow();

    static void Append(DuckDBAppender appender, AnnotationRow row) => appender.CreateRow()
        .AppendValue(row.AnnotationId.ToString()).AppendValue(row.ProcessId.ToString()).AppendValue((long?)row.BeginNs).AppendValue((long?)row.EndNs)
        .AppendValue(row.StreamId?.ToString()).AppendValue(row.Name).AppendValue(row.Note).AppendValue((long?)row.CreatedNs).AppendValue(row.CreatedBy)
        .EndRow();
}

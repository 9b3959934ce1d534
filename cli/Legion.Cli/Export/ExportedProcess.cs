using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Store;

namespace Legion.Cli.Export;

/// <summary>A process that is written to a file: its rows come one after the other, whatever its size.</summary>
sealed class ExportedProcess(Lake lake, ProcessRow process, IReadOnlyList<StreamRow> streams)
{
    readonly Dictionary<string, int> threads = streams.Select((stream, i) => (Id: stream.StreamId.ToString(), Number: i + 1)).ToDictionary(item => item.Id, item => item.Number);

    public ProcessRow Process => process;

    /// <summary>In order of registration.</summary>
    public IReadOnlyList<StreamRow> Streams => streams;

    public static async Task<ExportedProcess> FindAsync(Lake lake, Guid processId, CancellationToken cancellation) =>
        new(lake, await lake.FindProcessAsync(processId, cancellation),
            [.. (await lake.Store.Catalog.ReadStreamsAsync(lake.Tenant, [processId], cancellation)).OrderBy(stream => stream.Registration)]);

    /// <summary>Numbers of threads in files: the system's own come again once a thread has ended.</summary>
    public int ThreadOf(string streamId) => threads.GetValueOrDefault(streamId);

    /// <summary>Hands over each row of a query about <c>$process</c>, in the query's order.</summary>
    public async Task ReadAsync(string sql, Action<ResultRows> row, CancellationToken cancellation, params (string Name, object? Value)[] more)
    {
        var parameters = more.Append(("process", process.ProcessId)).ToDictionary(item => item.Item1, item => item.Item2);
        using var result = await lake.QueryAsync(sql, new QueryOptions { Parameters = parameters }, cancellation);
        using var rows = result.ReadRows(cancellation);
        while (rows.Read()) row(rows);
    }

    /// <summary>The process's slots as they are cut now.</summary>
    public async Task<IReadOnlyList<Slot>> SlotsAsync(CancellationToken cancellation) =>
        (await ProcessSnapshot.ReadAsync(lake.Store.Catalog, lake.Tenant, [process.ProcessId], cancellation)) is [var snapshot] ? snapshot.Slots : [];
}

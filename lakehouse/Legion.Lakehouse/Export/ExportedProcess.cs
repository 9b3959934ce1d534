using Legion.Format;
using Legion.Lakehouse.Sql;
using Legion.Store;

namespace Legion.Lakehouse.Export;

/// <summary>A process that is written to a file: its rows come one after the other, whatever its size.</summary>
sealed class ExportedProcess(Lake lake, ProcessRow process, IReadOnlyList<StreamRow> streams, QueryRange range)
{
    readonly Dictionary<string, int> threads = streams.Select((stream, i) => (Id: stream.StreamId.ToString(), Number: i + 1)).ToDictionary(item => item.Id, item => item.Number);
    readonly Dictionary<string, int> threadsByName = streams.Where(stream => stream.Class == StreamClass.Trace)
        .GroupBy(stream => stream.Name, StringComparer.Ordinal).ToDictionary(named => named.Key, named => streams.ToList().IndexOf(named.First()) + 1, StringComparer.Ordinal);

    public ProcessRow Process => process;

    /// <summary>In order of registration.</summary>
    public IReadOnlyList<StreamRow> Streams => streams;

    /// <param name="range">Only what lies in this time.</param>
    public static async Task<ExportedProcess> FindAsync(Lake lake, Guid processId, QueryRange range, CancellationToken cancellation) =>
        new(lake, await lake.FindProcessAsync(processId, cancellation),
            [.. (await lake.Store.Catalog.ReadStreamsAsync(lake.Tenant, [processId], cancellation)).OrderBy(stream => stream.Registration)], range);

    /// <summary>Numbers of threads in files: the system's own come again once a thread has ended.</summary>
    public int ThreadOf(string streamId) => threads.GetValueOrDefault(streamId);

    /// <summary>Of an event in a stream of all threads: the thread that recorded it, or where it has no stream of spans, the event's own stream.</summary>
    public int ThreadOf(string streamId, string thread) => threadsByName.TryGetValue(thread, out var number) ? number : ThreadOf(streamId);

    /// <summary>Hands over each row of a query about <c>$process</c>, in the query's order.</summary>
    public async Task ReadAsync(string sql, Action<ResultRows> row, CancellationToken cancellation, params (string Name, object? Value)[] more)
    {
        var parameters = more.Append(("process", process.ProcessId)).ToDictionary(item => item.Item1, item => item.Item2);
        using var result = await lake.QueryAsync(sql, new QueryOptions { Parameters = parameters, Range = range }, cancellation);
        using var rows = result.ReadRows(cancellation);
        while (rows.Read()) row(rows);
    }

    /// <summary>The process's slots as they are cut now.</summary>
    public async Task<IReadOnlyList<Slot>> SlotsAsync(CancellationToken cancellation) =>
        (await ProcessSnapshot.ReadAsync(lake.Store.Catalog, lake.Tenant, [process.ProcessId], cancellation)) is [var snapshot] ? snapshot.Slots : [];
}

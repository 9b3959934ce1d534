using Legion.Store;

namespace Legion.Lakehouse.Sql;

/// <summary>
/// Writes down what was asked of a tenant's data, behind the queries: they hand a row over and go on, and rows that wait are written together.
/// Disposing it writes what is left.
/// </summary>
/// <param name="actor">Says who asks where the query does not, on the asker's own thread; null: the account of the machine.</param>
public sealed class QueryAudit(ICatalog catalog, Tenant tenant, TimeProvider time, Func<string>? actor = null) : IAsyncDisposable
{
    /// <summary>How long a query is remembered.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(90);

    /// <summary>How long a row waits for others: whoever looks around asks several times a second, and a commit costs more than most of what he asks.</summary>
    static readonly TimeSpan Gathering = TimeSpan.FromSeconds(1);

    /// <summary>Rows in one transaction: what comes while one is written is mostly less.</summary>
    const int MostAtOnce = 256;

    /// <summary>Rows that wait while the catalog cannot be written, some megabytes; beyond that the oldest go.</summary>
    const int MostWaiting = 10_000;

    readonly Lock gate = new();
    readonly CancellationTokenSource ending = new();
    readonly Queue<QueryAuditRow> waiting = [];
    Task writing = Task.CompletedTask;
    bool isWriting;

    internal TimeProvider Time => time;

    internal string Actor => actor?.Invoke() ?? "user " + Environment.UserName;

    /// <summary>Keeps a row to be written soon.</summary>
    public void Add(QueryAuditRow row)
    {
        lock (gate)
        {
            waiting.Enqueue(row);
            if (waiting.Count > MostWaiting) waiting.Dequeue();
            if (isWriting) return;
            isWriting = true;
            writing = Task.Run(WriteQuietlyAsync);
        }
    }

    /// <summary>Writes what is left.</summary>
    /// <exception cref="StoreUnavailableException">The catalog cannot be written.</exception>
    public async ValueTask DisposeAsync()
    {
        Task running;
        lock (gate) running = writing;
        await ending.CancelAsync();
        await running;
        await WriteAsync();
    }

    async Task WriteQuietlyAsync()
    {
        await Task.Delay(Gathering, time, ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            await WriteAsync();
        }
        catch (StoreUnavailableException)
        {
            // The rows still wait: the next query tries again, and the end says so if it cannot either.
            lock (gate) isWriting = false;
        }
    }

    async Task WriteAsync()
    {
        while (true)
        {
            QueryAuditRow[] rows;
            lock (gate)
            {
                rows = [.. waiting.Take(MostAtOnce)];
                isWriting &= rows.Length > 0;
            }
            if (rows.Length == 0) return;
            var forgetBefore = (time.GetUtcNow() - Kept - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
            await catalog.AddQueryAuditAsync(tenant, rows, forgetBefore, CancellationToken.None);
            lock (gate)
            {
                // Of those that were written, the oldest may have gone meanwhile.
                var written = rows.ToHashSet(ReferenceEqualityComparer.Instance);
                while (waiting.TryPeek(out var next) && written.Contains(next)) waiting.Dequeue();
            }
        }
    }
}

namespace Legion.Store;

/// <summary>One of the writes that share a commit.</summary>
/// <param name="run">Makes its changes in the transaction that they share.</param>
sealed class SharedWrite(Func<CatalogTransaction, Task> run)
{
    readonly TaskCompletionSource committed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the transaction is on disk, or with why it is not.</summary>
    public Task Committed => committed.Task;

    public Task RunAsync(CatalogTransaction transaction) => run(transaction);

    public void End(Task commit) => committed.SetFromTask(commit);
}

/// <summary>
/// Joins writes that come while another commit is on its way to the disk into the next one: what a commit costs is the way to the disk,
/// and not what is in it. One that comes alone does not wait for others.
/// </summary>
/// <param name="commit">Runs the writes in one transaction and commits it.</param>
sealed class SharedCommits(Func<IReadOnlyList<SharedWrite>, Task> commit)
{
    readonly Lock gate = new();
    List<SharedWrite> waiting = [];
    bool isCommitting;

    public void Add(SharedWrite write)
    {
        lock (gate)
        {
            waiting.Add(write);
            if (isCommitting) return;
            isCommitting = true;
        }
        // On a thread of its own, as whoever came first would otherwise commit for the others as long as they come.
        _ = Task.Run(CommitAllAsync);
    }

    async Task CommitAllAsync()
    {
        while (TakeAll() is { Count: > 0 } writes)
        {
            var committing = commit(writes);
            await committing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var write in writes) write.End(committing);
        }
    }

    List<SharedWrite> TakeAll()
    {
        lock (gate)
        {
            var all = waiting;
            waiting = [];
            isCommitting = all.Count > 0;
            return all;
        }
    }
}

namespace Legion.Lakehouse;

/// <summary>Whose turn it is to build: as many at once as there are processors. What somebody looks at right now goes before what was asked for earlier. Safe for use from several threads.</summary>
sealed class BuildTurns(int atOnce)
{
    readonly Lock gate = new();
    readonly LinkedList<TaskCompletionSource> urgent = [], others = [];
    int free = atOnce;

    /// <summary>Waits for a turn, which <see cref="Release"/> ends.</summary>
    public async Task WaitAsync(bool isUrgent, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        LinkedListNode<TaskCompletionSource> own;
        lock (gate)
        {
            if (free > 0)
            {
                free--;
                return;
            }
            own = (isUrgent ? urgent : others).AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }
        await using var _ = cancellation.UnsafeRegister(_ =>
        {
            lock (gate)
            {
                // Who is in no line any more has the turn.
                if (own.List is not { } line) return;
                line.Remove(own);
            }
            own.Value.SetCanceled(cancellation);
        }, null);
        await own.Value.Task;
    }

    public void Release()
    {
        TaskCompletionSource next;
        lock (gate)
        {
            if ((urgent.First ?? others.First) is not { } first)
            {
                free++;
                return;
            }
            first.List!.Remove(first);
            next = first.Value;
        }
        next.SetResult();
    }
}

namespace Legion.Lakehouse;

/// <summary>What one asker waits to have built, in its order.</summary>
/// <param name="isUrgent">Somebody looks at it right now.</param>
sealed class BuildLine(bool isUrgent)
{
    public bool IsUrgent { get; } = isUrgent;

    public LinkedList<TaskCompletionSource> Waiting { get; } = [];
}

/// <summary>
/// Whose turn it is to build: as many at once as there are processors. What is urgent goes before all else; beyond that lines take turns, so that who asks for
/// a whole process does not keep those waiting who ask for a moment of it. Safe for use from several threads.
/// </summary>
sealed class BuildTurns(int atOnce)
{
    readonly Lock gate = new();
    readonly LinkedList<BuildLine> urgent = [], others = [];
    int free = atOnce;

    /// <summary>Waits for a turn, which <see cref="Release"/> ends.</summary>
    public async Task WaitAsync(BuildLine line, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var lines = line.IsUrgent ? urgent : others;
        LinkedListNode<TaskCompletionSource> own;
        lock (gate)
        {
            if (free > 0)
            {
                free--;
                return;
            }
            own = line.Waiting.AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            if (line.Waiting.Count == 1) lines.AddLast(line);
        }
        await using var _ = cancellation.UnsafeRegister(_ =>
        {
            lock (gate)
            {
                // Who is in no line any more has the turn.
                if (own.List is null) return;
                line.Waiting.Remove(own);
                if (line.Waiting.Count == 0) lines.Remove(line);
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
            var lines = urgent.Count > 0 ? urgent : others;
            if (lines.First?.Value is not { } line)
            {
                free++;
                return;
            }
            next = line.Waiting.First!.Value;
            line.Waiting.RemoveFirst();
            lines.RemoveFirst();
            if (line.Waiting.Count > 0) lines.AddLast(line);
        }
        next.SetResult();
    }
}

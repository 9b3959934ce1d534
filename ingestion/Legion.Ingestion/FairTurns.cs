namespace Legion.Ingestion;

/// <summary>
/// Hands out turns, so many at once, and among tenants in proportion to bytes, not to how many requests wait: who sends little waits
/// for at most one request of each other tenant. (Start-time fair queueing: Goyal, Vin, Cheng, SIGCOMM 1996.)
/// </summary>
sealed class FairTurns<TKey>(int turns) where TKey : notnull
{
    readonly Lock gate = new();
    readonly Dictionary<TKey, Line> lines = [];

    /// <summary>Lines in which somebody waits, by the start tag of the first of them.</summary>
    readonly PriorityQueue<Line, long> next = new();

    /// <summary>Start tag of the request that got its turn last.</summary>
    long now;

    int free = turns;

    public int Waiting { get; private set; }

    /// <summary>Waits for a turn, which <see cref="Leave"/> gives back.</summary>
    /// <exception cref="OperationCanceledException">It was no longer wanted; there is nothing to give back.</exception>
    public async ValueTask EnterAsync(TKey key, long bytes, CancellationToken cancellation)
    {
        TaskCompletionSource turn;
        lock (gate)
        {
            if (!lines.TryGetValue(key, out var line)) lines[key] = line = new Line();
            var start = Math.Max(now, line.Finish);
            line.Finish = start + bytes;
            if (free > 0)
            {
                free--;
                now = start;
                return;
            }
            turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            line.Waiters.Enqueue((start, turn));
            if (line.Waiters.Count == 1) next.Enqueue(line, start);
            Waiting++;
        }
        using var _ = cancellation.UnsafeRegister(static (waiter, token) => ((TaskCompletionSource)waiter!).TrySetCanceled(token), turn);
        await turn.Task;
    }

    public void Leave()
    {
        lock (gate)
        {
            while (next.TryDequeue(out var line, out var start))
            {
                var (_, turn) = line.Waiters.Dequeue();
                Waiting--;
                if (line.Waiters.TryPeek(out var behind)) next.Enqueue(line, behind.Start);
                if (!turn.TrySetResult()) continue; // its client has left
                now = start;
                return;
            }
            free++;
        }
    }

    sealed class Line
    {
        public Queue<(long Start, TaskCompletionSource Turn)> Waiters { get; } = new();

        /// <summary>Start tag of the next request, if it comes before the line is empty.</summary>
        public long Finish;
    }
}

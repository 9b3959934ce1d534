using Legion.Lakehouse.Timeline;
using Legion.Store;

namespace Legion.Lakehouse.Tiles;

/// <summary>
/// The pieces of one process's pyramid, as far as they are there; those that somebody looks at are built, from the middle of what is looked at outwards, and no others.
/// The work goes on for a while behind the request that asked for it, as who looks asks again. Safe for use from several threads.
/// </summary>
sealed class LookedPieces
{
    /// <summary>Who has not asked for so long looks no more.</summary>
    static readonly TimeSpan looks = TimeSpan.FromSeconds(20);

    /// <summary>More than are built at once: one that waits is next, before anything that nobody looks at.</summary>
    static readonly int atOnce = Environment.ProcessorCount + 2;

    readonly Lock gate = new();
    readonly Materializer materializer;
    readonly SpanEnds ends;
    readonly TimeProvider clock;
    readonly Dictionary<int, PartitionRow> current;
    readonly Dictionary<int, Slot> unread;
    readonly HashSet<int> building = [];
    readonly Dictionary<(int First, int Last), Look> looking = [];
    TaskCompletionSource oneMore = new(TaskCreationOptions.RunContinuationsAsynchronously);
    Task work = Task.CompletedTask;

    /// <param name="Slots">What it waits for, those of the middle first.</param>
    sealed record Look(IReadOnlyList<int> Slots, long At);

    /// <param name="current">Of the slots that have any, those that were there.</param>
    /// <param name="missing">Slots whose piece was not there.</param>
    LookedPieces(Materializer materializer, ProcessSnapshot snapshot, BlockSource source, IReadOnlyList<PartitionRow> current, IReadOnlyList<Slot> missing, TimeProvider clock)
    {
        (this.materializer, this.clock, Snapshot) = (materializer, clock, snapshot);
        ends = new SpanEnds(source, snapshot);
        this.current = current.ToDictionary(partition => partition.Slot);
        unread = missing.ToDictionary(slot => slot.Number);
    }

    public static async Task<LookedPieces> ReadAsync(Materializer materializer, ProcessSnapshot snapshot, BlockSource source, TimeProvider clock, CancellationToken cancellation)
    {
        var (current, missing) = await materializer.PlanAsync(Views.SpanLevels, snapshot, _ => true, cancellation);
        return new LookedPieces(materializer, snapshot, source, current, missing, clock);
    }

    public ProcessSnapshot Snapshot { get; }

    /// <summary>The pieces that are there, and the slots of those that are not, in order.</summary>
    public (IReadOnlyList<PartitionRow> Current, IReadOnlyList<Slot> Unread) State
    {
        get
        {
            lock (gate) return ([.. current.Values], [.. unread.Values.OrderBy(slot => slot.Number)]);
        }
    }

    /// <summary>Sees to it that what somebody looks at is built, and waits for that.</summary>
    /// <param name="window">Null: all of it.</param>
    /// <param name="patience">No longer than so.</param>
    /// <returns>How many pieces the time needs, and how many of them are there.</returns>
    public async Task<(int Wanted, int Read)> LookAsync(TimeWindow? window, TimeSpan patience, CancellationToken cancellation)
    {
        var wanted = await WantedAsync(window, cancellation);
        var begun = clock.GetTimestamp();
        while (true)
        {
            Task next, working;
            int read;
            lock (gate)
            {
                read = wanted.Count(slot => !unread.ContainsKey(slot));
                if (read < wanted.Count && work.IsCompletedSuccessfully) work = BuildAsync();
                (next, working) = (oneMore.Task, work);
                // Told once; who asks again tries again.
                if (work.IsFaulted) work = Task.CompletedTask;
            }
            if (working.IsFaulted) await working;
            var left = patience - clock.GetElapsedTime(begun);
            if (read == wanted.Count || left <= TimeSpan.Zero) return (wanted.Count, read);
            using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            await Task.WhenAny(next, working, Task.Delay(left, clock, over.Token));
            await over.CancelAsync();
            cancellation.ThrowIfCancellationRequested();
        }
    }

    /// <summary>The slots of a time, and those in which spans end that are open at its end.</summary>
    async Task<IReadOnlyList<int>> WantedAsync(TimeWindow? window, CancellationToken cancellation)
    {
        Slot[] within = [.. Snapshot.Slots.Where(slot => slot.Blocks.Count > 0 && (window is not { } time || slot.FirstNs < time.ToNs && slot.LastNs >= time.FromNs))];
        if (within.Length == 0) return [];
        var key = (within[0].Number, within[^1].Number);
        IReadOnlyList<int>? slots;
        lock (gate) slots = looking.GetValueOrDefault(key)?.Slots;
        if (slots is null)
        {
            var (fromNs, toNs) = window is { } time ? (time.FromNs, time.ToNs) : (within[0].FirstNs, within[^1].LastNs);
            var middle = fromNs + (toNs - fromNs) / 2;
            var later = await ends.SlotsAsync(within.Max(slot => slot.LastNs), cancellation);
            slots = [.. within.OrderBy(slot => Math.Max(slot.FirstNs - middle, middle - slot.LastNs)).Select(slot => slot.Number).Concat(later.Order()).Distinct()];
        }
        lock (gate) looking[key] = new Look(slots, clock.GetTimestamp());
        return slots;
    }

    async Task BuildAsync()
    {
        // Not on the thread, nor under the lock, of who asked.
        await Task.Yield();
        await Task.WhenAll(Enumerable.Range(0, atOnce).Select(_ => BuildOneByOneAsync()));
    }

    async Task BuildOneByOneAsync()
    {
        while (Next() is { } slot)
        {
            TaskCompletionSource told;
            try
            {
                var (built, _) = await materializer.MaterializeAsync(Views.SpanLevels, Snapshot, other => other.Number == slot, null, CancellationToken.None, isUrgent: true);
                lock (gate)
                {
                    foreach (var partition in built) current[partition.Slot] = partition;
                    unread.Remove(slot);
                    (told, oneMore) = (oneMore, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
                }
            }
            finally
            {
                lock (gate) building.Remove(slot);
            }
            told.SetResult();
        }
    }

    /// <returns>The slot to build next; null where nobody looks at one any more.</returns>
    int? Next()
    {
        lock (gate)
        {
            foreach (var (key, look) in looking) if (clock.GetElapsedTime(look.At) >= looks) looking.Remove(key);
            foreach (var slot in looking.Values.OrderByDescending(look => look.At).SelectMany(look => look.Slots))
                if (unread.ContainsKey(slot) && building.Add(slot)) return slot;
            return null;
        }
    }
}

using Legion.Format;
using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>The rows of a slot of a live process: the partition that is published, and files of what came since. They stay until it is disposed.</summary>
/// <param name="hasOpen">Whether the view has rows of what is open at the end of a stream: a file with later blocks of the stream has them again, or their end.</param>
sealed class TailReading(PartitionRow partition, IReadOnlyList<TailPart> parts, bool hasOpen, BuildTotals totals) : IDisposable
{
    public PartitionRow Partition => partition;

    /// <summary>Streams whose open rows in the partition do not count.</summary>
    public IReadOnlyList<Guid> Reopened => After(0);

    /// <summary>Files of what came since, in that order.</summary>
    public IEnumerable<OwnFile> Files => parts.Select((part, i) => (part, i)).Where(item => item.part.Rows > 0).Select(item => new OwnFile(partition.Slot, item.part.File, After(item.i + 1)));

    /// <summary>What was built for it.</summary>
    public BuildTotals Totals => totals;

    public void Dispose()
    {
        foreach (var part in parts) part.Release();
    }

    IReadOnlyList<Guid> After(int part) => hasOpen ? [.. parts.Skip(part).SelectMany(later => later.Blocks).Select(block => block.StreamId).Distinct()] : [];
}

/// <summary>A file with rows of a slot that is no partition's.</summary>
/// <param name="Reopened">Streams whose open rows in it do not count.</param>
readonly record struct OwnFile(int Slot, string Path, IReadOnlyList<Guid> Reopened);

/// <summary>The rows of some blocks in a file that goes with its last user.</summary>
sealed class TailPart(string file, IReadOnlyList<BlockRow> blocks, long rows)
{
    readonly Lock gate = new();
    int users = 1;

    public string File => file;
    public IReadOnlyList<BlockRow> Blocks => blocks;
    public long Rows => rows;

    public void Use()
    {
        lock (gate) users++;
    }

    public void Release()
    {
        lock (gate)
        {
            if (--users > 0) return;
            try
            {
                System.IO.File.Delete(file);
            }
            catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
            {
                // It goes with the store's temporary files, or is gone with them: nobody waits here who could do more.
            }
        }
    }
}

/// <summary>
/// The newest rows of processes that are being recorded. Where a slot's published partition has all but what came since, that alone is decoded, once, and the partition is
/// published anew when it would grow by half: who follows a process pays for what comes, not for the slot each time. Safe for use from several threads.
/// </summary>
/// <remarks>Of views whose rows rest on no block but their own, and of those that follow spans as long as a stream's blocks come in order. Whatever else makes a partition stale is not for this to answer.</remarks>
sealed class LiveTail(LakeStore store, Tenant tenant, TimeProvider time, PartitionWriter write)
{
    /// <summary>How long ago a process was heard of that is live: a flush interval or two, and the upload.</summary>
    static readonly TimeSpan Live = TimeSpan.FromMinutes(1);

    /// <summary>Events that are decoded by themselves whatever the partition's size: they take less than publishing.</summary>
    const long FewEvents = 100_000;

    /// <summary>Files beside a partition; where one more would be needed, all are written as one.</summary>
    const int MostParts = 8;

    readonly BlockSource source = new(store.Objects, store.Catalog, tenant);
    readonly Lock gate = new();
    readonly Dictionary<PartitionKey, Tail> tails = [];
    ITimer? sweep;

    /// <summary>What is kept of a slot.</summary>
    sealed class Tail
    {
        public SemaphoreSlim Turn { get; } = new(1);
        public string Base { get; set; } = "";
        public List<TailPart> Parts { get; } = [];

        /// <summary>Those who have it, or wait for it: it is kept as long as there are any.</summary>
        public int Users { get; set; }

        public DateTimeOffset UsedAt { get; set; }

        public void Clear()
        {
            foreach (var part in Parts) part.Release();
            Parts.Clear();
        }
    }

    /// <summary>Reads a process's last slot by its partition and what came since.</summary>
    /// <returns>Null where it has to be built as a whole: the process is not live, too much came, or something other than new blocks made it stale.</returns>
    public async Task<TailReading?> ReadAsync(View view, ProcessSnapshot snapshot, Slot slot, CancellationToken cancellation)
    {
        // What sums up has the slot's time, and problems and attachments look at other blocks.
        if (view.FollowsSpans ? view != Views.Spans && view != Views.Markers && view != Views.Flows : view == Views.Attachments || view == Views.Problems) return null;
        var heardNs = Math.Max(snapshot.Process.LastSeenNs, slot.LastNs);
        if (snapshot.Process.EndNs is not null || time.GetUtcNow() - DateTimeOffset.UnixEpoch > TimeSpan.FromTicks(heardNs / TimeSpan.NanosecondsPerTick) + Live) return null;
        var known = (await store.Catalog.ReadPartitionsAsync(tenant, view.Name, [snapshot.Process.ProcessId], cancellation)).FirstOrDefault(row => row.Slot == slot.Number);
        if (known is null || known.SchemaVersion != view.SchemaVersion || slot.RemovedVersion > known.BuiltVersion) return null;
        var blocks = PartitionBuilder.BlocksOf(view, snapshot, slot).ToLookup(block => block.Arrival <= known.BuiltVersion);
        var details = PartitionDetails.FromJson(known.Details);
        if (!blocks[false].Any()) return null; // it is current, or something else is wrong with it
        if (details.Blocks != PartitionDetails.NameOf(blocks[true]) || details.Unread > 0) return null;
        if ((details.Watches ?? []).Any(watch => (!view.FollowsSpans || watch.BeforeSequence != long.MaxValue) && blocks[false].Any(block => block.StreamId == watch.StreamId))) return null;
        if (blocks[false].Sum(block => (long)block.Events) > Math.Max(FewEvents, blocks[true].Sum(block => (long)block.Events) / 2)) return null;
        if (known.Path.Length > 0 && !await store.Objects.HasAsync(known.Path, cancellation)) return null;

        var tail = Take(known.Key);
        var hasTurn = false;
        try
        {
            await tail.Turn.WaitAsync(cancellation);
            hasTurn = true;
            if (tail.Base != $"{known.Path}/{known.Generation}" || tail.Parts.Count == MostParts) tail.Clear();
            tail.Base = $"{known.Path}/{known.Generation}";
            BlockRow[] have = [.. tail.Parts.SelectMany(part => part.Blocks)];
            var ids = have.Select(block => block.BlockId).ToHashSet();
            BlockRow[] missing = [.. blocks[false].Where(block => !ids.Contains(block.BlockId))];
            if (view.FollowsSpans && !IsInOrder(blocks[true].Concat(have), missing))
            {
                tail.Clear();
                return null;
            }
            var totals = new BuildTotals(0, 1, 0, 0, 0);
            if (missing.Length > 0)
            {
                var file = store.Objects.NewTemporaryFile();
                var written = await write(view, snapshot, slot.With(missing), source, file, cancellation);
                tail.Parts.Add(new TailPart(file, missing, written.Rows));
                totals += new BuildTotals(1, 0, written.Rows, written.Bytes, missing.Sum(block => (long)block.Bytes));
            }
            foreach (var part in tail.Parts) part.Use();
            return new TailReading(known, [.. tail.Parts], hasOpen: view == Views.Spans, totals);
        }
        finally
        {
            if (hasTurn) tail.Turn.Release();
            lock (gate)
            {
                tail.Users--;
                tail.UsedAt = time.GetUtcNow();
            }
        }
    }

    /// <summary>Whether each stream's blocks follow those before them, as its open spans are then those at the end of these.</summary>
    static bool IsInOrder(IEnumerable<BlockRow> before, IEnumerable<BlockRow> after)
    {
        var last = before.GroupBy(block => block.StreamId).ToDictionary(stream => stream.Key, stream => stream.Max(block => block.Sequence));
        return after.All(block => (block.Flags & BlockFlags.Unnumbered) == 0 && (!last.TryGetValue(block.StreamId, out var sequence) || block.Sequence > sequence));
    }

    Tail Take(PartitionKey key)
    {
        lock (gate)
        {
            if (!tails.TryGetValue(key, out var tail)) tails.Add(key, tail = new Tail());
            tail.Users++;
            sweep ??= time.CreateTimer(_ => Sweep(), null, Live, Live);
            return tail;
        }
    }

    /// <summary>Lets go of what nobody asked for in a while, so that what is erased elsewhere does not stay here.</summary>
    internal void Sweep()
    {
        lock (gate)
        {
            foreach (var (key, tail) in tails.Where(item => item.Value.Users == 0 && time.GetUtcNow() - item.Value.UsedAt >= Live).ToArray())
            {
                tail.Clear();
                tails.Remove(key);
            }
            if (tails.Count > 0) return;
            sweep?.Dispose();
            sweep = null;
        }
    }
}

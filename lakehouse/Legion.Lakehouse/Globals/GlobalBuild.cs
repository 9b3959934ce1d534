using Legion.Lakehouse.Sql;
using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>
/// Keeps the files of global views current. Blocks that they have not become a file for each hour; files of an hour are merged with smaller ones until each is more than twice
/// what came after it, so that a row is written a few times and not at each arrival; a day that is two days over becomes one file.
/// Each step changes files and what is noted of processes in one transaction, where nothing has changed since it began; otherwise its files are deleted, and the next step sees what is there then.
/// </summary>
public sealed class GlobalBuild(LakeStore store, Tenant tenant, TimeProvider time)
{
    /// <summary>Processes of a step: their blocks' rows of the catalog are in memory.</summary>
    const int MostProcesses = 1000;

    /// <summary>Events of a step, if that is not less than one arrival: a minute of work at most, after which it is published.</summary>
    const long MostEvents = 4_000_000;

    /// <summary>Files are merged up to this size; what is larger costs more to write again than it saves to read as one.</summary>
    const long MostMergedBytes = 1L << 30;

    /// <summary>A claim ends by itself where a program dies in a step.</summary>
    const long ClaimNs = 300_000_000_000;

    const int MostAttempts = 100;

    const long HourNs = 3_600_000_000_000;

    readonly BlockSource source = new(store.Objects, store.Catalog, tenant);
    readonly string claimant = $"{Environment.MachineName}/{Environment.ProcessId}/{Guid.NewGuid():N}";

    /// <summary>Files that no partition names any more. Queries that began before may read them: whoever builds deletes them when these are done, or leaves them to the sweep.</summary>
    public IReadOnlyCollection<string> Replaced => replaced;

    readonly List<string> replaced = [];

    long NowNs => (time.GetUtcNow().UtcTicks - DateTime.UnixEpoch.Ticks) * 100;

    /// <summary>Makes the files of all global views current.</summary>
    public async Task<BuildTotals> RunAsync(CancellationToken cancellation)
    {
        var totals = default(BuildTotals);
        foreach (var view in GlobalView.All) totals += await RunAsync(view, cancellation) ?? default;
        return totals;
    }

    /// <summary>Makes the files of a global view current, and those of its sums.</summary>
    /// <returns>Null where somebody else does.</returns>
    internal async Task<BuildTotals?> RunAsync(GlobalView view, CancellationToken cancellation)
    {
        var claim = new PartitionKey($"{view.Files.Name}/", Guid.Empty, 0);
        if (!await ClaimAsync(claim, cancellation)) return null;
        try
        {
            var totals = default(BuildTotals);
            SpanPolicies? policies = null;
            if (view.IsByPolicy)
            {
                policies = await SpanPolicies.ReadAsync(store, tenant, await store.Catalog.ReadProcessesAsync(tenant, null, cancellation), cancellation);
                // What was made under other policies, or before a process met another condition, is made anew, as what is in no file yet.
                GlobalCover[] stale = [.. (await store.Catalog.ReadGlobalCoversAsync(tenant, view.Name, cancellation)).Where(cover => policies.NameOf(cover.ProcessId) is { } name && name != cover.MadeUnder)];
                if (stale.Length > 0) await LeaveOutAsync(view, stale, cancellation);
                if (!policies.AreThere) return totals;
            }
            for (var after = Guid.Empty; ;)
            {
                var state = await store.Catalog.ReadGlobalAsync(tenant, view.Name, after, MostProcesses, cancellation);
                if (state.Processes.Any(process => process.IsRemoved))
                {
                    await LeaveOutRemovedAsync(view, cancellation);
                    await new DoomedObjects(store, tenant).DeleteAsync(null, cancellation);
                    continue;
                }
                if (state.Processes.Count == 0) break;
                if (await AddAsync(view, policies, state, after, cancellation) is not var (added, last)) continue;
                totals += added;
                after = last;
                if (!await ClaimAsync(claim, cancellation)) return totals;
            }
            return totals + await CompactAsync(view, cancellation);
        }
        finally
        {
            await store.Catalog.ReleasePartitionAsync(tenant, claim, claimant, CancellationToken.None);
        }
    }

    /// <summary>Writes files anew that have rows of processes of which something was removed, without any row of these, and dooms the old ones. Who builds just now begins again, so that nothing comes back.</summary>
    /// <exception cref="StoreUnavailableException">Others changed the files all the time.</exception>
    internal Task LeaveOutRemovedAsync(GlobalView view, CancellationToken cancellation) => LeaveOutAsync(view, [], cancellation);

    /// <summary>As <see cref="LeaveOutRemovedAsync"/>, without any row of some others either.</summary>
    /// <param name="stale">What the files have of them.</param>
    async Task LeaveOutAsync(GlobalView view, IReadOnlyList<GlobalCover> stale, CancellationToken cancellation)
    {
        for (var attempt = 0; attempt < MostAttempts; attempt++)
        {
            var state = await store.Catalog.ReadGlobalAsync(tenant, view.Name, Guid.Empty, 0, cancellation);
            GlobalCover[] removed = [.. state.Processes.Where(process => process.IsRemoved).Select(process => process.Covered!)];
            GlobalCover[] leftOut = [.. removed.Concat(stale).DistinctBy(cover => cover.ProcessId)];
            Guid[] ids = [.. leftOut.Select(cover => cover.ProcessId)];
            var pieces = new List<Piece>();
            using var held = new HeldFiles(store.Objects);
            using var files = new GlobalFiles();
            foreach (var row in state.Partitions)
            {
                var day = GlobalSlot.DayOf(row.Slot);
                Guid[] there = [.. leftOut.Where(cover => cover.FirstDay <= day && cover.LastDay >= day && (!view.IsByPolicy || cover.MadeUnder.Length > 0 || removed.Contains(cover))).Select(cover => cover.ProcessId)];
                if (there.Length > 0 && files.HasAny((await held.AddAsync([row], null, RowBounds.None, cancellation))[0], there)) pieces.Add(new Piece(day, GlobalDetails.Of(row).Hour, [row], []));
            }
            var publication = new GlobalPublication { Id = Guid.NewGuid(), Name = view.Name, ExpectedGeneration = state.Generation, Forgotten = ids, DoomsReplaced = stale.Count == 0 || removed.Length > 0 };
            if (await PublishAsync(view, state, pieces, ids, publication, cancellation) is not null) return;
        }
        throw new StoreUnavailableException($"cannot take what was removed out of the files of {view.Files.Name}: others changed them all the time");
    }

    /// <summary>Adds the blocks that the files have not, of some processes.</summary>
    /// <param name="after">The last process before them.</param>
    /// <returns>What was written, and the last process whose blocks are all in the files; null where others were faster.</returns>
    async Task<(BuildTotals, Guid)?> AddAsync(GlobalView view, SpanPolicies? policies, GlobalState state, Guid after, CancellationToken cancellation)
    {
        var blocksOf = state.Blocks.Where(block => policies?.AskFor(block.ProcessId) != false).ToLookup(block => block.ProcessId);
        var (taken, covers, events, last) = (new List<BlockRow>(), new List<GlobalCover>(), 0L, after);
        foreach (var process in state.Processes)
        {
            var (version, some) = (process.Version, new List<BlockRow>());
            // It came after the policies were read.
            if (policies is not null && policies.NameOf(process.ProcessId) is null)
            {
                last = process.ProcessId;
                continue;
            }
            foreach (var arrival in blocksOf[process.ProcessId].GroupBy(block => block.Arrival))
            {
                if (events >= MostEvents)
                {
                    version = arrival.Key - 1;
                    break;
                }
                some.AddRange(arrival);
                events += arrival.Sum(block => block.Events);
            }
            var days = some.Select(DayOf).Append(process.Covered?.FirstDay ?? int.MaxValue).ToArray();
            covers.Add(new GlobalCover(process.ProcessId, version, process.RemovedVersion, days.Min(), some.Select(DayOf).Append(process.Covered?.LastDay ?? int.MinValue).Max()) { MadeUnder = policies?.NameOf(process.ProcessId) ?? "" });
            taken.AddRange(some);
            if (version < process.Version) break;
            last = process.ProcessId;
        }

        if (covers.Count == 0) return (default, last);
        var blocks = new BlockRows(store.Catalog, tenant, source);
        var pieces = new List<Piece>();
        var temporaries = new List<string>();
        try
        {
            foreach (var ofHour in (await blocks.OfViewAsync(view.Rows, taken, cancellation)).GroupBy(block => (Day: DayOf(block), Hour: IsOver(DayOf(block)) ? GlobalDetails.WholeDay : HourOf(block))).OrderBy(group => group.Key))
            {
                var file = store.Objects.NewTemporaryFile();
                temporaries.Add(file);
                if (await blocks.WriteAsync(view.Rows, ofHour, policies, file, cancellation) is > 0 and var bytes)
                    pieces.Add(Absorb(new Piece(ofHour.Key.Day, ofHour.Key.Hour, [], [file]), bytes, state.Partitions));
            }
            foreach (var day in pieces.Select(piece => piece.Day).Distinct().ToArray()) Fit(day, pieces, state.Partitions);
            var publication = new GlobalPublication { Id = Guid.NewGuid(), Name = view.Name, ExpectedGeneration = state.Generation, Covers = covers };
            return await PublishAsync(view, state, pieces, [], publication, cancellation) is { } totals
                ? (totals with { BlockBytes = taken.Sum(block => (long)block.Bytes) }, last) : null;
        }
        finally
        {
            foreach (var file in temporaries) File.Delete(file);
        }
    }

    /// <summary>Makes one file of each day that is over, and sums up what has no sums.</summary>
    async Task<BuildTotals> CompactAsync(GlobalView view, CancellationToken cancellation)
    {
        var totals = default(BuildTotals);
        for (var attempt = 0; attempt < MostAttempts; attempt++)
        {
            var state = await store.Catalog.ReadGlobalAsync(tenant, view.Name, Guid.Empty, 0, cancellation);
            var rollups = (await RollupsAsync(view, cancellation)).ToDictionary(row => row.Slot);
            var piece = state.Partitions.GroupBy(row => GlobalSlot.DayOf(row.Slot)).Where(day => IsOver(day.Key) && day.Any(row => GlobalDetails.Of(row).Hour != GlobalDetails.WholeDay) && day.Sum(row => row.Bytes) <= MostMergedBytes)
                .Select(day => new Piece(day.Key, GlobalDetails.WholeDay, [.. day], [])).FirstOrDefault()
                ?? state.Partitions.Where(row => !IsSummedUp(view, row, rollups.GetValueOrDefault(row.Slot)))
                    .Select(row => new Piece(GlobalSlot.DayOf(row.Slot), GlobalDetails.Of(row).Hour, [row], [])).FirstOrDefault();
            if (piece is null) break;
            var publication = new GlobalPublication { Id = Guid.NewGuid(), Name = view.Name, ExpectedGeneration = state.Generation };
            totals += await PublishAsync(view, state, [piece], [], publication, cancellation) ?? default;
        }
        return totals;
    }

    /// <summary>The partitions of sums.</summary>
    internal Task<IReadOnlyList<PartitionRow>> RollupsAsync(GlobalView view, CancellationToken cancellation) => store.Catalog.ReadPartitionsAsync(tenant, view.Rollups.Name, [Guid.Empty], cancellation);

    /// <summary>Whether a partition of sums is that of a partition of rows.</summary>
    internal static bool IsSummedUp(GlobalView view, PartitionRow rows, PartitionRow? sums) =>
        sums is not null && sums.SchemaVersion == view.Rollups.SchemaVersion && rows.SchemaVersion == view.Files.SchemaVersion && GlobalDetails.Of(sums).Rows == rows.Path;

    /// <summary>A file that is to be written.</summary>
    /// <param name="Merged">Partitions whose rows it takes over.</param>
    /// <param name="Added">Files of rows that are new.</param>
    sealed record Piece(int Day, int Hour, List<PartitionRow> Merged, List<string> Added);

    /// <summary>Merges with it the hour's files from the smallest on, as long as each is at most twice what is merged already.</summary>
    static Piece Absorb(Piece piece, long bytes, IReadOnlyList<PartitionRow> partitions)
    {
        foreach (var row in partitions.Where(row => GlobalSlot.DayOf(row.Slot) == piece.Day && GlobalDetails.Of(row).Hour == piece.Hour).OrderBy(row => row.Bytes))
        {
            if (row.Bytes > 2 * bytes || bytes + row.Bytes > MostMergedBytes) break;
            piece.Merged.Add(row);
            bytes += row.Bytes;
        }
        return piece;
    }

    /// <summary>Where a day would have more files than places, merges whole hours, those of the most files first, and at last the whole day.</summary>
    static void Fit(int day, List<Piece> pieces, IReadOnlyList<PartitionRow> partitions)
    {
        while (true)
        {
            var merged = pieces.SelectMany(piece => piece.Merged).ToHashSet();
            var kept = partitions.Where(row => GlobalSlot.DayOf(row.Slot) == day && !merged.Contains(row)).ToArray();
            var own = pieces.Where(piece => piece.Day == day).ToArray();
            if (kept.Length + own.Length <= GlobalSlot.FilesPerDay) return;
            // Never empty: an hour that has one file gives at most 25.
            var hour = kept.GroupBy(row => GlobalDetails.Of(row).Hour).MaxBy(group => group.Count() + own.Count(piece => piece.Hour == group.Key))!;
            if (own.FirstOrDefault(piece => piece.Hour == hour.Key) is { } piece) piece.Merged.AddRange(hour);
            else pieces.Add(new Piece(day, hour.Key, [.. hour], []));
        }
    }

    /// <summary>Writes files and publishes them.</summary>
    /// <param name="without">Processes whose rows are not taken over.</param>
    /// <returns>Null where others were faster.</returns>
    async Task<BuildTotals?> PublishAsync(GlobalView view, GlobalState state, IReadOnlyList<Piece> pieces, IReadOnlyCollection<Guid> without, GlobalPublication publication, CancellationToken cancellation)
    {
        var (rows, put) = (new List<PartitionRow>(), new List<string>());
        var totals = default(BuildTotals);
        var gone = pieces.SelectMany(piece => piece.Merged).ToDictionary(row => row.Slot);
        var taken = state.Partitions.Select(row => row.Slot).Where(slot => !gone.ContainsKey(slot)).ToHashSet();
        var isPublished = false;
        try
        {
            using var files = new GlobalFiles();
            foreach (var piece in pieces)
            {
                using var held = new HeldFiles(store.Objects);
                var merged = await held.AddAsync([.. piece.Merged.Where(row => row.Path.Length > 0)], null, RowBounds.None, cancellation);
                var file = store.Objects.NewTemporaryFile();
                var written = await OffThreadAsync(() => files.Merge(view, merged, without, piece.Added, file), cancellation);
                if (written.Rows == 0)
                {
                    File.Delete(file);
                    continue;
                }
                var slot = Enumerable.Range(0, GlobalSlot.FilesPerDay).Select(place => GlobalSlot.Of(piece.Day, place)).First(taken.Add);
                var sums = store.Objects.NewTemporaryFile();
                RollupStep[] steps = [.. Rollup.Steps.Where(step => piece.Hour != GlobalDetails.WholeDay || step != Rollup.Steps[0])];
                var summed = await OffThreadAsync(() => files.SumUp(view, file, written.Rows, steps, sums, store.Objects.NewTemporaryFile), cancellation);
                var own = await PutAsync(view.Files, slot, piece.Hour, written, file, null, gone.GetValueOrDefault(slot), put, cancellation);
                rows.Add(own);
                rows.Add(await PutAsync(view.Rollups, slot, piece.Hour, summed, sums, own.Path, null, put, cancellation));
                totals += new BuildTotals(1, 0, written.Rows, own.Bytes, 0);
            }
            var current = rows.Select(row => row.Key).ToHashSet();
            // Sums of what is not there any more go with it.
            var orphans = (await RollupsAsync(view, cancellation)).Where(row => !taken.Contains(row.Slot)).Select(row => row.Key);
            publication = publication with { Partitions = rows, Removed = [.. gone.Values.Select(row => row.Key).Concat(orphans).Where(key => !current.Contains(key))] };
            isPublished = await store.Catalog.PublishGlobalAsync(tenant, publication, cancellation);
            if (isPublished && !publication.DoomsReplaced) replaced.AddRange(gone.Values.Select(row => row.Path).Where(path => path.Length > 0));
            return isPublished ? totals : null;
        }
        catch (RemovedMeanwhileException)
        {
            return null; // others merged the file, and deleted it
        }
        finally
        {
            if (!isPublished) await ForgetAsync(put);
        }
    }

    /// <summary>Deletes what was put for nothing. Where nobody knows whether the commit took effect, the catalog does.</summary>
    async Task ForgetAsync(List<string> put)
    {
        if (put.Count == 0) return;
        var named = (await store.Catalog.ReadPartitionsAsync(tenant, null, [Guid.Empty], CancellationToken.None)).Select(row => row.Path).ToHashSet();
        foreach (var path in put.Where(path => !named.Contains(path))) await store.Objects.DeleteAsync(path, CancellationToken.None);
    }

    async Task<PartitionRow> PutAsync(View view, int slot, int hour, WrittenRows written, string file, string? rows, PartitionRow? before, List<string> put, CancellationToken cancellation)
    {
        var bytes = new FileInfo(file).Length;
        var path = StoreNames.ViewFile(view.Name, view.SchemaVersion, tenant, GlobalSlot.DayOf(slot), Guid.Empty, slot, Guid.CreateVersion7(time.GetUtcNow()));
        await store.Objects.PutFileAsync(path, file, cancellation);
        put.Add(path);
        return new PartitionRow
        {
            View = view.Name,
            ProcessId = Guid.Empty,
            Slot = slot,
            SchemaVersion = view.SchemaVersion,
            Generation = (before?.Generation ?? 0) + 1,
            Rows = written.Rows,
            Bytes = bytes,
            BuiltVersion = 0,
            BuiltAtNs = NowNs,
            Path = path,
            Details = new GlobalDetails(hour, written.FromNs, written.ToNs, rows).ToJson(),
        };
    }

    /// <summary>The engine works on its caller's thread until it is done.</summary>
    static Task<T> OffThreadAsync<T>(Func<T> work, CancellationToken cancellation) => Task.Run(work, cancellation);

    Task<bool> ClaimAsync(PartitionKey claim, CancellationToken cancellation) => store.Catalog.ClaimPartitionAsync(tenant, claim, claimant, ClaimNs, NowNs, cancellation);

    /// <summary>Late blocks of a day come within a day or two; then its hours need not be apart.</summary>
    bool IsOver(int day) => day < NowNs / SlotCuts.DayNs - 1;

    /// <summary>The day under which a block is filed.</summary>
    static int DayOf(BlockRow block) => StoreNames.TryReadBlocksObject(block.ObjectKey, out var name) ? name.Day
        : throw new InvalidDataException($"expected the day of block {block.BlockId} in the key of its object, saw '{block.ObjectKey}'");

    /// <summary>Of its first event; a block that is filed under another day than that counts to that day's nearest hour.</summary>
    static int HourOf(BlockRow block) => (int)Math.Clamp((block.BeginNs - DayOf(block) * SlotCuts.DayNs) / HourNs, 0, 23);
}

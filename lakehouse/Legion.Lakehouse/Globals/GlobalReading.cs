using Legion.Lakehouse.Sql;
using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>
/// What a query reads of a global view, as of one moment: files, the blocks that they have not, and processes that it reads slot by slot, as their rows in the files do not count.
/// </summary>
/// <param name="Files">Partitions whose rows it reads.</param>
/// <param name="Sums">Of partitions whose sums it reads, the partitions of these.</param>
/// <param name="Blocks">Blocks whose rows it reads beside those of files.</param>
/// <param name="Without">Processes whose rows in files are left out.</param>
/// <param name="OneByOne">Processes that are read slot by slot.</param>
/// <param name="Versions">Of each process that there is.</param>
sealed record GlobalReading(
    IReadOnlyList<PartitionRow> Files, IReadOnlyList<PartitionRow> Sums, IReadOnlyList<BlockRow> Blocks, IReadOnlyList<Guid> Without, IReadOnlyList<Guid> OneByOne, IReadOnlyDictionary<Guid, long> Versions)
{
    /// <summary>Events that a query decodes for itself, in a second or two, before it asks for files of them.</summary>
    const long MostEvents = 2_000_000;

    /// <summary>Of a view by policy, what was asked for of its processes; otherwise null.</summary>
    public SpanPolicies? Policies { get; init; }

    /// <summary>The end of the newest block behind it, nanoseconds UTC; null where it has nothing.</summary>
    public long? NewestNs => Files.Select(row => (long?)GlobalDetails.Of(row).ToNs).Concat(Blocks.Select(block => (long?)block.EndNs)).Max();

    /// <param name="wanted">Null: all processes.</param>
    /// <param name="readsSums">Whether it asks for sums; otherwise for rows.</param>
    /// <param name="hidesRows">Rows are left out that only they themselves tell, so that sums of files do not count.</param>
    /// <param name="fromNs">Rows, or sums, of earlier times are not needed; nanoseconds UTC.</param>
    /// <param name="toNs">Those of later times are not needed.</param>
    /// <returns>Null where the lake has no such files, or one of them is gone.</returns>
    public static async Task<GlobalReading?> PlanAsync(
        LakeStore store, Tenant tenant, GlobalView view, IReadOnlySet<Guid>? wanted, bool readsSums, bool hidesRows, long fromNs, long toNs, CancellationToken cancellation)
    {
        var state = await store.Catalog.ReadGlobalAsync(tenant, view.Name, null, int.MaxValue, cancellation);
        if (state.Generation == 0 || state.Partitions.Any(row => row.SchemaVersion != view.Files.SchemaVersion)) return null;
        var blocks = new BlockRows(store.Catalog, tenant, new BlockSource(store.Objects, store.Catalog, tenant));
        var behind = await blocks.OfViewAsync(view.Rows, [.. state.Blocks.Concat(state.EarlierBlocks).Where(block => wanted?.Contains(block.ProcessId) != false)], cancellation);

        // Of whom something was removed, all is read anew; and where much has come since, what is built for it may serve the next query.
        var removed = state.Processes.Where(process => process.IsRemoved).Select(process => process.ProcessId).ToHashSet();
        var oneByOne = behind.Select(block => block.ProcessId).Where(removed.Contains).ToHashSet();
        var rest = behind.Where(block => !removed.Contains(block.ProcessId)).ToArray();
        if (rest.Sum(block => (long)block.Events) > MostEvents && rest.Select(block => block.ProcessId).Concat(oneByOne).Distinct().Count() <= Views.MostProcesses)
        {
            oneByOne.UnionWith(rest.Select(block => block.ProcessId));
            rest = [];
        }
        if (oneByOne.Count > Views.MostProcesses || rest.Sum(block => (long)block.Events) > MostEvents)
            throw NotInFiles(view, behind);

        var (files, sums) = await FilesAsync(store, tenant, view, state, readsSums && !hidesRows, readsSums, fromNs, toNs, cancellation);
        if (!await AreThereAsync(store, files.Concat(sums), cancellation)) return null;
        if (!readsSums) rest = [.. rest.Where(block => block.EndNs >= fromNs && (block.BeginNs <= toNs || view.Rows.Lasts))];
        return new GlobalReading(files, sums, rest, [.. removed.Union(oneByOne)], [.. oneByOne], VersionsOf(state));
    }

    /// <summary>
    /// What a query reads of sums that policies ask for. They lie in no files of single processes, so that what files lack of a process is decoded for the query, however few it names;
    /// what they have of it does not count where that was made as other policies were there.
    /// </summary>
    /// <param name="wanted">Null: all processes.</param>
    /// <param name="asOf">The processes of a snapshot, and of each the version up to which its blocks are read; null: as it is now.</param>
    /// <exception cref="QueryException">Too much is in no files.</exception>
    public static async Task<GlobalReading> PlanByPolicyAsync(
        LakeStore store, Tenant tenant, GlobalView view, IReadOnlySet<Guid>? wanted, SpanPolicies policies, IReadOnlyDictionary<Guid, long>? asOf, long fromNs, long toNs, CancellationToken cancellation)
    {
        var state = await store.Catalog.ReadGlobalAsync(tenant, view.Name, null, int.MaxValue, cancellation);
        IReadOnlyList<PartitionRow> files = [], sums = [];
        var areUsable = asOf is null && state.Partitions.All(row => row.SchemaVersion == view.Files.SchemaVersion);
        if (areUsable)
        {
            (files, sums) = await FilesAsync(store, tenant, view, state, usesSums: true, readsSums: true, fromNs, toNs, cancellation);
            if (!await AreThereAsync(store, files.Concat(sums), cancellation)) (areUsable, files, sums) = (false, [], []);
        }
        var removed = state.Processes.Where(process => process.IsRemoved).Select(process => process.ProcessId).ToHashSet();
        var stale = state.Processes.Where(process => !removed.Contains(process.ProcessId) && process.Covered is { } covered && (!areUsable || covered.MadeUnder != policies.NameOf(process.ProcessId)))
            .Select(process => process.ProcessId).ToHashSet();
        // Versions are those of the state: what comes later is left for the next query, of all processes alike.
        var versions = (asOf ?? VersionsOf(state)).Where(process => wanted?.Contains(process.Key) != false).ToDictionary();
        Guid[] anew = [.. versions.Keys.Where(id => policies.AskFor(id) && (asOf is not null || stale.Contains(id)))];
        if (anew.Length > Views.MostProcesses)
            throw new QueryException($"what policies ask for of {anew.Length} processes is not in the files of {view.Named.Name}{(asOf is null ? $": a service that runs builds them, or `legion materialize {view.Named.Name} --global`" : $", which are of no snapshot: a query of one reads at most {Views.MostProcesses} processes")}");
        var read = anew.Length == 0 ? [] : (await store.Catalog.ReadBlocksAsync(tenant, anew, cancellation)).Where(block => block.Arrival <= versions[block.ProcessId]);
        var behind = asOf is not null ? [] : state.Blocks.Concat(state.EarlierBlocks).Where(block => versions.ContainsKey(block.ProcessId) && policies.AskFor(block.ProcessId) && !stale.Contains(block.ProcessId));
        var blocks = await new BlockRows(store.Catalog, tenant, new BlockSource(store.Objects, store.Catalog, tenant)).OfViewAsync(view.Rows, [.. read.Concat(behind).DistinctBy(block => block.BlockId)], cancellation);
        if (blocks.Sum(block => (long)block.Events) > MostEvents) throw NotInFiles(view, blocks);
        return new GlobalReading(files, sums, blocks, [.. removed, .. stale], [], versions) { Policies = policies };
    }

    static QueryException NotInFiles(GlobalView view, IReadOnlyList<BlockRow> behind) =>
        new($"{behind.Sum(block => (long)block.Events):N0} events of {behind.Select(block => block.ProcessId).Distinct().Count()} processes are not in the files of {view.Named.Name} yet: a service that runs builds them, or `legion materialize {view.Named.Name} --global`");

    static Dictionary<Guid, long> VersionsOf(GlobalState state) => state.Processes.Where(process => !process.IsGone).ToDictionary(process => process.ProcessId, process => process.Version);

    static async Task<bool> AreThereAsync(LakeStore store, IEnumerable<PartitionRow> rows, CancellationToken cancellation) =>
        !(await Task.WhenAll(rows.Select(row => store.Objects.HasAsync(row.Path, cancellation)))).Contains(false);

    /// <summary>The files of rows that a query reads, and those of sums.</summary>
    /// <param name="usesSums">Whether sums of files count.</param>
    static async Task<(IReadOnlyList<PartitionRow> Files, IReadOnlyList<PartitionRow> Sums)> FilesAsync(
        LakeStore store, Tenant tenant, GlobalView view, GlobalState state, bool usesSums, bool readsSums, long fromNs, long toNs, CancellationToken cancellation)
    {
        var rollups = !usesSums ? [] : (await store.Catalog.ReadPartitionsAsync(tenant, view.Rollups.Name, [Guid.Empty], cancellation)).ToDictionary(row => row.Slot);
        var (files, sums) = (new List<PartitionRow>(), new List<PartitionRow>());
        foreach (var row in state.Partitions)
        {
            var isSummedUp = rollups.TryGetValue(row.Slot, out var summed) && GlobalBuild.IsSummedUp(view, row, summed);
            var own = isSummedUp ? summed! : row;
            var details = GlobalDetails.Of(own);
            // Rows are summed up to the begin of what sums them up, at most a day earlier.
            if (details.ToNs < fromNs || details.FromNs - (readsSums && !isSummedUp ? SlotCuts.DayNs : 0) > toNs) continue;
            (isSummedUp ? sums : files).Add(own);
        }
        return (files, sums);
    }
}

/// <summary>Local files of many processes that a query's engine reads.</summary>
/// <param name="Files">Of rows.</param>
/// <param name="Rollups">Of sums.</param>
/// <param name="Without">Processes whose rows and sums in them are left out.</param>
sealed record BoundGlobal(IReadOnlyList<string> Files, IReadOnlyList<string> Rollups, IReadOnlyCollection<Guid> Without);

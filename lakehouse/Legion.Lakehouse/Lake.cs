using Legion.Lakehouse.Sql;
using Legion.Lakehouse.Sql.Workers;
using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>
/// A lake, open for questions. Safe for use from several threads; several processes may have the same lake open.
/// </summary>
public sealed class Lake
{
    readonly QueryRunner runner;
    readonly TimeProvider time;
    readonly QueryAudit? audit;
    readonly FrozenPartitions? frozen;

    /// <summary>Opens a lake of one tenant.</summary>
    /// <param name="audit">Keeps what is asked; null: nobody does.</param>
    public Lake(LakeStore store, Tenant tenant = default, TimeProvider? time = null, QueryAudit? audit = null) : this(store, PartitionBuilder.ParserVersion, tenant, time, audit)
    {
    }

    /// <param name="parser">See <see cref="PartitionBuilder.ParserVersion"/>.</param>
    /// <param name="frozen">Of the processes that are to be as they were; null: all are as they are.</param>
    internal Lake(LakeStore store, int parser, Tenant tenant = default, TimeProvider? time = null, QueryAudit? audit = null, FrozenPartitions? frozen = null)
    {
        this.audit = audit;
        this.frozen = frozen;
        Store = store;
        Tenant = tenant;
        this.time = time ?? TimeProvider.System;
        Materializer = new Materializer(store, tenant, this.time, PartitionBuilder.WriteAsync, parser, frozen);
        Tail = new LiveTail(store, tenant, this.time, PartitionBuilder.WriteAsync);
        runner = new QueryRunner(store, tenant, Materializer, Tail, audit, frozen);
    }

    public LakeStore Store { get; }
    public Tenant Tenant { get; }
    internal Materializer Materializer { get; }

    /// <summary>Nanoseconds UTC.</summary>
    internal long NowNs => (time.GetUtcNow().UtcTicks - DateTime.UnixEpoch.Ticks) * TimeSpan.NanosecondsPerTick;

    /// <summary>What queries keep of processes that are being recorded.</summary>
    internal LiveTail Tail { get; }

    /// <summary>Opens the lake at <c>DIR</c>, <c>file:DIR</c> or <c>s3://bucket/prefix</c>, which must exist, with the catalog and S3 settings that the environment names.</summary>
    /// <exception cref="FormatException">The text, or the environment, names no lake.</exception>
    /// <exception cref="LakeNotFoundException">There is none.</exception>
    public static Lake Open(string location) => new(LakeStore.Open(LakeLocation.ParseWithEnvironment(location)));

    /// <summary>Answers one SELECT over the views; what it needs and is missing is built first.</summary>
    /// <exception cref="QueryException">The SQL is wrong, or asks for too much at once.</exception>
    /// <exception cref="NotInLakeException">A process it names is not in the lake.</exception>
    public Task<QueryResult> QueryAsync(string sql, QueryOptions? options = null, CancellationToken cancellation = default) =>
        runner.RunAsync(sql, options ?? new QueryOptions(), cancellation);

    /// <summary>The same in a process of its own, which can do nothing but that: for other people's SQL.</summary>
    /// <inheritdoc cref="QueryAsync(string, QueryOptions?, CancellationToken)"/>
    /// <exception cref="SqlBusyException">It waited for too long for its turn.</exception>
    public Task<WorkerResult> QueryAsync(string sql, SqlWorkers workers, QueryOptions? options = null, CancellationToken cancellation = default) =>
        runner.RunAsync(sql, options ?? new QueryOptions(), workers, cancellation);

    /// <summary>What a query would build and read, without building or reading it.</summary>
    public Task<QueryPlan> ExplainAsync(string sql, QueryOptions? options = null, CancellationToken cancellation = default) =>
        runner.ExplainAsync(sql, options ?? new QueryOptions(), cancellation);

    /// <summary>Gives a query a name, by which others read it as <c>FROM name</c>. One of this name is replaced.</summary>
    /// <param name="by">Who saves it.</param>
    /// <exception cref="QueryException">The name is none that SQL can say, or a view's; the SQL is no SELECT, or would use itself.</exception>
    public async Task<SavedQueryRow> SaveQueryAsync(string name, string sql, string by, CancellationToken cancellation = default)
    {
        if (!SavedQueryRow.IsName(name)) throw new QueryException($"cannot save a query as '{name}': expected letters, digits and underscores, {SavedQueryRow.MostNameLength} at most, and no digit first");
        if (Views.Find(name) is not null) throw new QueryException($"cannot save a query as '{name}': a view has this name");
        var row = new SavedQueryRow(name.ToLowerInvariant(), sql, NowNs, by);
        await runner.CheckAsync(row, cancellation);
        await Store.Catalog.SaveQueryAsync(Tenant, row, cancellation);
        return row;
    }

    /// <summary>The saved queries, in order of name.</summary>
    public Task<IReadOnlyList<SavedQueryRow>> ReadSavedQueriesAsync(CancellationToken cancellation = default) => Store.Catalog.ReadSavedQueriesAsync(Tenant, cancellation);

    /// <summary>The saved query of this name, in whichever case; null where there is none.</summary>
    public async Task<SavedQueryRow?> FindQueryAsync(string name, CancellationToken cancellation = default) =>
        (await ReadSavedQueriesAsync(cancellation)).FirstOrDefault(row => row.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Deletes a saved query; others that use it then fail.</summary>
    /// <returns>False where there is none of this name.</returns>
    public Task<bool> DeleteQueryAsync(string name, CancellationToken cancellation = default) => Store.Catalog.DeleteSavedQueryAsync(Tenant, name.ToLowerInvariant(), cancellation);

    /// <summary>Asks for sums of spans from now on, as <c>span_rollups</c> shows them.</summary>
    /// <param name="processFilter">SQL over the columns of <c>processes</c>; empty: of all processes.</param>
    /// <param name="spanFilter">SQL over name, target, file and line; empty: of all spans.</param>
    /// <param name="by">Who asks.</param>
    /// <exception cref="QueryException">A name or a condition is none, or there is a policy of this name.</exception>
    public async Task<PolicyRow> AddPolicyAsync(string name, string processFilter, string spanFilter, string by, CancellationToken cancellation = default)
    {
        if (!PolicyRow.IsName(name)) throw new QueryException($"cannot add a policy as '{name}': expected letters, digits, '_', '-' and '.', {PolicyRow.MostNameLength} at most, and first a letter, a digit or '_'");
        var row = new PolicyRow(name, processFilter.Trim(), spanFilter.Trim(), NowNs, by);
        PolicyCondition.Processes.Check(row.ProcessFilter);
        PolicyCondition.Spans.Check(row.SpanFilter);
        return await Store.Catalog.AddPolicyAsync(Tenant, row, cancellation) ? row
            : throw new QueryException($"cannot add a policy as '{name}': there is one of this name, which `legion lake policy remove {name}` removes");
    }

    /// <summary>Makes all partitions of a view current, of one process or of all.</summary>
    /// <exception cref="NotInLakeException">There is no such view or process.</exception>
    public async Task<BuildTotals> MaterializeAsync(string viewName, Guid? processId, IProgress<BuildProgress>? progress = null, CancellationToken cancellation = default)
    {
        var view = await FindViewAsync(viewName, cancellation);
        if (view.From is var (from, _)) view = from;
        if (view.Source == ViewSource.Rollups && GlobalView.Of(view) is { } global)
        {
            if (global.IsByPolicy) throw new NotInLakeException($"{view.Name} lies in files of many processes alone: `legion materialize {view.Name} --global` builds them");
            view = global.Rows;
        }
        if (view.Source == ViewSource.Catalog) return default;
        var ids = processId is { } id ? [(await FindProcessAsync(id, cancellation)).ProcessId]
            : (await Store.Catalog.ReadProcessesAsync(Tenant, null, cancellation)).Select(process => process.ProcessId).ToArray();
        var totals = default(BuildTotals);
        foreach (var one in ids) // one after the other: a process's block rows are all in memory
            foreach (var snapshot in await ReadSnapshotsAsync([one], cancellation))
                totals += (await Materializer.MaterializeAsync(view, snapshot, _ => true, progress, cancellation)).Totals;
        return totals;
    }

    /// <summary>Makes the files current that have a view's rows of many processes, and what sums them up.</summary>
    /// <returns>What was written; null where another program is about it.</returns>
    /// <exception cref="NotInLakeException">There is no such view, or it has no such files.</exception>
    public async Task<BuildTotals?> MaterializeGlobalAsync(string viewName, CancellationToken cancellation = default)
    {
        var view = GlobalView.Of(await FindViewAsync(viewName, cancellation))
            ?? throw new NotInLakeException($"there are no files of many processes of view '{viewName}' (views: {string.Join(", ", GlobalView.All.Select(one => one.Named.Name))})");
        return await new GlobalBuild(Store, Tenant, time).RunAsync(view, cancellation);
    }

    /// <summary>The process as the lake knows it now.</summary>
    /// <exception cref="NotInLakeException">There is none.</exception>
    public async Task<ProcessRow> FindProcessAsync(Guid processId, CancellationToken cancellation = default) =>
        (await Store.Catalog.ReadProcessesAsync(Tenant, [processId], cancellation)).FirstOrDefault()
        ?? throw new NotInLakeException($"there is no process '{processId}' in this lake: `legion processes` lists those there are");

    /// <summary>The version of the process as it is now, by which a <see cref="FrozenLake"/> has it as it is.</summary>
    /// <exception cref="NotInLakeException">There is no such process.</exception>
    public async Task<long> FindVersionAsync(Guid processId, CancellationToken cancellation = default)
    {
        await FindProcessAsync(processId, cancellation);
        return (await SnapshotAsync(processId, cancellation)).Version;
    }

    /// <summary>What of a process was there at a version, and was erased, or expired, since.</summary>
    /// <exception cref="NotInLakeException">There is no such process.</exception>
    public async Task<IReadOnlyList<GoneSince>> FindGoneAsync(Guid processId, long version, CancellationToken cancellation = default)
    {
        await FindProcessAsync(processId, cancellation);
        return GoneSince.Of(await SnapshotAsync(processId, cancellation), version);
    }

    /// <summary>The same lake with some processes as they were.</summary>
    internal Lake With(FrozenPartitions frozen) => new(Store, PartitionBuilder.ParserVersion, Tenant, time, audit, frozen);

    /// <summary>Of a process that is as it was, the arrival of its last block that counts; null: all do.</summary>
    public long? FrozenVersion(Guid processId) => frozen?.Versions.TryGetValue(processId, out var version) == true ? version : null;

    /// <summary>The process as questions see it.</summary>
    /// <exception cref="RemovedMeanwhileException">It is gone.</exception>
    internal async Task<ProcessSnapshot> SnapshotAsync(Guid processId, CancellationToken cancellation) =>
        (await ReadSnapshotsAsync([processId], cancellation)).FirstOrDefault() ?? throw new RemovedMeanwhileException(processId);

    Task<IReadOnlyList<ProcessSnapshot>> ReadSnapshotsAsync(IReadOnlyCollection<Guid> ids, CancellationToken cancellation) =>
        ProcessSnapshot.ReadAsync(Store.Catalog, Tenant, ids, cancellation, frozen?.Versions);

    async Task<View> FindViewAsync(string name, CancellationToken cancellation)
    {
        if (Views.Find(name) is { } view) return view;
        var types = (await Store.Catalog.ReadStreamsAsync(Tenant, null, cancellation)).Where(stream => stream.Class == Format.StreamClass.Other)
            .Select(stream => stream.Name).Distinct().ToArray();
        var prefix = Views.EventsSchema + ".";
        if (name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) && types.FirstOrDefault(type => type.Equals(name[prefix.Length..], StringComparison.OrdinalIgnoreCase)) is { } found)
            return Views.Events(found);
        var names = Views.All.Select(candidate => candidate.Name).Concat(types.Select(type => prefix + type)).ToArray();
        var nearest = NearestName.Of(name, names);
        throw new NotInLakeException($"there is no view '{name}'{(nearest is null ? "" : $": did you mean '{nearest}'?")} (views: {string.Join(", ", names)})");
    }
}

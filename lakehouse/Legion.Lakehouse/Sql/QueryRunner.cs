using System.Diagnostics;
using Legion.Format;
using Legion.Lakehouse.Sql.Workers;
using Legion.Store;

namespace Legion.Lakehouse.Sql;

/// <summary>Answers a query: reads from its SQL what it needs, makes that current, binds exactly those files, and runs it.</summary>
sealed class QueryRunner(LakeStore store, Tenant tenant, Materializer materializer, LiveTail tail, QueryAudit? audit, FrozenPartitions? frozen)
{
    /// <summary>Removals come from erasures and retention, one after the other: a query meets a few of them at most.</summary>
    const int MostAttempts = 4;

    /// <summary>Answers a query with an engine of this process.</summary>
    public Task<QueryResult> RunAsync(string sql, QueryOptions options, CancellationToken cancellation) => AskAsync(sql, options, async question =>
    {
        var engine = ReadyEngine.Take(options);
        var exportFile = Path.Combine(Path.GetTempPath(), $"legion-{Guid.NewGuid():N}.parquet");
        return new QueryResult(engine, await BindAsync(engine, sql, options, question, [exportFile], cancellation), exportFile);
    }, cancellation);

    /// <summary>Answers a query with an engine in a process of its own, which can do nothing but that.</summary>
    public Task<WorkerResult> RunAsync(string sql, QueryOptions options, SqlWorkers workers, CancellationToken cancellation) => AskAsync(sql, options, async question =>
    {
        var engine = await workers.TakeAsync($"{tenant.Name}/{options.Actor ?? audit?.Actor}", cancellation);
        using var _ = engine.EndsWhen(cancellation);
        return new WorkerResult(engine, await BindAsync(engine, sql, options, question, [], cancellation));
    }, cancellation);

    /// <summary>Asks until there is an answer. A caller that cancels has its thread back at once, whatever is being read, decoded or written then.</summary>
    async Task<T> AskAsync<T>(string sql, QueryOptions options, Func<AuditedQuestion, Task<T>> once, CancellationToken cancellation) where T : IDisposable
    {
        var question = new AuditedQuestion(audit, sql, options.Actor);
        var running = Task.Run(() => RunToEndAsync(question, once), cancellation);
        var answer = running.WaitAsync(cancellation);
        await ((Task)answer).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!answer.IsCompletedSuccessfully)
        {
            question.End(null, answer.Exception?.InnerException ?? new OperationCanceledException(cancellation));
            // What is in the middle of something that cannot be broken off ends by itself, and is let go then.
            _ = running.ContinueWith(Abandon, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
        return await answer;
    }

    static void Abandon<T>(Task<T> running) where T : IDisposable
    {
        if (running.IsCompletedSuccessfully) running.Result.Dispose();
        else _ = running.Exception; // it has been seen
    }

    static async Task<T> RunToEndAsync<T>(AuditedQuestion question, Func<AuditedQuestion, Task<T>> once)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await once(question);
            }
            catch (RemovedMeanwhileException) when (attempt < MostAttempts)
            {
                // What it was about to read is not there any more: it sees what is there now.
            }
        }
    }

    /// <summary>Binds what a query reads to its engine, which belongs to the result; where that fails it is let go.</summary>
    /// <param name="beside">Files that the engine may open beside what the query reads.</param>
    async Task<BoundQuery> BindAsync(IQueryEngine engine, string sql, QueryOptions options, AuditedQuestion question, IReadOnlyList<string> beside, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        AnalyzedQuery? analyzed = null;
        var older = new PrivatePartitions(store, tenant, PartitionBuilder.WriteAsync);
        var held = new HeldFiles(store.Objects);
        var own = new OwnTables();
        try
        {
            var asked = options.Snapshot is { } text ? QuerySnapshot.Parse(text) : null;
            var versions = asked?.Processes ?? frozen?.Versions;
            analyzed = await AnalyzeAsync(engine, sql, options, cancellation);
            var (parsed, blocks, catalog) = (analyzed.Parsed, analyzed.Blocks, analyzed.Catalog);
            ViewNeed[] needs = [.. analyzed.Needs.Where(need => need.View.Source is ViewSource.Blocks or ViewSource.Rollups)];
            var hidden = needs.Length == 0 && blocks.Count == 0 ? [] : await store.Catalog.FindHiddenAsync(tenant, cancellation);
            var wanted = new List<WantedView>();
            foreach (var need in needs) wanted.Add(options.ColumnsOnly ? new WantedView(need, SomeProcessesOf(need, catalog), null) : await WantAsync(need, catalog, asked, options.Range, hidden.Count > 0, cancellation));
            var planned = watch.Elapsed;

            var snapshots = (await ProcessSnapshot.ReadAsync(store.Catalog, tenant, wanted.SelectMany(item => item.Processes).ToHashSet(), cancellation, versions))
                .ToDictionary(snapshot => snapshot.Process.ProcessId);
            if (blocks.Count > 0) await new ParsedBlocks(store, tenant, blocks).CreateAsync(engine, hidden, cancellation);
            var totals = default(BuildTotals);
            // What is hidden is told by any column, and derived views name columns of their own.
            var named = hidden.Count == 0 && analyzed.Derived.Count == 0 ? NamedColumns.In(parsed.Node) : null;
            var partitionBytes = 0L;
            var allowed = new List<string>();
            if (wanted.Any(item => item.Need.View.EventType is not null)) engine.Execute($"CREATE SCHEMA {Views.EventsSchema}");
            foreach (var one in wanted)
            {
                var (need, sums) = (one.Rows, one.Need.View.Source == ViewSource.Rollups ? GlobalView.Of(one.Need.View) : null);
                var ofView = one.Processes.Where(snapshots.ContainsKey).Select(id => snapshots[id]).ToArray();
                var (rows, ends) = (new List<SlotsFile>(), new List<SlotsFile>());
                var (privateFiles, privateEnds) = (new List<BoundFile>(), new List<BoundFile>());
                foreach (var snapshot in ofView)
                {
                    var slots = options.ColumnsOnly ? [] : await SlotsOfAsync(snapshot, need, one.RowRange(options.Range), cancellation);
                    var compacted = await CompactedSlots.ReadAsync(store, tenant, need.View, snapshot.Process.ProcessId, slots.Count, cancellation);
                    var isKept = snapshot.IsNewest || frozen is not null;
                    var (current, built, files, live) = isKept
                        ? await MaterializeAsync(need.View, snapshot, slots, compacted, held, options.Progress, cancellation)
                        : await ReadOldAsync(need.View, snapshot, slots, compacted, older, cancellation);
                    totals += built;
                    if (!isKept) partitionBytes += built.BuiltBytes;
                    var filled = current.Where(partition => partition.Path.Length > 0).ToLookup(partition => slots[partition.Slot]);
                    rows.AddRange(compacted.FilesOf(filled[true]).Select(file => live is not null && (file.IsCompacted || file.Partition == live.Partition) ? file with { Reopened = live.Reopened } : file));
                    ends.AddRange(compacted.FilesOf(filled[false]));
                    foreach (var file in files) (slots[file.Slot] ? privateFiles : privateEnds).Add(BoundFile.Of(file));
                }
                partitionBytes += rows.Concat(ends).Sum(file => file.Partition.Bytes);
                var eventColumns = await EventColumnsAsync(need.View, ofView, cancellation);
                var bounds = RowBounds.Of(one.Need, options.Range);
                if (one.Global is { } reading && await older.WriteAsync(need.View, reading.Blocks, reading.Policies, cancellation) is { } newest) privateFiles.Add(BoundFile.Whole(newest));
                partitionBytes += one.Global is { } bound ? bound.Files.Concat(bound.Sums).Sum(partition => partition.Bytes) : 0;
                if (sums is not null)
                {
                    var (ofRows, ofSums) = (await HoldAsync(one.Global, held, null, RowBounds.None, cancellation), await held.AddAsync(one.Global?.Sums ?? [], null, bounds, cancellation));
                    BoundFile[] rowPaths = [.. await BoundAsync(rows, null, RowBounds.None), .. privateFiles];
                    allowed.AddRange([.. rowPaths.Select(file => file.Path), .. ofRows, .. ofSums]);
                    engine.Execute(ViewBinding.CreateRollups(sums, rowPaths, new BoundGlobal(ofRows, ofSums, one.Global?.Without ?? []), bounds, options.Range, hidden));
                    continue;
                }
                var columns = StoredColumns.Of(need.View, eventColumns, named, options.Range, bounds);
                if (columns is not null && one.Global is { Without.Count: > 0 }) columns = columns.Append("process_id").ToHashSet();
                BoundFile[] paths = [.. await BoundAsync(rows, columns, bounds), .. privateFiles];
                BoundFile[] endPaths = [.. await BoundAsync(ends, columns, bounds), .. privateEnds];
                var global = await HoldAsync(one.Global, held, columns, bounds, cancellation);
                allowed.AddRange(paths.Concat(endPaths).Select(file => file.Path).Concat(global));
                engine.Execute(ViewBinding.Create(need.View, paths, endPaths, eventColumns, bounds, options.Range, hidden, new BoundGlobal(global, [], one.Global?.Without ?? []),
                    one.Global is null && ofView.Length == 1 ? ofView[0].Process.ProcessId : null));

                async Task<IEnumerable<BoundFile>> BoundAsync(List<SlotsFile> files, IReadOnlySet<string>? columns, RowBounds bounds)
                {
                    // What a condition names is read, too, where not all rows are wanted.
                    var stored = columns?.Concat(files.SelectMany(BoundFile.ColumnsOf)).ToHashSet();
                    var local = await held.AddAsync([.. files.Select(file => file.Partition)], stored, bounds, cancellation);
                    return files.Zip(local, BoundFile.Of);
                }
            }
            foreach (var name in analyzed.OwnTables)
            {
                var path = await own.AddAsync(options.Tables.First(table => table.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value(), cancellation);
                allowed.Add(path);
                engine.Execute($"CREATE VIEW {DuckDb.Identifier(name)} AS SELECT * FROM read_parquet({DuckDb.Quote(path)}, hive_partitioning = false)");
            }
            foreach (var view in analyzed.Derived) engine.Execute($"CREATE VIEW {view.Name} AS {view.From!.Value.Sql}");
            var building = watch.Elapsed - planned;
            DuckDb.Confine(engine, allowed.Concat(beside));
            var parameters = QueryContext.Bind(parsed.Parameters, options.Parameters);
            var receipt = new Receipt
            {
                PartitionBytes = partitionBytes,
                Build = totals,
                Plan = planned,
                Building = building,
                NewestNs = snapshots.Values.Select(snapshot => snapshot.NewestNs).Concat(wanted.Select(one => one.Global?.NewestNs)).Max(),
                LostEvents = snapshots.Values.Sum(snapshot => snapshot.LostEvents),
                Snapshot = (asked ?? new QuerySnapshot(
                    VersionsOf(wanted, snapshots), wanted.ToDictionary(item => item.Need.View.Name, item => item.Need.View.SchemaVersion))).ToJson(),
                Gone = versions is null ? [] : FindGone(versions, catalog, snapshots),
            };
            return new BoundQuery(parsed, parameters, receipt, () =>
            {
                held.Dispose();
                older.Dispose();
                own.Dispose();
                question.End(receipt, receipt.Failure);
            });
        }
        catch (EngineException error)
        {
            engine.Dispose();
            held.Dispose();
            older.Dispose();
            own.Dispose();
            throw SqlParser.Explain(error, analyzed is null ? sql : analyzed.Parsed.Written);
        }
        catch
        {
            engine.Dispose();
            held.Dispose();
            older.Dispose();
            own.Dispose();
            throw;
        }
    }

    /// <summary>What of a view a query reads.</summary>
    /// <param name="Processes">Those that it reads slot by slot.</param>
    /// <param name="Global">What it reads of files of many processes; null: nothing.</param>
    sealed record WantedView(ViewNeed Need, HashSet<Guid> Processes, GlobalReading? Global)
    {
        /// <summary>Of sums, what is needed of the rows that they sum up.</summary>
        public ViewNeed Rows { get; } = Need.View.Source == ViewSource.Rollups ? Need.OfRows(GlobalView.Of(Need.View)!.Rows) : Need;

        /// <summary>The time of rows, where the one that is asked for is that of sums.</summary>
        public QueryRange RowRange(QueryRange asked) =>
            Need.View.Source == ViewSource.Rollups && asked.ToNs is { } to ? new QueryRange(asked.FromNs, ViewNeed.Later(to)) : asked;
    }

    /// <summary>Files of many processes answer where a query names none, or too many to read one by one; a snapshot is of single ones.</summary>
    async Task<WantedView> WantAsync(ViewNeed need, CatalogTables catalog, QuerySnapshot? asked, QueryRange range, bool hidesRows, CancellationToken cancellation)
    {
        var processes = ProcessesOf(need, catalog, asked);
        if (GlobalView.Of(need.View) is { IsByPolicy: true } sums) return new WantedView(need, [], await WantByPolicyAsync(need, sums, catalog, asked, range, cancellation));
        if (asked is null && frozen is null && (need.Processes is null || processes.Count > Views.MostProcesses) && GlobalView.Of(need.View) is { } view)
        {
            var from = Math.Max(need.FromNs, range.FromNs ?? long.MinValue);
            var to = Math.Min(Math.Min(need.ToNs, need.BeginToNs), range.ToNs ?? long.MaxValue);
            var reading = await GlobalReading.PlanAsync(store, tenant, view, need.Processes, need.View.Source == ViewSource.Rollups, hidesRows, from, to, cancellation);
            // Where nothing is in files yet, what few processes have is built for the next query, too.
            if (reading is not null && (reading.Files.Count + reading.Sums.Count > 0 || processes.Count > Views.MostProcesses)) return new WantedView(need, [.. reading.OneByOne], reading);
        }
        return processes.Count <= Views.MostProcesses ? new WantedView(need, processes, null)
            : throw new QueryException($"this reads {need.View.Name} of {processes.Count} processes, and a query reads at most {Views.MostProcesses}{(GlobalView.Of(need.View) is { } global ? $" where there are no files of many processes, which a service that runs builds, or `legion materialize {global.Rows.Name} --global`" : "")}: narrow it with `process_id = '...'` or `process_id IN (SELECT process_id FROM processes WHERE ... LIMIT {Views.MostProcesses})`");
    }

    /// <returns>Null where the query names no process at all.</returns>
    /// <exception cref="QueryException">No policy asks for anything, so that what there is not yet cannot be told from what nobody wants.</exception>
    async Task<GlobalReading?> WantByPolicyAsync(ViewNeed need, GlobalView view, CatalogTables catalog, QuerySnapshot? asked, QueryRange range, CancellationToken cancellation)
    {
        if (need.Processes is { Count: 0 }) return null;
        var policies = await SpanPolicies.ReadAsync(store, tenant, catalog.Processes, cancellation);
        if (!policies.AreThere)
            throw new QueryException($"no policy asks for sums of spans, so that {need.View.Name} has none: `legion lake policy add NAME` asks for those of all spans, and with --process and --spans for those of some");
        return await GlobalReading.PlanByPolicyAsync(store, tenant, view, need.Processes, policies, asked?.Processes, Math.Max(need.FromNs, range.FromNs ?? long.MinValue), Math.Min(need.ToNs, range.ToNs ?? long.MaxValue), cancellation);
    }

    static async Task<IReadOnlyList<string>> HoldAsync(GlobalReading? reading, HeldFiles held, IReadOnlySet<string>? columns, RowBounds bounds, CancellationToken cancellation) =>
        await held.AddAsync(reading?.Files ?? [], columns, bounds, cancellation);

    /// <summary>The version at which each process was read; where it was read twice, the older.</summary>
    static Dictionary<Guid, long> VersionsOf(IReadOnlyList<WantedView> wanted, IReadOnlyDictionary<Guid, ProcessSnapshot> snapshots)
    {
        var versions = snapshots.ToDictionary(item => item.Key, item => item.Value.Version);
        foreach (var (id, version) in wanted.SelectMany(one => one.Global?.Versions ?? new Dictionary<Guid, long>()))
            if (!versions.TryGetValue(id, out var known) || version < known) versions[id] = version;
        return versions;
    }

    async Task<(IReadOnlyList<PartitionRow> Partitions, BuildTotals Totals, IReadOnlyList<OwnFile> Files, TailReading? Live)> MaterializeAsync(
        View view, ProcessSnapshot snapshot, Dictionary<int, bool> slots, CompactedSlots compacted, HeldFiles held, IProgress<BuildProgress>? progress, CancellationToken cancellation)
    {
        var last = snapshot.IsNewest && snapshot.Slots.Count > 0 && slots.ContainsKey(snapshot.Slots[^1].Number) ? await tail.ReadAsync(view, snapshot, snapshot.Slots[^1], cancellation) : null;
        if (last is not null) held.Add(last);
        var (partitions, totals) = await materializer.MaterializeAsync(view, snapshot, slot => slots.ContainsKey(slot.Number) && slot.Number != last?.Partition.Slot, progress, cancellation, compacted.Has);
        return last is null ? (partitions, totals, [], null) : ([.. partitions, last.Partition], totals + last.Totals, [.. last.Files], last);
    }

    /// <summary>What has the rows of an older snapshot: partitions, and for all other slots files of its own.</summary>
    async Task<(IReadOnlyList<PartitionRow> Partitions, BuildTotals Totals, IReadOnlyList<OwnFile> Files, TailReading? Live)> ReadOldAsync(
        View view, ProcessSnapshot snapshot, Dictionary<int, bool> slots, CompactedSlots compacted, PrivatePartitions older, CancellationToken cancellation)
    {
        var (current, missing) = await materializer.PlanAsync(view, snapshot, slot => slots.ContainsKey(slot.Number), cancellation, compacted.Has);
        var totals = new BuildTotals(0, current.Count, 0, 0, 0);
        var files = new List<OwnFile>();
        foreach (var slot in missing)
        {
            var (file, built) = await older.BuildAsync(view, snapshot, slot, cancellation);
            totals += built;
            if (file is not null) files.Add(new OwnFile(slot.Number, file, []));
        }
        return (current, totals, files, null);
    }

    /// <summary>Processes of a snapshot that are not there any more, and slots of the others of which something went.</summary>
    static IReadOnlyList<GoneSince> FindGone(IReadOnlyDictionary<Guid, long> versions, CatalogTables catalog, IReadOnlyDictionary<Guid, ProcessSnapshot> snapshots)
    {
        var there = catalog.Processes.Select(process => process.ProcessId).ToHashSet();
        var gone = versions.Keys.Where(id => !there.Contains(id)).Order().Select(id => new GoneSince(id, null)).ToList();
        foreach (var (id, snapshot) in snapshots)
            if (versions.TryGetValue(id, out var version)) gone.AddRange(GoneSince.Of(snapshot, version));
        return gone;
    }

    /// <summary>What the query would build and read.</summary>
    public async Task<QueryPlan> ExplainAsync(string sql, QueryOptions options, CancellationToken cancellation)
    {
        using var connection = DuckDb.Open(options);
        var analyzed = await AnalyzeAsync(new InProcessEngine(connection), sql, options, cancellation);
        var asked = options.Snapshot is { } text ? QuerySnapshot.Parse(text) : null;
        var planned = new List<PlannedView>();
        foreach (var need in analyzed.Needs)
        {
            if (need.View.Source == ViewSource.Catalog)
            {
                planned.Add(new PlannedView(need.View.Name, [], 0));
                continue;
            }
            var hidden = await store.Catalog.FindHiddenAsync(tenant, cancellation);
            var one = await WantAsync(need, analyzed.Catalog, asked, options.Range, hidden.Count > 0, cancellation);
            var plan = await PlanAsync(one.Rows, one.Processes, one.RowRange(options.Range), asked, cancellation) with { View = need.View.Name };
            PartitionRow[] files = [.. one.Global?.Files ?? [], .. one.Global?.Sums ?? []];
            planned.Add(plan with
            {
                Slots = plan.Slots + files.Length,
                Current = plan.Current + files.Length,
                PartitionBytes = plan.PartitionBytes + files.Sum(file => file.Bytes),
                BlockBytes = plan.BlockBytes + (one.Global?.Blocks.Sum(block => (long)block.Bytes) ?? 0),
                Files = one.Global is null ? null : files.Length,
                EstimatedRows = plan.EstimatedRows + files.Sum(file => file.Rows) + (one.Global?.Blocks.Sum(block => (long)block.Events) ?? 0),
            });
        }
        return new QueryPlan(planned, await new ParsedBlocks(store, tenant, analyzed.Blocks).FindAsync(cancellation), analyzed.SavedQueries);
    }

    async Task<PlannedView> PlanAsync(ViewNeed need, IReadOnlyCollection<Guid> processes, QueryRange range, QuerySnapshot? asked, CancellationToken cancellation)
    {
        var planned = new PlannedView(need.View.Name, [.. processes], 0);
        foreach (var snapshot in await ProcessSnapshot.ReadAsync(store.Catalog, tenant, processes, cancellation, asked?.Processes ?? frozen?.Versions))
        {
            var slots = await SlotsOfAsync(snapshot, need, range, cancellation);
            var (current, missing) = await materializer.PlanAsync(need.View, snapshot, slot => slots.ContainsKey(slot.Number), cancellation);
            var blocks = missing.SelectMany(slot => PartitionBuilder.BlocksOf(need.View, snapshot, slot)).ToArray();
            planned = planned with
            {
                Slots = planned.Slots + current.Count + missing.Count,
                Current = planned.Current + current.Count,
                PartitionBytes = planned.PartitionBytes + current.Sum(partition => partition.Bytes),
                BlockBytes = planned.BlockBytes + blocks.Sum(block => (long)block.Bytes),
                // A span is two events.
                EstimatedRows = planned.EstimatedRows + current.Sum(partition => partition.Rows) + blocks.Sum(block => (long)block.Events) / (need.View == Views.Spans ? 2 : 1),
            };
        }
        return planned;
    }

    /// <summary>Parses a query that is to be saved, with all that it would use.</summary>
    /// <exception cref="QueryException">It is no SELECT, or would use itself.</exception>
    public async Task CheckAsync(SavedQueryRow query, CancellationToken cancellation)
    {
        using var connection = DuckDb.Open(new QueryOptions());
        var parser = new SqlParser(new InProcessEngine(connection));
        parser.Parse(query.Sql);
        var others = (await store.Catalog.ReadSavedQueriesAsync(tenant, cancellation)).Where(row => row.Name != query.Name);
        new SavedQueries(others.Append(query), parser).Expand(parser.Parse($"FROM {DuckDb.Identifier(query.Name)}"));
    }

    sealed record AnalyzedQuery(ParsedSql Parsed, IReadOnlyList<ViewNeed> Needs, IReadOnlyCollection<View> Derived, IReadOnlyList<ParsedBlock> Blocks, CatalogTables Catalog, IReadOnlyCollection<SavedQueryRow> SavedQueries, IReadOnlyCollection<string> OwnTables);

    async Task<AnalyzedQuery> AnalyzeAsync(IQueryEngine engine, string sql, QueryOptions options, CancellationToken cancellation)
    {
        // In one transaction now() stands still, so that the query asks for the times that were read from its SQL.
        engine.Execute("BEGIN TRANSACTION");
        var parser = new SqlParser(engine);
        var saved = new SavedQueries(await store.Catalog.ReadSavedQueriesAsync(tenant, cancellation), parser);
        var parsed = saved.Expand(parser.Parse(sql));
        var catalog = await CatalogTables.ReadAsync(store, tenant, cancellation);
        var names = SyntaxTree.Tables(parsed.Node).Where(table => table.Schema is null).Select(table => table.Name).Distinct(StringComparer.OrdinalIgnoreCase);
        foreach (var name in names)
            if (Views.Find(name) is { Source: ViewSource.Catalog } view && !options.Tables.Keys.Contains(name, StringComparer.OrdinalIgnoreCase)) await catalog.CreateAsync(engine, view, cancellation);
        SqlFunctions.Create(engine, parsed.Node);
        var analysis = new QueryAnalysis(new QueryContext(engine, parser, catalog, options.Parameters, saved.Names, options.Tables.Keys, cancellation));
        return new AnalyzedQuery(parsed, analysis.Analyze(parsed.Node), analysis.Derived, analysis.Blocks, catalog, saved.Used, analysis.OwnTables);
    }

    static HashSet<Guid> ProcessesOf(ViewNeed need, CatalogTables catalog, QuerySnapshot? asked)
    {
        var view = need.View;
        asked?.Require(view);
        if (need.Processes is null && view.NeedsProcess)
            throw new QueryException($"{view.Name} is read per process: add `WHERE process_id = '...'`, or `process_id IN (SELECT process_id FROM processes WHERE ...)`; conditions behind OR, outer joins and subqueries do not count, and `->>` takes a condition beside it as its own unless it stands in parentheses");
        var processes = need.Processes;
        if (processes is null)
        {
            processes = catalog.Processes.Select(process => process.ProcessId).ToHashSet();
            if (view.EventType is { } type)
                processes.IntersectWith(catalog.Streams.Where(stream => stream.Class == StreamClass.Other && stream.Name == type).Select(stream => stream.ProcessId));
        }
        if (asked is not null) processes = processes.Where(asked.Processes.ContainsKey).ToHashSet();
        return processes;
    }

    /// <summary>Processes whose event types say what columns there are, the newest; views of other events have the same for every process.</summary>
    static HashSet<Guid> SomeProcessesOf(ViewNeed need, CatalogTables catalog)
    {
        if (need.View.EventType is not { } type) return [];
        var having = catalog.Streams.Where(stream => stream.Class == StreamClass.Other && stream.Name == type).Select(stream => stream.ProcessId).ToHashSet();
        if (need.Processes is { } named) having.IntersectWith(named);
        return [.. catalog.Processes.Where(process => having.Contains(process.ProcessId)).OrderByDescending(process => process.StartNs).Take(Views.MostProcesses).Select(process => process.ProcessId)];
    }

    /// <summary>
    /// The slots to be read, by number: true for those whose rows may answer, false for those that may hold the end of a row without one.
    /// A span's row lies where it ends, so that of later slots those are read in which one ends that was open at the end of the time asked for.
    /// An async end comes after its begin, so that it lies in no slot that was over before the first of the others began.
    /// </summary>
    async Task<Dictionary<int, bool>> SlotsOfAsync(ProcessSnapshot snapshot, ViewNeed need, QueryRange range, CancellationToken cancellation)
    {
        // The blocks of two threads time one moment a little differently, as each follows the clock it measured.
        const long ClockErrorNs = 1_000_000_000;
        var (from, to, beginTo) = (Math.Max(need.FromNs, range.FromNs ?? long.MinValue), need.ToNs, need.BeginToNs);
        if (range.ToNs is { } exclusive)
        {
            if (need.View.TimeColumn == "time_ns") to = Math.Min(to, exclusive);
            else if (need.View.Lasts) beginTo = Math.Min(beginTo, exclusive);
        }
        // Rows that lie within their slot begin in it.
        if (need.View == Views.SpanStats || need.View == Views.CallTree) to = Math.Min(to, beginTo);
        Slot[] asked = [.. snapshot.Slots.Where(slot => slot.LastNs >= from && slot.FirstNs <= to)];
        if (need.View == Views.Spans && beginTo < long.MaxValue && asked.Any(slot => slot.FirstNs > beginTo))
        {
            var ends = await new SpanEnds(new BlockSource(store.Objects, store.Catalog, tenant), snapshot).SlotsAsync(beginTo, cancellation);
            asked = [.. asked.Where(slot => slot.FirstNs <= beginTo || ends.Contains(slot.Number))];
        }
        var slots = asked.ToDictionary(slot => slot.Number, _ => true);
        if (need.View.EndedBy is null || asked.Length == 0) return slots;
        var firstNs = asked.Min(slot => slot.FirstNs);
        foreach (var slot in snapshot.Slots.Where(slot => slot.LastNs >= firstNs - ClockErrorNs)) slots.TryAdd(slot.Number, false);
        return slots;
    }

    async Task<IReadOnlyList<EventColumn>> EventColumnsAsync(View view, IEnumerable<ProcessSnapshot> snapshots, CancellationToken cancellation)
    {
        if (view.EventType is null) return [];
        var schemas = new List<Schema>();
        var hashes = snapshots.OrderBy(snapshot => snapshot.Process.StartNs)
            .SelectMany(snapshot => PartitionBuilder.InOrder(snapshot.Slots.SelectMany(slot => PartitionBuilder.BlocksOf(view, snapshot, slot))))
            .Select(block => block.Schema).Distinct();
        foreach (var hash in hashes)
            if (await store.Catalog.ReadSchemaAsync(tenant, hash, cancellation) is { } schema) schemas.Add(schema);
        return EventColumn.Unite(view.EventType, schemas);
    }
}

using System.Diagnostics;
using DuckDB.NET.Data;
using Legion.Format;
using Legion.Store;

namespace Legion.Lakehouse.Sql;

/// <summary>Answers a query: reads from its SQL what it needs, makes that current, binds exactly those files, and runs it.</summary>
sealed class QueryRunner(LakeStore store, Tenant tenant, Materializer materializer)
{
    /// <summary>Removals come from erasures and retention, one after the other: a query meets a few of them at most.</summary>
    const int MostAttempts = 4;

    public async Task<QueryResult> RunAsync(string sql, QueryOptions options, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await RunOnceAsync(sql, options, cancellation);
            }
            catch (RemovedMeanwhileException) when (attempt < MostAttempts)
            {
                // What it was about to read is not there any more: it sees what is there now.
            }
        }
    }

    async Task<QueryResult> RunOnceAsync(string sql, QueryOptions options, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        var connection = DuckDb.Open();
        var held = new HeldFiles(store.Objects);
        try
        {
            var (parsed, needs, catalog) = await AnalyzeAsync(connection, sql, options, cancellation);
            var wanted = needs.Where(need => need.View.Source == ViewSource.Blocks).Select(need => (Need: need, Processes: options.ColumnsOnly ? SomeProcessesOf(need, catalog) : ProcessesOf(need, catalog))).ToArray();
            var planned = watch.Elapsed;

            var snapshots = (await ProcessSnapshot.ReadAsync(store.Catalog, tenant, wanted.SelectMany(item => item.Processes).ToHashSet(), cancellation))
                .ToDictionary(snapshot => snapshot.Process.ProcessId);
            var hidden = wanted.Length == 0 ? [] : await store.Catalog.FindHiddenAsync(tenant, cancellation);
            var totals = default(BuildTotals);
            var named = hidden.Count == 0 ? NamedColumns.In(parsed.Node) : null; // what is hidden is told by any column
            var partitionBytes = 0L;
            if (wanted.Any(item => item.Need.View.EventType is not null)) DuckDb.Execute(connection, $"CREATE SCHEMA {Views.EventsSchema}");
            foreach (var (need, processes) in wanted)
            {
                var own = processes.Where(snapshots.ContainsKey).Select(id => snapshots[id]).ToArray();
                var (rows, ends) = (new List<PartitionRow>(), new List<PartitionRow>());
                foreach (var snapshot in own)
                {
                    var slots = options.ColumnsOnly ? [] : SlotsOf(snapshot, need, options.Range);
                    var (current, built) = await materializer.MaterializeAsync(need.View, snapshot, slot => slots.ContainsKey(slot.Number), options.Progress, cancellation);
                    totals += built;
                    partitionBytes += current.Sum(partition => partition.Bytes);
                    foreach (var partition in current.Where(partition => partition.Path.Length > 0))
                        (slots[partition.Slot] ? rows : ends).Add(partition);
                }
                var eventColumns = await EventColumnsAsync(need.View, own, cancellation);
                var bounds = RowBounds.Of(need, options.Range);
                var columns = StoredColumns.Of(need.View, eventColumns, named, options.Range, bounds);
                var paths = await held.AddAsync(rows, columns, bounds, cancellation);
                var endPaths = await held.AddAsync(ends, columns, bounds, cancellation);
                DuckDb.Execute(connection, ViewBinding.Create(need.View, paths, endPaths, eventColumns, bounds, options.Range, hidden));
            }
            var building = watch.Elapsed - planned;
            var exportFile = Path.Combine(Path.GetTempPath(), $"legion-{Guid.NewGuid():N}.parquet");
            DuckDb.Confine(connection, held.Paths.Append(exportFile));

            var command = connection.CreateCommand();
            command.CommandText = sql;
            QueryContext.Bind(command, parsed.Parameters, options.Parameters);
            return new QueryResult(connection, command, sql, new Receipt
            {
                PartitionBytes = partitionBytes,
                Build = totals,
                Plan = planned,
                Building = building,
                NewestNs = snapshots.Values.SelectMany(snapshot => snapshot.Slots).Max(slot => (long?)slot.LastNs),
                LostEvents = snapshots.Values.Sum(snapshot => snapshot.LostEvents),
            }, exportFile, held.Dispose);
        }
        catch (DuckDBException error)
        {
            connection.Dispose();
            held.Dispose();
            throw SqlParser.Explain(error, sql);
        }
        catch
        {
            connection.Dispose();
            held.Dispose();
            throw;
        }
    }

    /// <summary>What the query would read.</summary>
    public async Task<IReadOnlyList<PlannedView>> ExplainAsync(string sql, QueryOptions options, CancellationToken cancellation)
    {
        using var connection = DuckDb.Open();
        var (_, needs, catalog) = await AnalyzeAsync(connection, sql, options, cancellation);
        var planned = new List<PlannedView>();
        foreach (var need in needs)
        {
            if (need.View.Source == ViewSource.Catalog)
            {
                planned.Add(new PlannedView(need.View.Name, [], 0));
                continue;
            }
            var processes = ProcessesOf(need, catalog);
            var snapshots = await ProcessSnapshot.ReadAsync(store.Catalog, tenant, processes, cancellation);
            planned.Add(new PlannedView(need.View.Name, [.. processes], snapshots.Sum(snapshot =>
            {
                var slots = SlotsOf(snapshot, need, options.Range);
                return snapshot.Slots.Count(slot => slots.ContainsKey(slot.Number) && PartitionBuilder.BlocksOf(need.View, snapshot, slot).Any());
            })));
        }
        return planned;
    }

    async Task<(ParsedSql, IReadOnlyList<ViewNeed>, CatalogTables)> AnalyzeAsync(DuckDBConnection connection, string sql, QueryOptions options, CancellationToken cancellation)
    {
        // In one transaction now() stands still, so that the query asks for the times that were read from its SQL.
        DuckDb.Execute(connection, "BEGIN TRANSACTION");
        var parser = new SqlParser(connection);
        var parsed = parser.Parse(sql);
        var catalog = await CatalogTables.ReadAsync(store, tenant, cancellation);
        var names = SyntaxTree.Tables(parsed.Node).Where(table => table.Schema is null).Select(table => table.Name).Distinct(StringComparer.OrdinalIgnoreCase);
        foreach (var name in names)
            if (Views.Find(name) is { Source: ViewSource.Catalog } view) await catalog.CreateAsync(connection, view, cancellation);
        return (parsed, new QueryAnalysis(new QueryContext(connection, parser, catalog, options.Parameters)).Analyze(parsed.Node), catalog);
    }

    static HashSet<Guid> ProcessesOf(ViewNeed need, CatalogTables catalog)
    {
        var view = need.View;
        if (need.Processes is null && view.NeedsProcess)
            throw new QueryException($"{view.Name} is read per process: add `WHERE process_id = '...'`, or `process_id IN (SELECT process_id FROM processes WHERE ...)`; conditions behind OR, outer joins and subqueries do not count");
        var processes = need.Processes;
        if (processes is null)
        {
            processes = catalog.Processes.Select(process => process.ProcessId).ToHashSet();
            if (view.EventType is { } type)
                processes.IntersectWith(catalog.Streams.Where(stream => stream.Class == StreamClass.Other && stream.Name == type).Select(stream => stream.ProcessId));
        }
        return processes.Count <= Views.MostProcesses ? processes
            : throw new QueryException($"this reads {view.Name} of {processes.Count} processes, and a query reads at most {Views.MostProcesses}: narrow it with `process_id = '...'` or `process_id IN (SELECT process_id FROM processes WHERE ... LIMIT {Views.MostProcesses})`");
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
    /// An end comes after its begin, so that it lies in no slot that was over before the first of the others began.
    /// </summary>
    static Dictionary<int, bool> SlotsOf(ProcessSnapshot snapshot, ViewNeed need, QueryRange range)
    {
        // The blocks of two threads time one moment a little differently, as each follows the clock it measured.
        const long ClockErrorNs = 1_000_000_000;
        var asked = snapshot.Slots.Where(slot => Overlaps(slot, need, range)).ToArray();
        var slots = asked.ToDictionary(slot => slot.Number, _ => true);
        if (need.View.EndedBy is null || asked.Length == 0) return slots;
        var firstNs = asked.Min(slot => slot.FirstNs);
        foreach (var slot in snapshot.Slots.Where(slot => slot.LastNs >= firstNs - ClockErrorNs)) slots.TryAdd(slot.Number, false);
        return slots;
    }

    /// <summary>Whether rows of the slot may answer. A span's row lies where it ends, so that it begins before the slot's last moment, however early.</summary>
    static bool Overlaps(Slot slot, ViewNeed need, QueryRange range)
    {
        var from = Math.Max(need.FromNs, range.FromNs ?? long.MinValue);
        var to = need.ToNs;
        if (range.ToNs is { } exclusive && need.View.TimeColumn == "time_ns") to = Math.Min(to, exclusive);
        return slot.LastNs >= from && slot.FirstNs <= to;
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

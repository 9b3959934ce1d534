using Apache.Arrow;
using Legion.Format;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Lakehouse.Tiles;
using Legion.Lakehouse.Timeline;
using Legion.Store;
using Microsoft.Data.Analysis;

namespace Legion.Notebook;

/// <summary>
/// A connected lake: what the magics do, as methods. <c>#!legion connect LAKE -> lake</c> gives it to C#.
/// Safe for use from several threads.
/// </summary>
[TypeFormatterSource(typeof(DisplayFormatters), PreferredMimeTypes = [MimeType.Plain])]
public sealed class NotebookLake : IDisplayForms
{
    /// <summary>The charts' width, where the front end's is not known: what a notebook's column has.</summary>
    const int UsualWidthPixels = 1200;

    /// <summary>Of a flame cell in a report's file, tiles as base64 and what lies beside them.</summary>
    const int MostReportBytes = 2 << 20;

    /// <summary>Of it, what lies beside the spans.</summary>
    const int MostTimelineBytes = 384 << 10;

    /// <summary>Of a flame cell in a notebook's file, beside an image of 200 KB: a cell that can ask needs nothing of it.</summary>
    const int MostSavedBytes = 512 << 10;

    const int MostSavedTimelineBytes = 128 << 10;

    /// <summary>Of a cell in a mode that merges spans, these.</summary>
    const int MostMergedBytes = 768 << 10;

    const int MostSavedMergedBytes = 128 << 10;

    readonly SpanTiles _tiles;
    readonly SpanSelections _selections;
    readonly ProcessTimeline _timeline;
    readonly CallPaths _callPaths;
    readonly AsyncTimeline _async;

    public NotebookLake(Lake lake)
    {
        Lake = lake;
        _tiles = new SpanTiles(lake);
        _selections = new SpanSelections(lake);
        _timeline = new ProcessTimeline(lake);
        _callPaths = new CallPaths(lake, _tiles);
        _async = new AsyncTimeline(lake);
    }

    public Lake Lake { get; }

    /// <summary>Address of a viewer of this lake, for links; null: results have none.</summary>
    public Uri? Viewer { get; init; }

    public string Location => Lake.Store.Location.ToString();

    /// <exception cref="FormatException">The text names no lake.</exception>
    /// <exception cref="LakeNotFoundException">There is none.</exception>
    /// <remarks>What is asked of it is written down in the catalog, each as soon as it has its answer.</remarks>
    /// <param name="location">A folder, file:FOLDER or s3://BUCKET/PREFIX.</param>
    /// <param name="catalog">Where its catalog is, as mysql://user:password@host:port/database; null: what the environment names.</param>
    /// <param name="create">Makes a lake where there is none.</param>
    public static NotebookLake Open(string location, Uri? viewer = null, string? catalog = null, bool create = false)
    {
        var at = LakeLocation.Parse(location, catalog ?? LakeLocation.DefaultCatalog, S3Settings.FromEnvironment);
        var store = create ? LakeStore.OpenOrCreate(at) : LakeStore.Open(at);
        return new(new Lake(store, audit: new QueryAudit(store.Catalog, Tenant.Default, TimeProvider.System))) { Viewer = viewer };
    }

    /// <summary>The rows of one SELECT over the views of the lake.</summary>
    /// <exception cref="QueryException">The SQL is wrong, or asks for too much at once.</exception>
    /// <exception cref="NotInLakeException">A process it names is not in the lake.</exception>
    /// <param name="limit">At most so many rows; null: all.</param>
    public async Task<SqlAnswer> SqlAsync(string sql, QueryOptions? options = null, long? limit = null, CancellationToken cancel = default)
    {
        using var result = await Lake.QueryAsync(sql, options, cancel);
        var (frame, hasMore) = await DataFrames.FromArrowAsync(result.ReadBatchesAsync(cancel), limit, cancel);
        return new(frame, result.Receipt) { HasMore = hasMore };
    }

    /// <summary>What a query would build and read, without building or reading it.</summary>
    /// <exception cref="QueryException">The SQL is wrong.</exception>
    /// <exception cref="NotInLakeException">A process it names is not in the lake.</exception>
    public async Task<PlanView> ExplainAsync(string sql, QueryOptions? options = null, CancellationToken cancel = default) => new(await Lake.ExplainAsync(sql, options, cancel));

    /// <summary>How much is in the lake, and how current it is.</summary>
    public Task<TableView> StatusAsync(CancellationToken cancel = default) => new LakeReading(Lake).StatusAsync(cancel);

    /// <summary>The views of the lake, or the columns of one with their types, units and meanings.</summary>
    /// <exception cref="NotInLakeException">There is no such view or saved query.</exception>
    public Task<TableView> SchemaAsync(string? view = null, CancellationToken cancel = default) => new LakeReading(Lake).SchemaAsync(view, cancel);

    /// <summary>Finds log texts, metrics and processes of the whole lake.</summary>
    public Task<TableView> FindAsync(FindQuery query, CancellationToken cancel = default) => new LakeReading(Lake).FindAsync(query, cancel);

    /// <summary>Metrics of a process over time.</summary>
    /// <exception cref="NotInLakeException">There is no such process, or no such metric in it.</exception>
    /// <exception cref="QueryException">An aggregate is none, or there are more lines than anybody tells apart.</exception>
    public Task<Series> MetricsAsync(Guid process, MetricQuery? query = null, CancellationToken cancel = default) => new MetricReading(Lake, process, query ?? new()).SeriesAsync(cancel);

    /// <summary>The metrics of a process to choose from and to look at: in the live cell all of them, over any time.</summary>
    /// <exception cref="NotInLakeException">There is no such process, or nothing was measured in this time of it.</exception>
    public Task<MetricExplorer> MetricExplorerAsync(Guid process, ExplorerQuery? query = null, CancellationToken cancel = default) => new ExplorerReading(Lake, _timeline, process, query ?? new()).ReadAsync(Viewer, cancel);

    /// <summary>How many samples of one metric had which value, over time.</summary>
    /// <exception cref="NotInLakeException">There is no such process, or no such metric in it.</exception>
    /// <exception cref="QueryException">The query names several metrics.</exception>
    public Task<Heatmap> HeatmapAsync(Guid process, MetricQuery query, CancellationToken cancel = default) => new MetricReading(Lake, process, query).HeatmapAsync(cancel);

    /// <summary>Sums over the spans of a process by name, those of most time first.</summary>
    /// <exception cref="NotInLakeException">There is no such process.</exception>
    public Task<TableView> StatsAsync(Guid process, StatsQuery? query = null, CancellationToken cancel = default) => new SpanReading(Lake, _selections, process).StatsAsync(query ?? new(), cancel);

    /// <summary>How long the spans of a name took, or which values a metric had.</summary>
    /// <exception cref="NotInLakeException">There is no such process, or neither spans nor a metric of this name in this time of it.</exception>
    public async Task<Histogram> HistogramAsync(Guid process, string name, QueryRange range = default, CancellationToken cancel = default)
    {
        await Lake.FindProcessAsync(process, cancel);
        var spans = new SpanReading(Lake, _selections, process);
        return await spans.HistogramAsync(name, range, cancel)
            ?? await new MetricReading(Lake, process, new() { Names = [name], Range = range }).HistogramAsync(cancel)
            ?? throw new NotInLakeException($"there is neither a span nor a metric '{name}' in this time of this process{NearestName.Suggestion(name, await spans.NamesAsync(range, cancel))}");
    }

    /// <summary>Who calls whom in a process, those calls of most time first.</summary>
    /// <exception cref="NotInLakeException">There is no such process, or no such span in it.</exception>
    public Task<CallGraph> GraphAsync(Guid process, GraphQuery? query = null, CancellationToken cancel = default) => new GraphReading(Lake, process).ReadAsync(query ?? new(), cancel);

    /// <summary>A row for each text with its holes in the log of a process, and how often it came.</summary>
    /// <exception cref="NotInLakeException">There is no such process.</exception>
    public Task<TableView> LogPatternsAsync(Guid process, LogQuery? query = null, CancellationToken cancel = default) => new LogReading(Lake, process, query ?? new()).PatternsAsync(cancel);

    /// <summary>Appends a file to the lake: a recording, export requests of OpenTelemetry in JSON, or JSON trace events of Chrome.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is none of these.</exception>
    /// <remarks>What the variable LEGION_REDACT names is not stored.</remarks>
    public async Task<ImportedFile> ImportAsync(string path, CancellationToken cancel = default) =>
        new(path, await new FileImport(Lake.Store, TimeProvider.System, await RedactionRules.ReadAsync(null, Lake.Store, cancel)).AppendAsync(path, cancel));

    /// <summary>Writes a process into a file of another tool; one of that name is replaced once the new one is whole.</summary>
    /// <param name="view">For rows: of which view; null: spans.</param>
    /// <param name="range">Only what lies in this time.</param>
    /// <exception cref="NotInLakeException">There is no such process.</exception>
    /// <exception cref="QueryException">There is no such view.</exception>
    public Task ExportAsync(Guid process, ExportFormat format, string path, string? view = null, QueryRange range = default, CancellationToken cancel = default) =>
        ProcessExport.WriteAsync(Lake, process, format, path, view, range, cancel);

    /// <summary>Writes a DataFrame into a file; one of that name is replaced once the new one is whole.</summary>
    /// <param name="format">Of rows: Parquet or CSV.</param>
    /// <exception cref="ArgumentException">The format is none of rows, or the frame has no columns, or two of one name.</exception>
    public async Task ExportAsync(DataFrame frame, ExportFormat format, string path, CancellationToken cancel = default)
    {
        var tables = new Dictionary<string, Func<RecordBatch>> { [nameof(frame)] = () => FrameBatch.Of(frame) };
        using var rows = await Lake.QueryAsync($"SELECT * FROM {nameof(frame)}", new QueryOptions { Tables = tables }, cancel);
        await ProcessExport.WriteAsync(rows, format, path, cancel);
    }

    /// <summary>Processes, newest first.</summary>
    /// <exception cref="QueryException">The condition is none.</exception>
    public async Task<ProcessList> ProcessesAsync(ProcessQuery? query = null, CancellationToken cancel = default)
    {
        query ??= new();
        // On lines of its own, so that a comment at its end ends there.
        var where = query.Where is null ? "" : $"AND (\n{query.Where}\n)";
        var sql = $"""
            SELECT process_id, exe, computer, "user", start_ns, coalesce(end_ns, last_seen_ns), coalesce(end_reason, 'running'), properties, parent_process_id
            FROM processes
            WHERE last_seen_ns >= $since
              AND ($search = '' OR contains(lower(concat_ws(' ', process_id, exe, computer, "user", os, end_reason, properties)), lower($search)))
              {where}
            ORDER BY start_ns DESC, process_id
            LIMIT $take
            """;
        using var result = await Lake.QueryAsync(sql, new QueryOptions
        {
            Parameters = new Dictionary<string, object?> { ["since"] = query.SeenSinceNs ?? long.MinValue, ["search"] = query.Search, ["take"] = query.Limit },
        }, cancel);
        using var rows = result.ReadRows(cancel);
        var processes = new List<LakeProcess>();
        while (rows.Read())
            processes.Add(new()
            {
                ProcessId = Guid.Parse(rows.Text(0)),
                Exe = rows.Text(1),
                Computer = rows.Text(2),
                User = rows.Text(3),
                StartNs = rows.Int64(4),
                EndNs = rows.Int64(5),
                State = rows.Text(6),
                Properties = rows.Text(7),
                Parent = rows.IsNull(8) ? null : Guid.Parse(rows.Text(8)),
            });
        return new(processes, query.Tree, result.Receipt);
    }

    /// <summary>Lines of a process's log in the order of time.</summary>
    /// <exception cref="NotInLakeException">There is no such process.</exception>
    public Task<LogView> LogsAsync(Guid process, LogQuery? query = null, CancellationToken cancel = default) => new LogReading(Lake, process, query ?? new()).LinesAsync(cancel);

    /// <summary>Spans of a process as a flame chart.</summary>
    /// <exception cref="NotInLakeException">There is no such process, or no thread, counter or function of this name in it.</exception>
    /// <exception cref="QueryException">A part of the process has more spans than are merged at once.</exception>
    public async Task<FlameView> FlameAsync(Guid process, FlameQuery? query = null, CancellationToken cancel = default)
    {
        query ??= new();
        await Lake.FindProcessAsync(process, cancel);
        // Tiles need all spans of the process. This asks for them first, because it can be told apart in its receipt and its progress.
        var (spans, receipt) = await CountAsync(new QueryOptions { Progress = query.Progress });
        if (query.Range is not { FromNs: null, ToNs: null })
            (spans, _) = await CountAsync(new QueryOptions { Range = query.Range });

        var manifest = await _tiles.ManifestAsync(process, cancel);
        var tiles = new FlameTiles(_tiles, manifest, query.Threads);
        var timeline = await FlameTimeline.ReadAsync(_timeline, _async, process, query, cancel);
        if (tiles.IsPart && !timeline.HasAsync && tiles.Manifest.Groups.All(group => group.Streams.Count == 0))
            throw new NotInLakeException($"there is no thread '{query.Threads}' in this process: it has {string.Join(", ", manifest.Groups.SelectMany(group => group.Streams).Select(stream => stream.Name).Distinct())}", nameof(query.Threads));
        // Of a process whose spans are async ones, all its events.
        var (beginNs, endNs) = manifest.Groups.Any(group => group.Streams.Any(stream => stream.Depth > 0)) ? (manifest.BeginNs, manifest.EndNs) : (manifest.FirstNs, manifest.LastNs);
        var range = new TimeRange(query.Range.FromNs ?? beginNs, query.Range.ToNs is { } to ? to - 1 : endNs);
        var merged = await FlameMerged.ReadAsync(_callPaths, tiles, range, query, cancel);
        return new(
            await CellAsync(MostReportBytes, MostTimelineBytes, MostMergedBytes), await CellAsync(MostSavedBytes, MostSavedTimelineBytes, MostSavedMergedBytes), timeline, merged,
            new FlameQuestions(new ProcessSpans(Lake), tiles, timeline, merged, _selections), range, spans, query, Viewer, receipt);

        async Task<(long Spans, Receipt Receipt)> CountAsync(QueryOptions options)
        {
            using var result = await Lake.QueryAsync("SELECT count(*) FROM spans WHERE process_id = $process", options with { Parameters = new Dictionary<string, object?> { ["process"] = process } }, cancel);
            var count = 0L;
            using (var rows = result.ReadRows(cancel))
                while (rows.Read())
                    count = rows.Int64(0);
            return (count, result.Receipt);
        }

        // What lies beside the spans first: tiles take what is left, of four letters three bytes.
        async Task<FlameCell> CellAsync(int mostBytes, int mostTimelineBytes, int mostMergedBytes)
        {
            var beside = await timeline.SavedAsync(range, spans, mostTimelineBytes, cancel);
            var ofPaths = merged.Saved(mostMergedBytes);
            return new(await tiles.ViewAsync(range, UsualWidthPixels, (mostBytes - beside.Json.Length - ofPaths.Length) / 4 * 3, cancel), beside, ofPaths);
        }
    }

    public override string ToString() => $"lake {Location}";

    string? IDisplayForms.Form(string mimeType) => mimeType == MimeType.Plain ? ToString() : null;
}

/// <summary>Which processes.</summary>
public sealed record ProcessQuery
{
    /// <summary>A text in any of their fields or properties; case counts nothing.</summary>
    public string Search { get; init; } = "";

    /// <summary>Those that were heard of at this time or later, nanoseconds UTC; null: all.</summary>
    public long? SeenSinceNs { get; init; }

    /// <summary>SQL over the columns of the view processes, which must be true; null: all.</summary>
    public string? Where { get; init; }

    /// <summary>Parents before their children, which are indented.</summary>
    public bool Tree { get; init; }

    public long Limit { get; init; } = 200;
}

/// <summary>Which part of a process's spans, and how to draw it.</summary>
public sealed record FlameQuery
{
    /// <summary>The view; without it, the whole process.</summary>
    public QueryRange Range { get; init; }

    /// <summary>Only threads whose names match, with * and ?; async spans are the thread <c>async</c>. Null: all.</summary>
    public string? Threads { get; init; }

    /// <summary>
    /// How spans are laid out: by time, or merged by their call paths. Of a span that lies in the view in part, merged ones count that part;
    /// one that is open counts up to the newest time known.
    /// </summary>
    public FlameMode Mode { get; init; }

    /// <summary>The function in the middle of a sandwich, by its whole name; null: the one of most self time in the view. Other modes have no use for it.</summary>
    public string? Function { get; init; }

    /// <summary>What the colour of a span tells.</summary>
    public FlameColor Color { get; init; }

    /// <summary>Shows metrics whose names match, with * and ?, over the threads; null: frames only, where the process has any.</summary>
    public string? Counters { get; init; }

    /// <summary>Shows log entries of this level and those above over the threads; null: none.</summary>
    public Level? Logs { get; init; }

    /// <summary>Of log entries, those of this level without the levels above.</summary>
    public bool OnlyThisLevel { get; init; }

    /// <summary>Height of the live chart; null: its own.</summary>
    public int? HeightPixels { get; init; }

    /// <summary>Told while partitions are built.</summary>
    public IProgress<BuildProgress>? Progress { get; init; }
}

using Legion.Format;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Lakehouse.Tiles;
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

    /// <summary>As base64 two megabytes in a report's file.</summary>
    const int MostTileBytes = (2 << 20) / 4 * 3;

    /// <summary>As base64 half a megabyte in the notebook's file, beside an image of a fifth: a cell that can ask needs none of them.</summary>
    const int MostSavedTileBytes = (512 << 10) / 4 * 3;

    readonly SpanTiles _tiles;

    public NotebookLake(Lake lake)
    {
        Lake = lake;
        _tiles = new SpanTiles(lake);
    }

    public Lake Lake { get; }

    /// <summary>Address of a viewer of this lake, for links; null: results have none.</summary>
    public Uri? Viewer { get; init; }

    public string Location => Lake.Store.Location.ToString();

    /// <param name="location">A folder, or file:FOLDER.</param>
    /// <exception cref="FormatException">The text names no lake.</exception>
    /// <exception cref="LakeNotFoundException">There is none.</exception>
    /// <remarks>What is asked of it is written down in the catalog, each as soon as it has its answer.</remarks>
    public static NotebookLake Open(string location, Uri? viewer = null)
    {
        var store = LakeStore.Open(LakeLocation.ParseWithEnvironment(location));
        return new(new Lake(store, audit: new QueryAudit(store.Catalog, Tenant.Default, TimeProvider.System))) { Viewer = viewer };
    }

    /// <summary>The rows of one SELECT over the views of the lake.</summary>
    /// <exception cref="QueryException">The SQL is wrong, or asks for too much at once.</exception>
    /// <exception cref="NotInLakeException">A process it names is not in the lake.</exception>
    public async Task<SqlAnswer> SqlAsync(string sql, QueryOptions? options = null, CancellationToken cancel = default)
    {
        using var result = await Lake.QueryAsync(sql, options, cancel);
        return new(await DataFrames.FromArrowAsync(result.ReadBatchesAsync(cancel), cancel), result.Receipt);
    }

    /// <summary>Processes, newest first.</summary>
    public async Task<ProcessList> ProcessesAsync(ProcessQuery? query = null, CancellationToken cancel = default)
    {
        query ??= new();
        const string Sql = """
            SELECT process_id, exe, computer, "user", start_ns, coalesce(end_ns, last_seen_ns), coalesce(end_reason, 'running'), properties
            FROM processes
            WHERE last_seen_ns >= $since
              AND ($search = '' OR contains(lower(concat_ws(' ', process_id, exe, computer, "user", os, end_reason, properties)), lower($search)))
            ORDER BY start_ns DESC, process_id
            LIMIT $take
            """;
        using var result = await Lake.QueryAsync(Sql, new QueryOptions
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
            });
        return new(processes, result.Receipt);
    }

    /// <summary>Lines of a process's log in the order of time.</summary>
    /// <exception cref="NotInLakeException">There is no such process.</exception>
    public async Task<LogView> LogsAsync(Guid process, LogQuery? query = null, CancellationToken cancel = default)
    {
        query ??= new();
        await Lake.FindProcessAsync(process, cancel);
        const string Sql = $"SELECT time_ns, level, thread, target, message FROM log_entries WHERE {LogPages.Condition} ORDER BY {LogPages.Order} LIMIT $take";
        var parameters = LogPages.Parameters(process, query);
        parameters["take"] = query.Limit + 1L;
        using var result = await Lake.QueryAsync(Sql, new QueryOptions
        {
            Parameters = parameters,
            Range = query.Range,
            Progress = query.Progress,
        }, cancel);
        using var rows = result.ReadRows(cancel);
        var lines = new List<LogLine>();
        var pages = new LogPages(Lake, process, query, result.Receipt.Snapshot);
        while (rows.Read())
        {
            if (lines.Count == query.Limit)
                return new(process, lines, hasMore: true, pages, result.Receipt);
            lines.Add(new(rows.Int64(0), rows.Text(1), rows.Text(2), rows.Text(3), rows.Text(4)));
        }
        return new(process, lines, hasMore: false, pages, result.Receipt);
    }

    /// <summary>Spans of a process as a flame chart.</summary>
    /// <exception cref="NotInLakeException">There is no such process, or no thread of this name in it.</exception>
    public async Task<FlameView> FlameAsync(Guid process, FlameQuery? query = null, CancellationToken cancel = default)
    {
        query ??= new();
        await Lake.FindProcessAsync(process, cancel);
        // Tiles need all spans of the process. This asks for them first, because it can be told apart in its receipt and its progress.
        using var result = await Lake.QueryAsync(
            "SELECT count_if(begin_ns < $to AND (end_ns IS NULL OR end_ns >= $from))::BIGINT FROM spans WHERE process_id = $process",
            new QueryOptions
            {
                Parameters = new Dictionary<string, object?>
                {
                    ["process"] = process,
                    ["from"] = query.Range.FromNs ?? long.MinValue,
                    ["to"] = query.Range.ToNs ?? long.MaxValue,
                },
                Progress = query.Progress,
            }, cancel);
        var spans = 0L;
        using (var rows = result.ReadRows(cancel))
            while (rows.Read())
                spans = rows.Int64(0);

        var manifest = await _tiles.ManifestAsync(process, cancel);
        var range = new TimeRange(query.Range.FromNs ?? manifest.BeginNs, query.Range.ToNs is { } to ? to - 1 : manifest.EndNs);
        var tiles = new FlameTiles(_tiles, manifest, query.Threads);
        if (tiles.IsPart && tiles.Manifest.Groups.All(group => group.Streams.Count == 0))
            throw new NotInLakeException($"there is no thread '{query.Threads}' in this process: it has {string.Join(", ", manifest.Groups.SelectMany(group => group.Streams).Select(stream => stream.Name).Distinct())}");
        var view = await tiles.ViewAsync(range, UsualWidthPixels, MostTileBytes, cancel);
        var saved = await tiles.ViewAsync(range, UsualWidthPixels, MostSavedTileBytes, cancel);
        return new(view, saved, new FlameQuestions(Lake, tiles), range, spans, query.HeightPixels, Viewer, result.Receipt);
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

    public long Limit { get; init; } = 200;
}

/// <summary>Which lines of a log.</summary>
public sealed record LogQuery
{
    public Level Level { get; init; } = Level.Trace;

    /// <summary>Without the levels above.</summary>
    public bool OnlyThisLevel { get; init; }

    /// <summary>A text in message or target; case counts nothing.</summary>
    public string Grep { get; init; } = "";

    public QueryRange Range { get; init; }

    public long Limit { get; init; } = 200;

    /// <summary>Told while partitions are built.</summary>
    public IProgress<BuildProgress>? Progress { get; init; }
}

/// <summary>Which part of a process's spans, and how to draw it.</summary>
public sealed record FlameQuery
{
    /// <summary>The view; without it, the whole process.</summary>
    public QueryRange Range { get; init; }

    /// <summary>Only threads whose names match, with * and ?; null: all.</summary>
    public string? Threads { get; init; }

    /// <summary>Height of the live chart; null: its own.</summary>
    public int? HeightPixels { get; init; }

    /// <summary>Told while partitions are built.</summary>
    public IProgress<BuildProgress>? Progress { get; init; }
}

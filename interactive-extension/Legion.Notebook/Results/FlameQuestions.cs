using System.Globalization;
using System.Text.Json.Nodes;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;

namespace Legion.Notebook;

/// <summary>What a flame cell may ask: tiles of any view, one span, spans by name, what lies beside the spans, spans merged by call path. The forms of all but the first are those of the viewer's JSON.</summary>
sealed class FlameQuestions(Lake lake, FlameTiles tiles, FlameTimeline timeline, FlameMerged merged)
{
    // Far more than a screen shows; a question is answered in one message.
    const int MostTiles = 2048;
    const int MostHits = 1000;

    public async Task<LiveAnswer> AnswerAsync(CellMessage question, CancellationToken cancel)
    {
        if (question.Has("tiles"))
            return await TilesAsync(question.Texts("tiles", MostTiles), cancel);
        if (question.Has("span"))
            return await SpanAsync(question.Object("span"), cancel);
        if (question.Has("find"))
            return await FindAsync(question.Object("find"), cancel);
        if (question.Has("beside"))
            return await timeline.AnswerAsync(question.Object("beside"), cancel);
        if (question.Has("series"))
            return await timeline.SeriesAsync(cancel);
        if (question.Has("merged"))
            return await merged.AnswerAsync(question.Object("merged"), cancel);
        throw new FormatException("expected a question for tiles, span, find, beside, series or merged");
    }

    /// <summary><c>{"tiles": [0, null, 1]}</c>: of each tile the index of its buffer; null where there is none.</summary>
    async Task<LiveAnswer> TilesAsync(IReadOnlyList<string> names, CancellationToken cancel)
    {
        var found = await Task.WhenAll(names.Select(name => Task.Run(() => tiles.TileAsync(name, cancel), cancel)));
        var buffers = new List<ReadOnlyMemory<byte>>();
        var indexes = new JsonArray();
        foreach (var tile in found)
        {
            indexes.Add(tile is null ? null : (JsonNode)buffers.Count);
            if (tile is { } bytes)
                buffers.Add(bytes);
        }
        return new(new JsonObject { ["tiles"] = indexes }, buffers);
    }

    /// <summary><c>{"span": {...}}</c>, or null where there is no such span.</summary>
    async Task<LiveAnswer> SpanAsync(CellMessage span, CancellationToken cancel)
    {
        var (stream, id) = (span.Id("stream_id"), span.Long("span_id"));
        using var result = await lake.QueryAsync(
            """
            SELECT parent_id, depth::BIGINT, begin_ns, end_ns, self_ns, name, target, file, line::BIGINT, thread, properties, truncated
            FROM spans WHERE process_id = $process AND stream_id = $stream AND span_id = $span LIMIT 1
            """,
            new QueryOptions { Parameters = new Dictionary<string, object?> { ["process"] = tiles.Manifest.ProcessId, ["stream"] = stream, ["span"] = id } }, cancel);
        using var rows = result.ReadRows(cancel);
        if (!rows.Read())
            return new(new JsonObject { ["span"] = null });
        var (beginNs, endNs) = (rows.Int64(2), rows.IsNull(3) ? (long?)null : rows.Int64(3));
        return new(new JsonObject
        {
            ["span"] = new JsonObject
            {
                ["stream_id"] = stream.ToString(),
                ["span_id"] = Decimal(id),
                ["parent_id"] = rows.IsNull(0) ? null : Decimal(rows.Int64(0)),
                ["depth"] = rows.Int64(1),
                ["begin_ns"] = Decimal(beginNs),
                ["end_ns"] = endNs is { } end ? Decimal(end) : null,
                ["duration_ns"] = Decimal(endNs - beginNs ?? OpenFor(beginNs, result.Receipt)),
                ["self_ns"] = rows.IsNull(4) ? null : Decimal(rows.Int64(4)),
                ["name"] = rows.Text(5),
                ["target"] = rows.Text(6),
                ["file"] = rows.Text(7),
                ["line"] = rows.Int64(8),
                ["thread"] = rows.Text(9),
                ["properties"] = JsonNode.Parse(rows.Text(10)),
                ["truncated"] = rows[11] is true,
            },
        });
    }

    /// <summary><c>{"hits": [...], "total": 3}</c> of spans whose name contains the text, whatever its case, in order of begin.</summary>
    async Task<LiveAnswer> FindAsync(CellMessage find, CancellationToken cancel)
    {
        var text = find.Text("text");
        if (text.Length == 0)
            throw new FormatException("expected text to find, saw none");
        var fromNs = find.Has("from_ns") ? find.Long("from_ns") : (long?)null;
        // Ids, so that they need no quoting beyond their own form.
        var shown = tiles.IsPart ? $"AND stream_id IN ({string.Join(", ", tiles.Manifest.Groups.SelectMany(group => group.Streams).Select(stream => $"'{stream.StreamId}'"))})" : "";
        using var result = await lake.QueryAsync(
            $"""
            WITH hits AS NOT MATERIALIZED (
              SELECT stream_id, span_id, name, begin_ns, duration_ns, depth::BIGINT AS depth
              FROM spans WHERE process_id = $process AND begin_ns >= $from AND contains(lower(name), lower($text)) {shown})
            SELECT stream_id, span_id, name, begin_ns, duration_ns, depth, (SELECT count(*) FROM hits)
            FROM hits ORDER BY begin_ns, depth, stream_id, span_id LIMIT $limit
            """,
            new QueryOptions
            {
                Parameters = new Dictionary<string, object?>
                {
                    ["process"] = tiles.Manifest.ProcessId, ["text"] = text, ["from"] = fromNs ?? long.MinValue, ["limit"] = find.Number("limit", 1, MostHits),
                },
                Range = new QueryRange(fromNs, null),
            }, cancel);
        using var rows = result.ReadRows(cancel);
        var hits = new JsonArray();
        var total = 0L;
        while (rows.Read())
        {
            var beginNs = rows.Int64(3);
            total = rows.Int64(6);
            hits.Add(new JsonObject
            {
                ["stream_id"] = rows.Text(0),
                ["span_id"] = Decimal(rows.Int64(1)),
                ["name"] = rows.Text(2),
                ["begin_ns"] = Decimal(beginNs),
                ["duration_ns"] = Decimal(rows.IsNull(4) ? OpenFor(beginNs, result.Receipt) : rows.Int64(4)),
                ["depth"] = rows.Int64(5),
            });
        }
        return new(new JsonObject { ["hits"] = hits, ["total"] = total });
    }

    /// <summary>How long a span has been open at the newest time known.</summary>
    static long OpenFor(long beginNs, Receipt receipt) => Math.Max(0, (receipt.NewestNs ?? beginNs) - beginNs);

    static string Decimal(long number) => number.ToString(CultureInfo.InvariantCulture);
}

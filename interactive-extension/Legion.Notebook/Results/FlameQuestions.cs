using System.Text.Json;
using System.Text.Json.Nodes;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Lakehouse.Timeline;

namespace Legion.Notebook;

/// <summary>What a flame cell may ask: tiles of any view, one span and its links, spans by name and where there are how many, what lies beside the spans, spans merged by call path, statistics of a time. The forms of all but the first are those of the viewer's JSON.</summary>
sealed class FlameQuestions(ProcessSpans spans, FlameTiles tiles, FlameTimeline timeline, FlameMerged merged, SpanSelections selections)
{
    // Far more than a screen shows; a question is answered in one message.
    const int MostTiles = 2048;
    const int MostHits = 1000;

    Guid Process => tiles.Manifest.ProcessId;

    /// <summary>The threads that the cell shows; null: all.</summary>
    IReadOnlyList<Guid>? Shown => tiles.IsPart ? [.. tiles.Manifest.Groups.SelectMany(group => group.Streams).Select(stream => stream.StreamId)] : null;

    public async Task<LiveAnswer> AnswerAsync(CellMessage question, CancellationToken cancel)
    {
        if (question.Has("tiles"))
            return await TilesAsync(question.Texts("tiles", MostTiles), cancel);
        if (question.Has("span"))
            return await SpanAsync(question.Object("span"), cancel);
        if (question.Has("links"))
            return await LinksAsync(question.Object("links"), cancel);
        if (question.Has("find"))
            return await FindAsync(question.Object("find"), cancel);
        if (question.Has("density"))
            return await DensityAsync(question.Object("density"), cancel);
        if (question.Has("beside"))
            return await timeline.AnswerAsync(question.Object("beside"), cancel);
        if (question.Has("series"))
            return await timeline.SeriesAsync(cancel);
        if (question.Has("merged"))
            return await merged.AnswerAsync(question.Object("merged"), cancel);
        if (question.Has("statistics"))
            return await StatisticsAsync(question.Object("statistics"), cancel);
        throw new FormatException("expected a question for tiles, span, links, find, density, beside, series, merged or statistics");
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
        Action<Utf8JsonWriter>? write = span.Text("stream_id") == ProcessSpans.AsyncStream
            ? await spans.DescribeAsync(Process, span.Unsigned("span_id"), cancel) is { } found ? found.WriteTo : null
            : await spans.DescribeAsync(Process, span.Id("stream_id"), span.Long("span_id"), cancel) is { } ofThread ? ofThread.WriteTo : null;
        return LiveAnswer.Of(json =>
        {
            json.WriteStartObject();
            json.WritePropertyName("span");
            if (write is null)
                json.WriteNullValue();
            else
                write(json);
            json.WriteEndObject();
        });
    }

    /// <summary><c>{"links": [...], "left_out": 0}</c> of a span, also to threads that are not shown.</summary>
    async Task<LiveAnswer> LinksAsync(CellMessage span, CancellationToken cancel) => LiveAnswer.Of((span.Text("stream_id") == ProcessSpans.AsyncStream
        ? await spans.LinksAsync(Process, span.Unsigned("span_id"), cancel)
        : await spans.LinksAsync(Process, span.Id("stream_id"), span.Long("span_id"), cancel)).WriteTo);

    /// <summary><c>{"step_ns": "1000", "bins": [[3, 1]]}</c> of spans whose name contains the text, whatever its case.</summary>
    async Task<LiveAnswer> DensityAsync(CellMessage asked, CancellationToken cancel)
    {
        var text = asked.Text("text");
        if (text.Length == 0)
            throw new FormatException("expected text to find, saw none");
        return LiveAnswer.Of((await spans.DensityAsync(Process, text, WindowOf(asked), Shown, timeline.HasAsync, cancel)).WriteTo);
    }

    /// <summary><c>{"hits": [...], "total": 3}</c> of spans whose name contains the text, whatever its case, in order of begin.</summary>
    async Task<LiveAnswer> FindAsync(CellMessage find, CancellationToken cancel)
    {
        var text = find.Text("text");
        if (text.Length == 0)
            throw new FormatException("expected text to find, saw none");
        var range = new QueryRange(find.Has("from_ns") ? find.Long("from_ns") : null, null);
        return LiveAnswer.Of((await spans.FindAsync(Process, text, range, find.Number("limit", 1, MostHits), Shown, timeline.HasAsync, cancel)).WriteTo);
    }

    /// <summary><c>{"statistics": {...}}</c> of the spans of the threads that are shown.</summary>
    async Task<LiveAnswer> StatisticsAsync(CellMessage asked, CancellationToken cancel)
    {
        var window = WindowOf(asked);
        var statistics = new StatisticsWindow(window, await selections.ReadAsync(Process, window.FromNs, window.ToNs, Shown, cancel));
        return LiveAnswer.Of(json =>
        {
            json.WriteStartObject();
            json.WritePropertyName("statistics");
            statistics.WriteTo(json);
            json.WriteEndObject();
        });
    }

    static TimeWindow WindowOf(CellMessage asked)
    {
        var (fromNs, toNs) = (asked.Long("from_ns"), asked.Long("to_ns"));
        return TimeWindow.Of(fromNs, toNs) ?? throw new FormatException($"expected from_ns from 0 and to_ns after it, saw {fromNs} and {toNs}");
    }
}

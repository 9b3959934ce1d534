using System.Buffers;
using System.Globalization;
using System.IO.Enumeration;
using System.Text.Json;
using System.Text.Json.Nodes;
using Legion.Format;
using Legion.Lakehouse;
using Legion.Lakehouse.Timeline;

namespace Legion.Notebook;

/// <summary>What a flame chart has on its time axis beside the spans of threads: async spans, frames, counters, log entries and markers. Its forms are those of the viewer's JSON.</summary>
sealed class FlameTimeline
{
    /// <summary>As many as fit above the threads of a small screen: a cell offers the others.</summary>
    const int MostCounters = 6;

    /// <summary>Series of frames that are shown without being asked for.</summary>
    const int MostFrames = 2;

    /// <summary>What a report carries has fewer steps than what is asked for: it is one view, not three.</summary>
    const int SavedSteps = 600;

    /// <summary>Markers and async spans are read from the blocks of the spans, once more: of more spans than these, they are read when a cell asks.</summary>
    const long MostSpansWithMarkers = 5_000_000;

    /// <summary>Levels are four apart, for the shades between them.</summary>
    const int SeveritiesOfLevel = 4;

    readonly ProcessTimeline _timeline;
    readonly AsyncTimeline _async;
    readonly Guid _process;
    readonly FlameQuery _query;
    readonly IReadOnlyList<TimelineSeries> _shown;

    FlameTimeline(ProcessTimeline timeline, AsyncTimeline async, Guid process, FlameQuery query, IReadOnlyList<TimelineSeries> shown, int leftOut)
    {
        _timeline = timeline;
        _async = async;
        _process = process;
        _query = query;
        _shown = shown;
        LeftOut = leftOut;
    }

    /// <summary>Names of the series that are shown, those of frames first.</summary>
    public IReadOnlyList<string> Counters => [.. _shown.Select(series => series.Name)];

    /// <summary>Series that match, too, and are not shown.</summary>
    public int LeftOut { get; }

    /// <summary>Whether async spans are shown: as one more thread, whose name is <c>async</c>.</summary>
    public bool HasAsync => _query.Threads is not { } glob || FileSystemName.MatchesSimpleExpression(glob, ProcessSpans.AsyncStream, ignoreCase: true);

    /// <exception cref="NotInLakeException">There is no metric of this name in the process.</exception>
    public static async Task<FlameTimeline> ReadAsync(ProcessTimeline timeline, AsyncTimeline async, Guid process, FlameQuery query, CancellationToken cancel)
    {
        if (query.Counters is not { } glob)
            return new(timeline, async, process, query, [.. (await timeline.FramesAsync(process, cancel)).Take(MostFrames)], leftOut: 0);
        var all = await timeline.SeriesAsync(process, cancel);
        var matching = all.Where(series => FileSystemName.MatchesSimpleExpression(glob, series.Name, ignoreCase: true)).ToList();
        if (matching.Count == 0)
            throw new NotInLakeException(all.Count == 0
                ? "there is no counter in this process: it has measured nothing"
                : $"there is no counter '{glob}' in this process{NearestName.Suggestion(glob, all.Select(series => series.Name))} (counters: {string.Join(", ", all.Select(series => series.Name).Take(20))}{(all.Count > 20 ? ", ..." : "")})", nameof(query.Counters));
        var frames = all.Where(series => series.IsOfFrames).Take(MostFrames).ToList();
        var wanted = frames.Concat(matching.Except(frames)).ToList();
        return new(timeline, async, process, query, [.. wanted.Take(MostCounters)], Math.Max(0, wanted.Count - MostCounters));
    }

    /// <summary>What a cell's model has of a view, as fine as it fits.</summary>
    /// <param name="spans">Of the view.</param>
    public async Task<SavedTimeline> SavedAsync(TimeRange range, long spans, int mostBytes, CancellationToken cancel)
    {
        var end = range.EndNs < long.MaxValue ? range.EndNs + 1 : range.EndNs;
        if (TimeWindow.Of(range.BeginNs, end) is { } window)
        {
            var hasFew = spans <= MostSpansWithMarkers;
            for (var steps = SavedSteps; steps > 0; steps /= 2)
            {
                var beside = await ReadAsync(window, new(Counters, HasAsync && hasFew, _query.Logs is not null, hasFew), Fineness.Saved(steps), cancel);
                var json = ToJson(range, beside);
                if (json.Length <= mostBytes)
                    return new(json, beside.Async);
            }
        }
        return new(ToJson(range, new(null, null, null, null)), null);
    }

    /// <summary><c>{"series": [...]}</c>: what can be shown.</summary>
    public async Task<LiveAnswer> SeriesAsync(CancellationToken cancel)
    {
        var all = await _timeline.SeriesAsync(_process, cancel);
        return LiveAnswer.Of(json =>
        {
            json.WriteStartObject();
            json.WritePropertyName("series");
            TimelineSeries.WriteTo(json, all);
            json.WriteEndObject();
        });
    }

    /// <summary>
    /// To <c>{"from_ns": "1", "to_ns": "9", "async": true, "counters": ["queue"], "logs": true, "markers": true}</c>, of which each of the last four may be missing,
    /// the answer has those that were asked for.
    /// </summary>
    public async Task<LiveAnswer> AnswerAsync(CellMessage asked, CancellationToken cancel)
    {
        var (fromNs, toNs) = (asked.Long("from_ns"), asked.Long("to_ns"));
        if (TimeWindow.Of(fromNs, toNs) is not { } window)
            throw new FormatException($"expected from_ns from 0 and to_ns after it, saw {fromNs} and {toNs}");
        var names = asked.Has("counters") ? asked.Texts("counters", ProcessTimeline.MostNames) : [];
        var beside = await ReadAsync(window, new(names, HasAsync && asked.Has("async"), asked.Has("logs"), asked.Has("markers")), Fineness.Asked, cancel);
        return LiveAnswer.Of(beside.WriteTo);
    }

    /// <summary>What is wanted of a window.</summary>
    readonly record struct Wanted(IReadOnlyList<string> Counters, bool Async, bool Logs, bool Markers);

    /// <summary>In how many steps a window is read, and how many async spans are given one by one.</summary>
    readonly record struct Fineness(int SeriesSteps, int MarkSteps, int AsyncSteps, int MostAsyncSpans)
    {
        public static Fineness Asked => new(ProcessTimeline.SeriesSteps, ProcessTimeline.MarkSteps, AsyncTimeline.Steps, AsyncTimeline.MostSpans);

        public static Fineness Saved(int steps) => new(steps, steps / 2 + 1, steps, steps);
    }

    async Task<Beside> ReadAsync(TimeWindow window, Wanted wanted, Fineness fineness, CancellationToken cancel)
    {
        var least = (int)(_query.Logs ?? Level.Trace);
        var most = _query.OnlyThisLevel ? least + SeveritiesOfLevel - 1 : int.MaxValue;
        var counters = wanted.Counters;
        return new(
            wanted.Async ? await _async.ReadAsync(_process, window, fineness.AsyncSteps, fineness.MostAsyncSpans, cancel) : null,
            counters.Count == 0 ? null
            : counters.All(name => _shown.Any(series => series.IsOfFrames && series.Name == name)) ? await _timeline.FramesAsync(_process, counters, window, fineness.SeriesSteps, cancel)
            : await _timeline.SeriesAsync(_process, counters, window, fineness.SeriesSteps, cancel),
            wanted.Logs ? await _timeline.LogsAsync(_process, window, least, most, fineness.MarkSteps, cancel) : null,
            wanted.Markers ? await _timeline.MarkersAsync(_process, window, fineness.MarkSteps, cancel) : null);
    }

    ReadOnlyMemory<byte> ToJson(TimeRange range, Beside window)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("counters");
            foreach (var name in Counters)
                json.WriteStringValue(name);
            json.WriteEndArray();
            json.WriteBoolean("async", HasAsync);
            json.WriteBoolean("logs", _query.Logs is not null);
            json.WriteString("begin_ns", range.BeginNs.ToString(CultureInfo.InvariantCulture));
            json.WriteString("end_ns", range.EndNs.ToString(CultureInfo.InvariantCulture));
            json.WritePropertyName("series");
            TimelineSeries.WriteTo(json, _shown);
            json.WritePropertyName("window");
            window.WriteTo(json);
            json.WriteEndObject();
        }
        return buffer.WrittenMemory;
    }

    /// <summary>What was asked for of a window; null: what was not.</summary>
    sealed record Beside(AsyncWindow? Async, SeriesWindow? Counters, LogWindow? Logs, MarkerWindow? Markers)
    {
        public void WriteTo(Utf8JsonWriter json)
        {
            json.WriteStartObject();
            if (Async is not null)
            {
                json.WritePropertyName("async");
                Async.WriteTo(json);
            }
            if (Counters is not null)
            {
                json.WritePropertyName("counters");
                Counters.WriteTo(json);
            }
            if (Logs is not null)
            {
                json.WritePropertyName("logs");
                Logs.WriteTo(json);
            }
            if (Markers is not null)
            {
                json.WritePropertyName("markers");
                Markers.WriteTo(json);
            }
            json.WriteEndObject();
        }
    }
}

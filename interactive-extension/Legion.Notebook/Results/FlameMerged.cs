using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Legion.Lakehouse;
using Legion.Lakehouse.Timeline;

namespace Legion.Notebook;

/// <summary>The spans of a flame chart, merged by their call paths: what its cell is drawn from in the modes that merge, and what it may ask.</summary>
sealed class FlameMerged
{
    // A text is read and not studied.
    const int ShownPaths = 12;

    // An image is a thousand pixels wide: thinner frames would not be seen.
    const int ImageFrames = 2000;

    // Each as wide as a screen, so that what it leaves out is thin.
    const int SavedSandwichFrames = 300;
    const int MostSavedSandwiches = 40;

    readonly CallPaths _paths;
    readonly FlameTiles _tiles;
    readonly CallForest? _forest;

    FlameMerged(CallPaths paths, FlameTiles tiles, FlameMode mode, CallForest? forest, string? function)
    {
        _paths = paths;
        _tiles = tiles;
        _forest = forest;
        Mode = mode;
        Function = function;
        if (forest is not null)
            Shown = mode == FlameMode.Sandwich ? forest.Sandwich(function ?? "", ImageFrames) : forest.LeftHeavy(ImageFrames);
    }

    public FlameMode Mode { get; }

    /// <summary>The one in the middle of a sandwich; null in other modes, or where there are no spans.</summary>
    public string? Function { get; }

    /// <summary>For where no script runs; null where spans are laid out by time.</summary>
    public MergedSpans? Shown { get; }

    /// <exception cref="NotInLakeException">There is no such function in the time.</exception>
    public static async Task<FlameMerged> ReadAsync(CallPaths paths, FlameTiles tiles, TimeRange range, FlameQuery query, CancellationToken cancel)
    {
        if (query.Mode == FlameMode.Timeline)
            return new(paths, tiles, query.Mode, null, null);
        var forest = await ReadAsync(paths, tiles, range.BeginNs, range.EndNs < long.MaxValue ? range.EndNs + 1 : range.EndNs, query.Progress, cancel);
        if (query.Mode == FlameMode.LeftHeavy)
            return new(paths, tiles, query.Mode, forest, null);
        if (query.Function is { } function && forest.Functions.All(known => known.Name != function))
            throw new NotInLakeException($"there is no span '{function}' in what is shown{NearestName.Suggestion(function, forest.Functions.Select(known => known.Name))}", nameof(query.Function));
        return new(paths, tiles, query.Mode, forest, query.Function ?? forest.Heaviest);
    }

    /// <summary>
    /// What a cell carries that cannot ask: <c>{"left_heavy": {...}, "sandwiches": [...]}</c>, of the functions of most self time, in some bytes.
    /// Empty where spans are laid out by time.
    /// </summary>
    public ReadOnlyMemory<byte> Saved(int mostBytes)
    {
        if (_forest is null)
            return default;
        var leftHeavy = Json(_forest.LeftHeavy());
        for (var frames = CallForest.UsualFrames / 2; leftHeavy.Length > mostBytes / 2 && frames > 0; frames /= 2)
            leftHeavy = Json(_forest.LeftHeavy(frames));
        var sandwiches = new List<ReadOnlyMemory<byte>>();
        var bytes = leftHeavy.Length;
        foreach (var name in _forest.Functions.OrderByDescending(function => function.Name == Function).ThenByDescending(function => function.SelfNs).Take(MostSavedSandwiches).Select(function => function.Name))
        {
            var sandwich = Json(_forest.Sandwich(name, SavedSandwichFrames, mostFunctions: 0));
            if (bytes + sandwich.Length > mostBytes)
                break;
            sandwiches.Add(sandwich);
            bytes += sandwich.Length + 1;
        }
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WritePropertyName("left_heavy");
            json.WriteRawValue(leftHeavy.Span, skipInputValidation: true);
            json.WriteStartArray("sandwiches");
            foreach (var sandwich in sandwiches)
                json.WriteRawValue(sandwich.Span, skipInputValidation: true);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return buffer.WrittenMemory;
    }

    /// <summary>
    /// To <c>{"from_ns": "1", "to_ns": "9", "mode": "sandwich", "function": "draw"}</c> what is to be drawn; without a function, around that of most self time.
    /// </summary>
    /// <exception cref="FormatException">It is no such question, or of more spans than are merged at once.</exception>
    public async Task<LiveAnswer> AnswerAsync(CellMessage asked, CancellationToken cancel)
    {
        var (fromNs, toNs) = (asked.Long("from_ns"), asked.Long("to_ns"));
        if (TimeWindow.Of(fromNs, toNs) is null)
            throw new FormatException($"expected from_ns from 0 and to_ns after it, saw {fromNs} and {toNs}");
        var mode = FlameModeText.Of(asked.Text("mode"));
        if (mode is not (FlameMode.LeftHeavy or FlameMode.Sandwich))
            throw new FormatException($"expected left-heavy or sandwich as mode, saw '{asked.Text("mode")}'");
        try
        {
            var forest = await ReadAsync(_paths, _tiles, fromNs, toNs, null, cancel);
            var answer = mode == FlameMode.LeftHeavy ? forest.LeftHeavy() : forest.Sandwich(asked.Has("function") ? asked.Text("function") : forest.Heaviest ?? "");
            return new(new JsonObject { ["merged"] = JsonNode.Parse(Json(answer).Span) });
        }
        catch (QueryException tooMany)
        {
            throw new FormatException(tooMany.Message, tooMany);
        }
    }

    /// <summary>The heaviest paths, and how many more there are.</summary>
    public override string ToString()
    {
        if (Shown is not { } shown)
            return "";
        var invariant = CultureInfo.InvariantCulture;
        var frames = shown.Trees.SelectMany(tree => tree.Frames.Select((_, index) => (Tree: tree, Index: index)))
            .OrderByDescending(item => Weight(item.Tree.Frames[item.Index].Frame)).ThenBy(item => item.Index).ToList();
        var whole = shown.Middle?.TotalNs ?? 0;
        var rows = frames.Take(ShownPaths).Select(item =>
        {
            var frame = item.Tree.Frames[item.Index].Frame;
            var of = shown.Middle is null ? item.Tree.TotalNs : whole;
            return new[]
            {
                ShortTime.OfNs(frame.TotalNs), ShortTime.OfNs(frame.SelfNs), frame.Count.ToString("N0", invariant), of == 0 ? "" : (100.0 * frame.TotalNs / of).ToString("F1", invariant) + " %",
                item.Tree.Title, string.Join(" > ", PathOf(frame)),
            };
        }).ToList();
        var left = frames.Count + shown.LeftOut - rows.Count;
        var middle = shown.Middle is { } function
            ? string.Create(invariant, $"around {function.Name.ReplaceLineEndings(" ")}: {function.Count:N0} spans, total {ShortTime.OfNs(function.TotalNs)}, self {ShortTime.OfNs(function.SelfNs)}\n") : "";
        var note = string.Create(invariant, $"{(left > 0 ? $"... and {left:N0} more paths; " : "")}{shown.Spans:N0} spans merged to {shown.Paths:N0} call paths");
        if (rows.Count == 0)
            return $"{middle}{note}\n";
        return middle + new TableText([new("total", true), new("self", true), new("count", true), new("share", true), new(shown.Middle is null ? "thread" : "of"), new("path")], rows, note) + "\n";

        // Of threads, where time passes; a path is as heavy as that of all above it otherwise.
        long Weight(CallFrame frame) => shown.Middle is null ? frame.SelfNs : frame.TotalNs;
    }

    /// <summary>From the root on; the frame that stands for the thread has no name and is none of them.</summary>
    static IEnumerable<string> PathOf(CallFrame frame) => frame.Parent is { } parent ? PathOf(parent).Append(frame.Name) : [];

    static async Task<CallForest> ReadAsync(CallPaths paths, FlameTiles tiles, long fromNs, long toNs, IProgress<BuildProgress>? progress, CancellationToken cancel)
    {
        var forest = await paths.ReadAsync(tiles.Manifest.ProcessId, fromNs, toNs, progress, cancel);
        return tiles.IsPart ? forest.Only([.. tiles.Manifest.Groups.SelectMany(group => group.Streams).Select(stream => stream.StreamId)]) : forest;
    }

    static ReadOnlyMemory<byte> Json(MergedSpans spans)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
            spans.WriteTo(json);
        return buffer.WrittenMemory;
    }
}

using Legion.Format;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Notebook.Grammar;

namespace Legion.Notebook;

/// <summary>The verbs that look at one process.</summary>
static class ProcessVerbs
{
    // Some screens; a notebook is scrolled.
    const int MostHeightPixels = 10_000;

    /// <summary>Whoever asks for one of these means a chart; without names it is of all metrics.</summary>
    static readonly string[] ChartOptions = ["agg", "by", "heatmap", "live"];

    public static async Task<object?> FlameAsync(LakeCall call, CancellationToken cancel)
    {
        var process = await call.ProcessAsync(cancel);
        if (call.Call.Has("explain"))
            return await call.ExplainAsync("spans", process, cancel);
        var query = new FlameQuery
        {
            Range = call.Range,
            Threads = call.Text("threads"),
            Mode = ModeOf(call),
            Function = call.Text("function"),
            Color = Choice<FlameColor>(call, "color") ?? FlameColor.Name,
            Counters = call.Text("counters"),
            HeightPixels = call.Call.Whole("height", call.Host, least: 1) is { } height ? (int)Math.Min(height, MostHeightPixels) : null,
            Progress = call.Progress,
        };
        if (query is { Function: not null, Mode: not FlameMode.Sandwich })
            throw call.Call.Error(call.Call.Options["function"], "--function is the middle of a sandwich: add --mode sandwich");
        if (call.Text("logs") is { } level)
            query = query with { Logs = ReadLevel(call.Call, "logs", level), OnlyThisLevel = !level.EndsWith('+') };
        try
        {
            return await call.Lake.FlameAsync(process, query, cancel);
        }
        catch (NotInLakeException error) when (error.Parameter is { } part && call.Call.Options.TryGetValue(part.ToLowerInvariant(), out var name))
        {
            throw call.Call.Error(name, error.Message);
        }
    }

    public static async Task<object?> LogsAsync(LakeCall call, CancellationToken cancel)
    {
        var process = await call.ProcessAsync(cancel);
        if (call.Call.Has("explain"))
            return await call.ExplainAsync("log_entries", process, cancel);
        var query = new LogQuery { Grep = call.Text("grep") ?? "", Tail = call.Call.Has("tail"), Range = call.Range, Progress = call.Progress };
        if (call.Text("level") is { } level)
            query = query with { Level = ReadLevel(call.Call, "level", level), OnlyThisLevel = !level.EndsWith('+') };
        query = query with { Limit = call.Limit(query.Limit) };
        return call.Call.Has("patterns") ? await call.Lake.LogPatternsAsync(process, query, cancel) : await call.Lake.LogsAsync(process, query, cancel);
    }

    public static async Task<object?> MetricsAsync(LakeCall call, CancellationToken cancel)
    {
        var process = await call.ProcessAsync(cancel);
        if (call.Call.Has("explain"))
            return await call.ExplainAsync("measures", process, cancel);
        var query = new MetricQuery { Aggregates = call.Call.List("agg", call.Host), By = call.Text("by"), Range = call.Range, Progress = call.Progress };
        if (call.Call.Texts(1, call.Host) is { Count: > 0 } names)
            query = query with { Names = names };
        else if (!ChartOptions.Any(call.Call.Options.ContainsKey))
            return await call.Lake.MetricExplorerAsync(process, new() { Range = query.Range, Progress = query.Progress }, cancel);
        try
        {
            return call.Call.Has("heatmap") ? await call.Lake.HeatmapAsync(process, query, cancel) : await call.Lake.MetricsAsync(process, query, cancel);
        }
        catch (NotInLakeException error) when (call.Call.Arguments.Count > 1)
        {
            // The one that the message names.
            throw call.Call.Error(call.Call.Arguments.Skip(1).FirstOrDefault(name => error.Message.Contains($"'{name.Text}'", StringComparison.Ordinal)) ?? call.Call.Arguments[1], error.Message);
        }
        catch (QueryException error) when (call.Call.Options.TryGetValue("agg", out var aggregates) && error.Message.Contains("is no aggregate", StringComparison.Ordinal))
        {
            throw call.Call.Error(aggregates, error.Message);
        }
    }

    public static async Task<object?> GraphAsync(LakeCall call, CancellationToken cancel)
    {
        var process = await call.ProcessAsync(cancel);
        if (call.Call.Has("explain"))
            return await call.ExplainAsync("call_graph", process, cancel);
        var query = new GraphQuery { Root = call.Text("root"), Progress = call.Progress };
        try
        {
            return await call.Lake.GraphAsync(process, query with { Top = call.Limit(query.Top, "top") }, cancel);
        }
        catch (NotInLakeException error) when (call.Call.Options.TryGetValue("root", out var root))
        {
            throw call.Call.Error(root, error.Message);
        }
    }

    public static async Task<object?> StatsAsync(LakeCall call, CancellationToken cancel)
    {
        var process = await call.ProcessAsync(cancel);
        if (call.Call.Has("explain"))
            return await call.ExplainAsync("span_stats", process, cancel);
        var by = call.Call.List("by", call.Host) ?? ["name"];
        if (by.FirstOrDefault(column => column is not ("name" or "thread")) is { } unknown)
            throw call.Call.Error(call.Call.Options["by"], $"--by takes name or name,thread, not '{unknown}'");
        var query = new StatsQuery { Range = call.Range, ByThread = by.Contains("thread") };
        return await call.Lake.StatsAsync(process, query with { Limit = call.Limit(query.Limit) }, cancel);
    }

    public static async Task<object?> HistogramAsync(LakeCall call, CancellationToken cancel)
    {
        if (await call.ProcessOptionAsync(cancel) is not { } process)
            throw call.Call.Error("expected --process PROCESS: whose spans or metric to look at");
        if (call.Call.Has("explain"))
            return await call.ExplainAsync("span_stats", process, cancel);
        try
        {
            return await call.Lake.HistogramAsync(process, call.Argument(0), call.Range, cancel);
        }
        catch (NotInLakeException error)
        {
            throw call.Call.Error(call.Call.Arguments[0], error.Message);
        }
    }

    static FlameMode ModeOf(LakeCall call) => call.Text("mode") is not { } text ? FlameMode.Timeline
        : FlameModeText.Of(text) ?? throw call.Call.Error(call.Call.Options["mode"], $"--mode takes {string.Join(", ", FlameModeText.All.SkipLast(1))} or {FlameModeText.All[^1]}, not '{text}'");

    /// <summary>An option of which the enumeration has all values; null where it was not given.</summary>
    static T? Choice<T>(LakeCall call, string option) where T : struct, Enum
    {
        if (call.Text(option) is not { } text)
            return null;
        var names = Enum.GetNames<T>();
        return names.FirstOrDefault(name => name.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } found
            ? Enum.Parse<T>(found)
            : throw call.Call.Error(call.Call.Options[option], $"--{option} takes {string.Join(", ", names[..^1]).ToLowerInvariant()} or {names[^1].ToLowerInvariant()}, not '{text}'");
    }

    static Level ReadLevel(MagicCall call, string option, string text)
    {
        var name = text.TrimEnd('+');
        return Enum.GetNames<Level>().FirstOrDefault(known => known.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } found
            ? Enum.Parse<Level>(found)
            : throw call.Error(call.Options[option], $"unknown level '{text}'{NearestName.Suggestion(name, Enum.GetNames<Level>().Select(known => known.ToLowerInvariant()))}");
    }
}

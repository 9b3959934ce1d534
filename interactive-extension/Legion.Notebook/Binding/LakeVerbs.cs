using System.Globalization;
using Legion.Format;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Notebook.Grammar;
using Legion.Store;

namespace Legion.Notebook;

/// <summary>What the verbs of <c>#!legion</c> do: they read options and call the connected lake.</summary>
public sealed class LakeVerbs
{
    // Some screens; a notebook is scrolled.
    const int MostHeightPixels = 10_000;

    NotebookLake? _lake;

    LakeVerbs() { }

    /// <summary>The magics of one notebook. A verb before any connect opens the default lake.</summary>
    public static Magics CreateMagics()
    {
        var verbs = new LakeVerbs();
        return new Magics()
            .Bind("connect", verbs.ConnectAsync)
            .Bind("processes", verbs.Guarded(ProcessesAsync))
            .Bind("sql", verbs.Guarded(SqlAsync))
            .Bind("logs", verbs.Guarded(LogsAsync))
            .Bind("flame", verbs.Guarded(FlameAsync));
    }

    delegate Task<object?> LakeVerb(NotebookLake lake, MagicCall call, INotebookHost host, CancellationToken cancel);

    /// <summary>Runs a verb against the lake; what the lake refuses is the user's to read as a sentence.</summary>
    MagicVerb Guarded(LakeVerb run) => async (call, host, cancel) =>
    {
        try
        {
            return await run(_lake ??= NotebookLake.Open(LakeLocation.DefaultText), call, host, cancel);
        }
        catch (Exception error) when (_lake is null && error is (FormatException or LakeNotFoundException))
        {
            throw call.Error($"no lake is connected, and the default is none: {error.Message}", error);
        }
        catch (Exception error) when (error is NotInLakeException or QueryException or StoreUnavailableException)
        {
            throw call.Error(error.Message, error);
        }
    };

    Task<object?> ConnectAsync(MagicCall call, INotebookHost host, CancellationToken cancel)
    {
        var location = Convert.ToString(call.Argument(0, host), CultureInfo.InvariantCulture) is { Length: > 0 } named ? named : LakeLocation.DefaultText;
        Uri? viewer = null;
        if (call.Text("viewer", host) is { } address && (!Uri.TryCreate(address, UriKind.Absolute, out viewer) || viewer.Scheme is not ("http" or "https")))
            throw call.Error(call.Options["viewer"], $"--viewer takes an address such as http://127.0.0.1:5000, not '{address}'");
        try
        {
            _lake = NotebookLake.Open(location, viewer);
        }
        catch (Exception error) when (error is FormatException or LakeNotFoundException or StoreUnavailableException)
        {
            throw call.Arguments.Count > 0 ? call.Error(call.Arguments[0], error.Message) : call.Error(error.Message, error);
        }
        return Task.FromResult<object?>(_lake);
    }

    static async Task<object?> ProcessesAsync(NotebookLake lake, MagicCall call, INotebookHost host, CancellationToken cancel)
    {
        var query = new ProcessQuery { Search = call.Text("search", host) ?? "" };
        if (call.Text("last", host) is { } last)
            query = query with { SeenSinceNs = UtcTime.NowNs - (TimeText.TryParseDurationNs(last, out var ns) ? ns : throw call.Error(call.Options["last"], $"--last takes a duration such as 15m or 24h, not '{last}'")) };
        return await lake.ProcessesAsync(query with { Limit = call.Whole("limit", host, least: 1) ?? query.Limit }, cancel);
    }

    static async Task<object?> SqlAsync(NotebookLake lake, MagicCall call, INotebookHost host, CancellationToken cancel)
    {
        var isBody = call.Arguments.Count == 0;
        var sql = isBody ? call.Body : Convert.ToString(call.Argument(0, host), CultureInfo.InvariantCulture) ?? "";
        if (string.IsNullOrWhiteSpace(sql))
            throw call.Error("expected a statement: in quotes on this line, or on the lines below");
        using var progress = new HostProgress(host);
        try
        {
            var answer = await lake.SqlAsync(sql, new QueryOptions { Parameters = SqlBinding.Values(sql, host), Range = MagicTimes.Range(call, host), Progress = progress }, cancel);
            return new MagicResult(answer.Frame, answer);
        }
        catch (QueryException error) when (error.Position is { } position)
        {
            if (isBody)
                throw call.ErrorInBody(position, error.Message, error);
            // Behind the opening quote; a reference has no text on the line to point into.
            var argument = call.Arguments[0];
            throw call.Error(argument.IsReference ? argument : argument with { Column = argument.Column + 1 + position }, error.Message);
        }
    }

    static async Task<object?> LogsAsync(NotebookLake lake, MagicCall call, INotebookHost host, CancellationToken cancel)
    {
        var process = await FindProcessAsync(lake, call, host, cancel);
        using var progress = new HostProgress(host);
        var query = new LogQuery { Grep = call.Text("grep", host) ?? "", Range = MagicTimes.Range(call, host), Progress = progress };
        if (call.Text("level", host) is { } level)
            query = query with { Level = ReadLevel(call, level), OnlyThisLevel = !level.EndsWith('+') };
        return await lake.LogsAsync(process, query with { Limit = call.Whole("limit", host, least: 1) ?? query.Limit }, cancel);
    }

    static async Task<object?> FlameAsync(NotebookLake lake, MagicCall call, INotebookHost host, CancellationToken cancel)
    {
        var process = await FindProcessAsync(lake, call, host, cancel);
        using var progress = new HostProgress(host);
        var query = new FlameQuery
        {
            Range = MagicTimes.Range(call, host),
            Threads = call.Text("threads", host),
            HeightPixels = call.Whole("height", host, least: 1) is { } height ? (int)Math.Min(height, MostHeightPixels) : null,
            Progress = progress,
        };
        try
        {
            return await lake.FlameAsync(process, query, cancel);
        }
        catch (NotInLakeException error) when (call.Options.TryGetValue("threads", out var threads))
        {
            throw call.Error(threads, error.Message);
        }
    }

    static async Task<Guid> FindProcessAsync(NotebookLake lake, MagicCall call, INotebookHost host, CancellationToken cancel)
    {
        var at = call.Arguments[0];
        var id = ProcessReference.Id(call.Argument(0, host))
            ?? throw call.Error(at, $"'{at.Text}' is no process: expected an id as `#!legion processes` lists them, or a variable that holds a process");
        try
        {
            return (await lake.Lake.FindProcessAsync(id, cancel)).ProcessId;
        }
        catch (NotInLakeException)
        {
            throw call.Error(at, $"there is no process '{id}' in this lake: `#!legion processes` lists those there are");
        }
    }

    static Level ReadLevel(MagicCall call, string text)
    {
        var name = text.TrimEnd('+');
        return Enum.GetNames<Level>().FirstOrDefault(known => known.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } found
            ? Enum.Parse<Level>(found)
            : throw call.Error(call.Options["level"], $"unknown level '{text}'{NearestName.Suggestion(name, Enum.GetNames<Level>().Select(known => known.ToLowerInvariant()))}");
    }
}

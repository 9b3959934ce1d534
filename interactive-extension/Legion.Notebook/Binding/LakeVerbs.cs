using System.Collections.Concurrent;
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
    NotebookLake? _lake;

    /// <summary>As frozen links show them: cells ask them as long as the notebook runs.</summary>
    readonly ConcurrentDictionary<(string Location, Guid Process, long Version), NotebookLake> _frozen = new();

    LakeVerbs() { }

    /// <summary>The magics of one notebook. A verb before any connect opens the default lake.</summary>
    public static Magics CreateMagics()
    {
        var verbs = new LakeVerbs();
        return new Magics()
            .Bind("connect", verbs.ConnectAsync)
            .Bind("status", verbs.On(static async (call, cancel) => await call.Lake.StatusAsync(cancel)))
            .Bind("schema", verbs.On(static async (call, cancel) => await call.Lake.SchemaAsync(call.Call.Arguments.Count > 0 ? call.Argument(0) : null, cancel)))
            .Bind("processes", verbs.On(ProcessesAsync))
            .Bind("sql", verbs.On(SqlVerb.RunAsync))
            .Bind("flame", verbs.On(ProcessVerbs.FlameAsync))
            .Bind("metrics", verbs.On(ProcessVerbs.MetricsAsync))
            .Bind("logs", verbs.On(ProcessVerbs.LogsAsync))
            .Bind("graph", verbs.On(ProcessVerbs.GraphAsync))
            .Bind("stats", verbs.On(ProcessVerbs.StatsAsync))
            .Bind("hist", verbs.On(ProcessVerbs.HistogramAsync))
            .Bind("find", verbs.On(FindAsync))
            .Bind("share", verbs.On(FileVerbs.ShareAsync))
            .Bind("import", verbs.On(FileVerbs.ImportAsync, create: true))
            .Bind("export", verbs.On(FileVerbs.ExportAsync))
            .Offer(verbs.OfferAsync);
    }

    /// <summary>Of the lake that is connected, or the default where there is one.</summary>
    async Task<IReadOnlyList<MagicCompletion>> OfferAsync(MagicPlace place, INotebookHost host, CancellationToken cancel)
    {
        try
        {
            return await LakeOffers.AtAsync(_lake ??= NotebookLake.Open(LakeLocation.DefaultText), place, host, cancel);
        }
        catch (Exception error) when (error is FormatException or LakeNotFoundException or StoreUnavailableException)
        {
            return [];
        }
    }

    delegate Task<object?> LakeVerb(LakeCall call, CancellationToken cancel);

    /// <summary>Runs a verb against the lake, again and again where it is asked for live; what the lake refuses is the user's to read as a sentence.</summary>
    /// <param name="create">Makes a lake where there is none yet.</param>
    MagicVerb On(LakeVerb run, bool create = false) => async (call, host, cancel) =>
    {
        var lake = LakeOf(call, host, create);
        using var progress = new HostProgress(host);
        try
        {
            var shared = ProcessText(call, host) is { } text ? await SharedView.FindAsync(lake.Lake, text, cancel) : null;
            var one = new LakeCall(shared is { Version: { } version } ? Frozen(lake, shared.Process, version) : lake, call, host, progress, shared);
            return call.Options.ContainsKey("live") && !call.Has("explain") ? await LiveQuestion.RunAsync(one, token => run(one, token), cancel) : await run(one, cancel);
        }
        catch (Exception error) when (error is NotInLakeException or LinkClosedException or QueryException or StoreUnavailableException)
        {
            throw call.Error(error.Message, error);
        }
    };

    /// <summary>The text that names the call's process; null where none does.</summary>
    static string? ProcessText(MagicCall call, INotebookHost host) =>
        (call.Verb.Arguments is [{ Kind: ValueKind.Process }, ..] && call.Arguments.Count > 0 ? call.Argument(0, host)
            : call.Verb.Option("process") is not null && call.Options.ContainsKey("process") ? call.Option("process", host) : null) as string;

    NotebookLake Frozen(NotebookLake lake, Guid process, long version) =>
        _frozen.GetOrAdd((lake.Location, process, version), _ => new NotebookLake(new FrozenLake(lake.Lake, process, version).Lake) { Viewer = lake.Viewer });

    /// <summary>The lake that the call names, or the one that is connected, or the default.</summary>
    NotebookLake LakeOf(MagicCall call, INotebookHost host, bool create)
    {
        if (call.Options.TryGetValue("lake", out var at))
            return Open(call, at, call.Text("lake", host) ?? "", _lake?.Viewer, catalog: null, create);
        try
        {
            return _lake ??= NotebookLake.Open(LakeLocation.DefaultText, create: create);
        }
        catch (Exception error) when (error is FormatException or LakeNotFoundException)
        {
            throw call.Error($"no lake is connected, and the default is none: {error.Message}", error);
        }
    }

    Task<object?> ConnectAsync(MagicCall call, INotebookHost host, CancellationToken cancel)
    {
        var location = Convert.ToString(call.Argument(0, host), CultureInfo.InvariantCulture) is { Length: > 0 } named ? named : LakeLocation.DefaultText;
        Uri? viewer = null;
        if (call.Text("viewer", host) is { } address && (!Uri.TryCreate(address, UriKind.Absolute, out viewer) || viewer.Scheme is not ("http" or "https")))
            throw call.Error(call.Options["viewer"], $"--viewer takes an address such as http://127.0.0.1:5000, not '{address}'");
        _lake = Open(call, call.Arguments.Count > 0 ? call.Arguments[0] : null, location, viewer, Catalog(call, host), create: false);
        return Task.FromResult<object?>(_lake);
    }

    static NotebookLake Open(MagicCall call, MagicValue? at, string location, Uri? viewer, string? catalog, bool create)
    {
        try
        {
            return NotebookLake.Open(location, viewer, catalog, create);
        }
        catch (Exception error) when (error is FormatException or LakeNotFoundException or StoreUnavailableException)
        {
            throw at is not null ? call.Error(at, error.Message) : call.Error(error.Message, error);
        }
    }

    /// <summary>The catalog's address, with the password of the variable that <c>--token</c> names: a notebook is no place for one.</summary>
    static string? Catalog(MagicCall call, INotebookHost host)
    {
        var catalog = call.Text("catalog", host);
        if (call.Text("token", host) is not { } token)
            return catalog;
        const string Prefix = "env:";
        if (!token.StartsWith(Prefix, StringComparison.Ordinal))
            throw call.Error(call.Options["token"], "--token takes env:VAR, the name of a variable that has the password: a notebook is read by others");
        if (Environment.GetEnvironmentVariable(token[Prefix.Length..]) is not { Length: > 0 } password)
            throw call.Error(call.Options["token"], $"the variable '{token[Prefix.Length..]}' is not set");
        if (!Uri.TryCreate(catalog ?? LakeLocation.DefaultCatalog, UriKind.Absolute, out var address))
            throw call.Error(call.Options["token"], "--token is the password of a catalog: name it with --catalog mysql://USER@HOST/DATABASE");
        return new UriBuilder(address) { Password = Uri.EscapeDataString(password) }.Uri.AbsoluteUri;
    }

    static async Task<object?> ProcessesAsync(LakeCall call, CancellationToken cancel)
    {
        var query = new ProcessQuery { Search = call.Text("search") ?? "", Where = call.Text("where"), Tree = call.Call.Has("tree") };
        if (call.Text("last") is { } last)
            query = query with { SeenSinceNs = UtcTime.NowNs - (TimeText.TryParseDurationNs(last, out var ns) ? ns : throw call.Call.Error(call.Call.Options["last"], $"--last takes a duration such as 15m or 24h, not '{last}'")) };
        try
        {
            return await call.Lake.ProcessesAsync(query with { Limit = call.Limit(query.Limit) }, cancel);
        }
        catch (QueryException error) when (call.Call.Options.TryGetValue("where", out var where))
        {
            throw call.Call.Error(where, error.Message);
        }
    }

    static async Task<object?> FindAsync(LakeCall call, CancellationToken cancel)
    {
        var query = new FindQuery(call.Argument(0)) { NeverBefore = call.Text("never-before"), Range = call.Range };
        try
        {
            return await call.Lake.FindAsync(query with { Limit = call.Limit(query.Limit) }, cancel);
        }
        catch (NotInLakeException error) when (call.Call.Options.TryGetValue("never-before", out var build))
        {
            throw call.Call.Error(build, error.Message);
        }
    }
}

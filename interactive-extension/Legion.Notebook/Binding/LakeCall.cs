using System.Globalization;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Notebook.Grammar;

namespace Legion.Notebook;

/// <summary>One call of a verb on a lake: reads its options into what the lake takes.</summary>
/// <param name="shared">What the address shows that names the process; null where no address does.</param>
sealed class LakeCall(NotebookLake lake, MagicCall call, INotebookHost host, IProgress<BuildProgress> progress, SharedView? shared = null)
{
    public NotebookLake Lake => lake;
    public MagicCall Call => call;
    public INotebookHost Host => host;
    public IProgress<BuildProgress> Progress => progress;

    /// <summary>The time that the options name, or else the address of the process.</summary>
    public QueryRange Range => MagicTimes.Range(call, host) is { FromNs: null, ToNs: null } && shared is not null ? shared.Range : MagicTimes.Range(call, host);

    public string? Text(string option) => call.Text(option, host);

    /// <summary>The value of an argument as text.</summary>
    public string Argument(int index) => Convert.ToString(call.Argument(index, host), CultureInfo.InvariantCulture) ?? "";

    public long Limit(long usual, string option = "limit") => call.Whole(option, host, least: 1) ?? usual;

    /// <summary>The process that the first argument names.</summary>
    /// <exception cref="MagicException">It names none.</exception>
    public Task<Guid> ProcessAsync(CancellationToken cancel) => ProcessAsync(call.Arguments[0], call.Argument(0, host), cancel);

    /// <summary>The process that the option names; null where it was not given.</summary>
    /// <exception cref="MagicException">It names none.</exception>
    public async Task<Guid?> ProcessOptionAsync(CancellationToken cancel) =>
        call.Options.TryGetValue("process", out var at) ? await ProcessAsync(at, call.Option("process", host), cancel) : null;

    async Task<Guid> ProcessAsync(MagicValue at, object? value, CancellationToken cancel)
    {
        var id = shared?.Process ?? ProcessReference.Id(value)
            ?? throw call.Error(at, $"'{at.Text}' is no process: expected an id as `#!legion processes` lists them, an address of the viewer, or a variable that holds a process");
        try
        {
            return (await lake.Lake.FindProcessAsync(id, cancel)).ProcessId;
        }
        catch (NotInLakeException)
        {
            throw call.Error(at, $"there is no process '{id}' in this lake: `#!legion processes` lists those there are");
        }
    }

    /// <summary>What reading a view of a process would build and read.</summary>
    public Task<PlanView> ExplainAsync(string view, Guid process, CancellationToken cancel) =>
        lake.ExplainAsync($"SELECT * FROM {view} WHERE process_id = $process", new QueryOptions { Parameters = new Dictionary<string, object?> { ["process"] = process }, Range = Range }, cancel);
}

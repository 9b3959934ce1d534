using System.Text;
using Legion.Lakehouse;

namespace Legion.Notebook.Grammar;

/// <summary>What a verb does. Its result, if any, is shown and can be kept in a variable; a <see cref="MagicResult"/> tells the two apart.</summary>
public delegate Task<object?> MagicVerb(MagicCall call, INotebookHost host, CancellationToken cancel);

/// <summary>A result of which a variable gets something else than what is shown.</summary>
public sealed record MagicResult(object? Kept, object? Shown);

/// <summary>
/// The magics of a notebook: the same grammar in every kernel, bound to what its host can do.
/// </summary>
public sealed class Magics
{
    readonly Dictionary<string, MagicVerb> _bound = [];
    MagicOffer _offer = static (_, _, _) => Task.FromResult<IReadOnlyList<MagicCompletion>>([]);

    public Magics() => _bound["help"] = (call, host, _) => Task.FromResult<object?>(Help(call, host));

    /// <summary>Says what a verb does in this host; a later binding replaces an earlier one.</summary>
    /// <exception cref="ArgumentException">There is no such verb in <see cref="Verbs.All"/>.</exception>
    public Magics Bind(string verb, MagicVerb run)
    {
        if (Verbs.All.All(known => known.Name != verb))
            throw new ArgumentException($"cannot bind '{verb}': expected one of {string.Join(", ", Verbs.All.Select(known => known.Name))}", nameof(verb));
        _bound[verb] = run;
        return this;
    }

    /// <summary>Whether the text begins with one of our magics. Others that begin with <c>#!</c> are the host's.</summary>
    public static bool Owns(string text) =>
        MagicParser.FirstWord(text) is MagicParser.Directive or MagicParser.SqlDirective;

    /// <summary>Reads a magic without running it.</summary>
    /// <exception cref="MagicException">It cannot run as it is written.</exception>
    public static MagicCall Parse(string magic) => MagicParser.Parse(magic, Verbs.All);

    /// <summary>Runs a magic with its body and keeps its result where the call names a variable.</summary>
    /// <returns>What to show below the cell; null where there is nothing.</returns>
    /// <exception cref="MagicException">It cannot run as it is written.</exception>
    public async Task<object?> RunAsync(string magic, INotebookHost host, CancellationToken cancel)
    {
        var call = Parse(magic);
        if (!_bound.TryGetValue(call.Verb.Name, out var run))
            throw new MagicException($"'{call.Verb.Name}' is not available in this host", call.Line, MagicParser.VerbColumn(call.Line), null);
        var result = await run(call, host, cancel);
        var (kept, shown) = result as MagicResult ?? new MagicResult(result, result);
        if (call.Name is not null)
            await host.SetVariableAsync(call.Name, kept, kept?.GetType() ?? typeof(object));
        return shown;
    }

    /// <summary>Says who knows the names of the lake, for completion.</summary>
    public Magics Offer(MagicOffer offer)
    {
        _offer = offer;
        return this;
    }

    /// <summary>What could stand at the cursor.</summary>
    /// <param name="magic">Its own line and its body.</param>
    /// <param name="cursor">Index into the magic.</param>
    public Task<MagicCompletions> CompleteAsync(string magic, int cursor, INotebookHost host, CancellationToken cancel = default) =>
        MagicCompletions.AtAsync(magic, cursor, host, _offer, cancel);

    /// <summary>What is known of what stands at the cursor: of a line its verb, in SQL the view, the column or the function; null where it is nothing.</summary>
    public static string? Describe(string magic, int cursor)
    {
        var lineEnd = magic.IndexOf('\n') is var at && at < 0 ? magic.Length : at;
        if (cursor > lineEnd)
        {
            var (start, end) = MagicCompletions.SqlWord(magic, lineEnd + 1, cursor);
            return LakeOffers.Describe(magic[(lineEnd + 1)..], magic[start..end]);
        }
        var words = magic[..lineEnd].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words is [MagicParser.SqlDirective, ..])
            return Explain(Verbs.Sql);
        return words.Length > 1 && Verbs.All.FirstOrDefault(verb => verb.Name == words[1]) is { } named ? Explain(named) : List();
    }

    static string Help(MagicCall call, INotebookHost host)
    {
        if (call.Argument(0, host) is not { } name)
            return List();
        return Explain(Verbs.All.FirstOrDefault(verb => verb.Name == name.ToString())
            ?? throw call.Error(call.Arguments[0], $"unknown verb '{name}'{NearestName.Suggestion(name.ToString() ?? "", Verbs.All.Select(verb => verb.Name))}"));
    }

    static string List()
    {
        var text = new StringBuilder();
        foreach (var verb in Verbs.All)
            text.Append($"#!legion {verb.Name,-10} {verb.Summary}\n");
        return text.Append("#!legion help VERB explains one; a cell that begins with #!legion-sql is SQL").ToString();
    }

    static string Explain(Verb verb)
    {
        var text = new StringBuilder($"{verb.Usage}\n{verb.Summary}");
        foreach (var argument in verb.Arguments)
            text.Append($"\n  {argument.Shown,-16} {argument.Summary}");
        foreach (var option in verb.Options)
            text.Append($"\n  {$"--{option.Name} {option.Value}",-16} {option.Summary}");
        if (verb.HasResult)
            text.Append($"\n  {"-> name",-16} keeps the result in a C# variable");
        return text.ToString();
    }
}

using System.Globalization;
using System.Reflection;
using Legion.Lakehouse;

namespace Legion.Notebook.Grammar;

/// <summary>A magic that was understood: which verb, with what.</summary>
public sealed record MagicCall
{
    internal MagicCall(string line, Verb verb)
    {
        Line = line;
        Verb = verb;
    }

    public Verb Verb { get; }

    /// <summary>In the order of <see cref="Verb.Arguments"/>; optional ones may be missing at the end.</summary>
    public IReadOnlyList<MagicValue> Arguments { get; internal init; } = [];

    /// <summary>By name without dashes. An option that takes no value has the text "true".</summary>
    public IReadOnlyDictionary<string, MagicValue> Options { get; internal init; } = new Dictionary<string, MagicValue>();

    /// <summary>The C# variable that receives the result, or null.</summary>
    public string? Name { get; internal init; }

    /// <summary>The lines after the magic's own, for verbs that take them; otherwise empty.</summary>
    public string Body { get; internal init; } = "";

    /// <summary>The magic's own line.</summary>
    public string Line { get; }

    /// <summary>The value of an argument: text, or what the variable holds. Null where it was not given.</summary>
    public object? Argument(int index, INotebookHost host) =>
        index < Arguments.Count ? Resolve(Arguments[index], host) : null;

    /// <summary>The values of an argument that takes many, as text, and of those before it none.</summary>
    internal IReadOnlyList<string> Texts(int first, INotebookHost host) =>
        Arguments.Skip(first).Select(value => Convert.ToString(Resolve(value, host), CultureInfo.InvariantCulture) ?? "").ToList();

    /// <summary>An option of several values, as <c>avg,p99</c>; null where it was not given.</summary>
    internal IReadOnlyList<string>? List(string name, INotebookHost host) =>
        Text(name, host)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Whether an option without a value was given.</summary>
    internal bool Has(string name) => Options.ContainsKey(name);

    /// <summary>The value of an option: text, or what the variable holds. Null where it was not given.</summary>
    public object? Option(string name, INotebookHost host) =>
        Options.TryGetValue(name, out var value) ? Resolve(value, host) : null;

    /// <summary>An option as text, invariant. Null where it was not given.</summary>
    public string? Text(string name, INotebookHost host) =>
        Option(name, host) is { } value ? Convert.ToString(value, CultureInfo.InvariantCulture) : null;

    /// <summary>An option as a whole number that is at least <paramref name="least"/>.</summary>
    /// <exception cref="MagicException">It is something else.</exception>
    public long? Whole(string name, INotebookHost host, long least = 0)
    {
        if (!Options.TryGetValue(name, out var value))
            return null;
        var text = Text(name, host);
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least
            ? number
            : throw Error(value, $"--{name} takes a whole number from {least}, not '{text}'");
    }

    /// <summary>An error that points at a value of this call.</summary>
    public MagicException Error(MagicValue at, string problem) => new(problem, Line, at.Column, Verb.Usage);

    /// <summary>An error that points at the verb: it is written as it should be, and still cannot be done.</summary>
    public MagicException Error(string problem, Exception? cause = null) => new(problem, Line, MagicParser.VerbColumn(Line), null, cause: cause);

    /// <summary>An error that points into the body.</summary>
    /// <param name="position">Characters of the body before the place.</param>
    public MagicException ErrorInBody(int position, string problem, Exception? cause = null)
    {
        var before = Body.AsSpan(0, Math.Min(position, Body.Length));
        var start = before.LastIndexOf('\n') + 1;
        var end = Body.IndexOf('\n', start);
        return new(problem, (end < 0 ? Body[start..] : Body[start..end]).TrimEnd('\r'), before.Length - start + 1, null, before.Count('\n') + 1, cause);
    }

    object? Resolve(MagicValue value, INotebookHost host)
    {
        if (!value.IsReference)
            return value.Text;
        var path = value.Text.Split('.');
        if (!host.TryGetVariable(path[0], out var current))
            throw Error(value, $"found no variable '{path[0]}'{NearestName.Suggestion(path[0], host.VariableNames)}");
        for (var i = 1; i < path.Length; i++)
        {
            if (current is null)
                throw Error(value, $"'{string.Join('.', path[..i])}' is null, so it has no '{path[i]}'");
            current = Member(current, path[i], value);
        }
        return current;
    }

    object? Member(object owner, string name, MagicValue value)
    {
        // '.sel' is how a selection is written everywhere in this grammar; the property has the full word.
        var wanted = name == "sel" ? "Selection" : name;
        const BindingFlags Flags = BindingFlags.Public | BindingFlags.Instance | BindingFlags.FlattenHierarchy;
        var members = owner.GetType().GetMembers(Flags)
            .Where(member => member is FieldInfo || member is PropertyInfo property && property.CanRead && property.GetIndexParameters().Length == 0)
            .ToList();
        var member = members.Find(member => member.Name == wanted)
            ?? members.Find(member => member.Name.Equals(wanted, StringComparison.OrdinalIgnoreCase))
            ?? throw Error(value, $"{owner.GetType().Name} has no member '{name}'{NearestName.Suggestion(name, members.Select(member => member.Name))}");
        return member is FieldInfo field ? field.GetValue(owner) : ((PropertyInfo)member).GetValue(owner);
    }
}

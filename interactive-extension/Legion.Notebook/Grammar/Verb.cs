using System.Text;

namespace Legion.Notebook.Grammar;

/// <summary>
/// One verb of <c>#!legion</c>. The parser, the usage lines, help and completion all read this definition,
/// so that none of them can say something else than the others.
/// </summary>
/// <param name="Name">What is typed after <c>#!legion</c>.</param>
/// <param name="Summary">One line, lower case, no full stop.</param>
public sealed record Verb(string Name, string Summary)
{
    public IReadOnlyList<VerbArgument> Arguments { get; init; } = [];

    public IReadOnlyList<VerbOption> Options { get; init; } = [];

    /// <summary>The lines after the magic belong to it, unless its argument was given on the line itself.</summary>
    public bool TakesBody { get; init; }

    /// <summary><c>-> name</c> and <c>--name name</c> are allowed: the verb has a result worth keeping.</summary>
    public bool HasResult { get; init; } = true;

    public string Usage
    {
        get
        {
            var usage = new StringBuilder("#!legion ").Append(Name);
            foreach (var argument in Arguments)
                usage.Append(argument.Required ? $" {argument.Shown}" : $" [{argument.Shown}]");
            foreach (var option in Options)
                usage.Append(option.Value is null ? $" [--{option.Name}]" : $" [--{option.Name} {option.Value}]");
            if (HasResult)
                usage.Append(" [-> name]");
            return usage.ToString();
        }
    }

    internal VerbOption? Option(string name) => Options.FirstOrDefault(option => option.Name == name);
}

/// <summary>A value given by its place.</summary>
public sealed record VerbArgument(string Name, string Summary, bool Required)
{
    /// <summary>It takes every further word of the line; only the last argument may.</summary>
    public bool Many { get; init; }

    public ValueKind Kind { get; init; }

    internal string Shown => Many ? $"{Name}..." : Name;
}

/// <summary>A value given by its name.</summary>
/// <param name="Name">Without the dashes.</param>
/// <param name="Value">What the usage line shows for the value; null for an option that takes none.</param>
public sealed record VerbOption(string Name, string? Value, string Summary)
{
    public ValueKind Kind { get; init; }

    /// <summary>Values worth offering in completion. Others are allowed.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];
}

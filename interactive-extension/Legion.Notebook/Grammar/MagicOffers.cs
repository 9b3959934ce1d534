namespace Legion.Notebook.Grammar;

/// <summary>What a value of a magic names, by which completion knows what could stand there.</summary>
public enum ValueKind
{
    /// <summary>Anything.</summary>
    Text,
    Process,
    Metric,
    Span,
    View,
    Verb,

    /// <summary>SQL; offers are views, columns and functions.</summary>
    Sql,
}

/// <summary>What completion asks of whoever knows the lake.</summary>
/// <param name="Process">For metrics and spans: the process that the line names, as it is written; null where it names none.</param>
/// <param name="Sql">For SQL: the whole statement.</param>
public sealed record MagicPlace(ValueKind Kind, string? Process = null, string Sql = "");

/// <summary>Answers with names that could stand at a place; none where it knows none. It must not take long: somebody is typing.</summary>
public delegate Task<IReadOnlyList<MagicCompletion>> MagicOffer(MagicPlace place, INotebookHost host, CancellationToken cancel);

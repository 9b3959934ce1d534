namespace Legion.Notebook;

/// <summary>
/// The results whose selection is read while a cell runs, by magics or by C#: once something else is selected there, what the cell showed is out of date.
/// Safe for use from several threads.
/// </summary>
public sealed class SelectionReads
{
    static readonly AsyncLocal<SelectionReads?> Current = new();

    readonly HashSet<ILiveResult> _results = new(ReferenceEqualityComparer.Instance);

    SelectionReads()
    {
    }

    /// <summary>So far; work that a cell left running may add to it.</summary>
    public IReadOnlyCollection<ILiveResult> Results
    {
        get
        {
            lock (_results)
                return [.. _results];
        }
    }

    /// <summary>From here on, what the caller runs and what begins in it.</summary>
    public static SelectionReads Begin() => Current.Value = new();

    internal static void Add(ILiveResult result)
    {
        if (Current.Value is not { } reads)
            return;
        lock (reads._results)
            reads._results.Add(result);
    }
}

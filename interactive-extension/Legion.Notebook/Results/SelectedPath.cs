namespace Legion.Notebook;

/// <summary>A frame that somebody selected in a flame chart that merges spans: many spans, of which none in particular is meant.</summary>
/// <param name="Names">From the root to the frame; of a sandwich's callers from the nearest caller on, without the function in the middle.</param>
/// <param name="StreamId">The thread's stream of spans; null in a sandwich, which has all threads in one.</param>
public sealed record SelectedPath(IReadOnlyList<string> Names, Guid? StreamId)
{
    /// <summary>Of the frame.</summary>
    public string Name => Names[^1];

    public override string ToString() => string.Join(" > ", Names);
}

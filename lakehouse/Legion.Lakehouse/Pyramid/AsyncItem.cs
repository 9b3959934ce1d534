namespace Legion.Lakehouse;

/// <summary>An async span, or those of a process that begin in one step of a level and are shorter than it.</summary>
/// <param name="BeginNs">The earliest begin, nanoseconds UTC.</param>
/// <param name="EndNs">The latest end; of an open span nothing that counts.</param>
/// <param name="LongestNs">Duration of the longest span; <see cref="SpanItem.Open"/> for one without an end.</param>
/// <param name="Id">Of the longest span.</param>
/// <param name="Parent">Of a single span; 0 for none.</param>
/// <param name="Name">Of the longest span.</param>
/// <param name="BeganBefore">Whether the span's begin lies in a slot before those that this was made from, which may have it as an open one.</param>
public readonly record struct AsyncItem(long BeginNs, long EndNs, long LongestNs, long Count, ulong Id, ulong Parent, string Name, bool BeganBefore)
{
    public bool IsOpen => LongestNs == SpanItem.Open;

    /// <summary>Both together. Of equally long spans the one with the smaller id gives its name, so that the same spans make the same level.</summary>
    public AsyncItem With(in AsyncItem other)
    {
        var otherFirst = other.LongestNs > LongestNs || (other.LongestNs == LongestNs && other.Id < Id);
        return new AsyncItem(Math.Min(BeginNs, other.BeginNs), Math.Max(EndNs, other.EndNs), Math.Max(LongestNs, other.LongestNs),
            Count + other.Count, otherFirst ? other.Id : Id, Parent: 0, otherFirst ? other.Name : Name, BeganBefore: false);
    }
}

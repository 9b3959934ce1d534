namespace Legion.Lakehouse;

/// <summary>A span, or the spans of one stream and depth that begin in one step of a level and are shorter than it.</summary>
/// <param name="BeginNs">The earliest begin, nanoseconds UTC.</param>
/// <param name="EndNs">The latest end; of an open span nothing that counts.</param>
/// <param name="LongestNs">Duration of the longest span; <see cref="Open"/> for one without an end.</param>
/// <param name="BusyNs">Sum of the durations.</param>
/// <param name="Id">Of the longest span.</param>
/// <param name="Name">Of the longest span.</param>
readonly record struct SpanItem(int Depth, long BeginNs, long EndNs, long LongestNs, long BusyNs, long Count, long Id, string Name)
{
    /// <summary>The duration of what has no end yet: longer than every step.</summary>
    public const long Open = long.MaxValue;

    public bool IsOpen => LongestNs == Open;

    /// <summary>Both together. Of equally long spans the one with the smaller id gives its name, so that the same spans make the same level.</summary>
    public SpanItem With(in SpanItem other)
    {
        var otherFirst = other.LongestNs > LongestNs || (other.LongestNs == LongestNs && other.Id < Id);
        return new SpanItem(Depth, Math.Min(BeginNs, other.BeginNs), Math.Max(EndNs, other.EndNs), Math.Max(LongestNs, other.LongestNs),
            BusyNs + other.BusyNs, Count + other.Count, otherFirst ? other.Id : Id, otherFirst ? other.Name : Name);
    }
}

/// <summary>Takes an item of a stream.</summary>
delegate void SpanItemTaker(string streamId, in SpanItem item);

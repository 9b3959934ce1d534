namespace Legion.Sdk;

/// <summary>The segments in which events of a block in progress lie.</summary>
sealed class HeldSegments
{
    readonly List<Segment> held = [];

    public void Add(Segment segment)
    {
        // Events come segment after segment: mostly it is the last, and of the others one thread's lie side by side.
        if (held.Count > 0 && held[^1] == segment || held.Contains(segment)) return;
        held.Add(segment);
        segment.Holders++;
    }

    /// <summary>The block is safe elsewhere.</summary>
    public void Clear()
    {
        foreach (var segment in held) segment.Holders--;
        held.Clear();
    }
}

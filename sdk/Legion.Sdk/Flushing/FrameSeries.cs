namespace Legion.Sdk;

/// <summary>The frame in progress of each series, by the declaration that names it.</summary>
sealed class FrameSeries
{
    readonly Dictionary<uint, (ulong BeginTick, ulong Number)> open = [];

    /// <summary>The frames in progress.</summary>
    public IReadOnlyList<(uint Series, ulong BeginTick, ulong Number)> Open => [.. open.Select(frame => (frame.Key, frame.Value.BeginTick, frame.Value.Number))];

    public void Resume(IReadOnlyList<(uint Series, ulong BeginTick, ulong Number)> frames)
    {
        foreach (var (series, beginTick, number) in frames) open[series] = (beginTick, number);
    }

    /// <summary>Ends the series' frame and begins the next.</summary>
    /// <returns>False for the first call, which only begins.</returns>
    public bool TryEnd(uint series, ulong tick, out ulong beginTick, out ulong number)
    {
        var isOpen = open.TryGetValue(series, out var ended);
        (beginTick, number) = ended;
        open[series] = (tick, isOpen ? number + 1 : 0);
        return isOpen;
    }
}

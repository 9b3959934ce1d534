using Legion.Format;

namespace Legion.Sdk;

/// <summary>Sees what the flusher reads, and says which of it is interesting.</summary>
sealed class Watch(Sampling rules, Interests interests)
{
    /// <summary>Name of the markers that keep what is around them.</summary>
    public const string KeepName = "legion.keep";

    /// <summary>Async spans whose ends are awaited. More at once are judged at their end alone.</summary>
    const int MostOpen = 4096;

    readonly Dictionary<ulong, (string Name, ulong Parent, ulong BeginTick)> open = [];
    readonly bool seesFrames = rules.SlowFrame is not null || rules.SlowFrames.Count > 0;

    /// <summary>Whether it matters how long spans take.</summary>
    public bool SeesSpans { get; } = rules.SlowSpan is not null || rules.SlowSpans.Count > 0;

    /// <summary>How long a tick is; better known from pass to pass.</summary>
    public double NsPerTick { get; set; } = 1;

    /// <param name="endTick">Of a frame in progress the tick of now.</param>
    public void Frame(string series, ulong beginTick, ulong endTick)
    {
        if (seesFrames) Lasted(beginTick, endTick, rules.SlowFrames.TryGetValue(series, out var ofSeries) ? ofSeries : rules.SlowFrame);
    }

    /// <summary>A span that lies in no other of its thread.</summary>
    /// <param name="endTick">While it is open the tick of now.</param>
    public void RootSpan(string name, ulong beginTick, ulong endTick)
    {
        if (SeesSpans) Lasted(beginTick, endTick, Threshold(name, parent: 0));
    }

    public void AsyncBegin(ulong id, ulong parent, string name, ulong tick)
    {
        if (SeesSpans && open.Count < MostOpen && Threshold(name, parent) is not null) open[id] = (name, parent, tick);
    }

    public void AsyncEnd(ulong id, ulong parent, string name, ulong beginTick, ulong endTick)
    {
        if (!SeesSpans) return;
        open.Remove(id);
        Lasted(beginTick, endTick, Threshold(name, parent));
    }

    public void Log(byte severity, ulong tick)
    {
        if (severity >= (byte?)rules.Logs) interests.Add(tick, tick);
    }

    public void Marker(string name, ulong tick)
    {
        if (rules.Markers || name == KeepName) interests.Add(tick, tick);
    }

    /// <summary>Judges the async spans that are still open.</summary>
    public void LookAtOpen(ulong nowTick)
    {
        foreach (var (id, span) in open)
        {
            Lasted(span.BeginTick, nowTick, Threshold(span.Name, span.Parent));
            if (nowTick > span.BeginTick + LongestTicks) open.Remove(id);
        }
    }

    ulong LongestTicks => (ulong)(Sampling.LongestSlow.Ticks * 100 / NsPerTick);

    TimeSpan? Threshold(string name, ulong parent) => rules.SlowSpans.TryGetValue(name, out var ofName) ? ofName : parent == 0 ? rules.SlowSpan : null;

    void Lasted(ulong beginTick, ulong endTick, TimeSpan? threshold)
    {
        if (threshold is not { } most || endTick <= beginTick || (endTick - beginTick) * NsPerTick <= most.Ticks * 100) return;
        interests.Add(beginTick, Math.Min(endTick, beginTick + LongestTicks));
    }
}

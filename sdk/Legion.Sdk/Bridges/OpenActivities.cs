namespace Legion.Sdk;

/// <summary>
/// Begins of activities that have not ended, by span id: the end repeats what the begin said. Bounded, because some activities never end:
/// the oldest of its part gives way, and its row stays without an end.
/// </summary>
sealed class OpenActivities
{
    /// <summary>More than threads that begin activities at the same moment, or they wait for each other.</summary>
    const int Parts = 64;

    /// <summary>64 K in all, some 8 MB once a program has had so many.</summary>
    const int MostOfPart = 1024;

    readonly Part[] parts = [.. Enumerable.Range(0, Parts).Select(_ => new Part())];

    public void Add(in AsyncSpanScope span) => Of(span.Id.Id).Add(span);

    public bool TryRemove(ulong id, out AsyncSpanScope span) => Of(id).TryRemove(id, out span);

    // Numbers that are counted up spread as well as random ones.
    Part Of(ulong id) => parts[(id * 0x9E3779B97F4A7C15) >> 58];

    sealed class Part
    {
        readonly Lock changing = new();
        readonly Dictionary<ulong, AsyncSpanScope> spans = [];

        public void Add(in AsyncSpanScope span)
        {
            lock (changing)
            {
                if (spans.Count == MostOfPart) spans.Remove(spans.MinBy(known => known.Value.BeginTick).Key);
                spans[span.Id.Id] = span;
            }
        }

        public bool TryRemove(ulong id, out AsyncSpanScope span)
        {
            lock (changing) return spans.Remove(id, out span);
        }
    }
}

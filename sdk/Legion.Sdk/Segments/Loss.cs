namespace Legion.Sdk;

/// <summary>Events and bytes of one stream that a thread could not record.</summary>
struct LostEvents
{
    public ulong Events;
    public ulong Bytes;

    public void Add(uint events, int bytes)
    {
        Events += events;
        Bytes += (uint)bytes;
    }
}

/// <summary>Which stream an event is lost of.</summary>
enum LostKind
{
    Trace,
    Log,
    Metric,
    Frame,
}

/// <summary>
/// What a thread lost since its last whole record. Its owner and the flusher both take it, so it is guarded by its own lock;
/// a thread that loses nothing never comes here.
/// </summary>
sealed class Loss
{
    /// <summary>Words of a resync record before its lists: last tick and first tick, then events and bytes of each kind, then the number of ended scopes.</summary>
    const int FixedWords = 1 + 1 + 2 * Kinds + 1;

    const int Kinds = 4;

    /// <summary>Deeper nesting than this is a program's mistake; its scopes are ended with those around them.</summary>
    const int MostEnded = 1024;

    const int MostShapes = 256;

    readonly LostEvents[] lost = new LostEvents[Kinds];

    /// <summary>By id of the event's shape.</summary>
    public Dictionary<uint, LostEvents> UserEvents { get; } = [];

    /// <summary>Addresses of the begins of recorded spans and contexts whose end was lost, in order.</summary>
    public List<ulong> Ended { get; } = [];

    public ulong FirstTick { get; private set; }
    public ulong LastTick { get; private set; }
    public bool Any { get; private set; }

    /// <summary>Bytes that <see cref="Write"/> writes.</summary>
    public int RecordBytes => 8 * (1 + FixedWords + 3 * UserEvents.Count + Ended.Count);

    public LostEvents Of(LostKind kind) => lost[(int)kind];

    public void Add(LostKind kind, ulong tick, uint events, int bytes)
    {
        At(tick);
        lost[(int)kind].Add(events, bytes);
    }

    /// <summary>A scope of which the begin was recorded ends here.</summary>
    public void End(ulong begin)
    {
        if (Ended.Count < MostEnded) Ended.Add(begin);
    }

    /// <summary>An event of the program's own type. Beyond <see cref="MostShapes"/> types in one loss they count as those of the last.</summary>
    public void AddUserEvent(uint shape, ulong tick, int bytes)
    {
        At(tick);
        if (UserEvents.Count == MostShapes && !UserEvents.ContainsKey(shape)) shape = UserEvents.Keys.Last();
        UserEvents.TryGetValue(shape, out var known);
        known.Add(1, bytes);
        UserEvents[shape] = known;
    }

    /// <summary>Writes the loss as a resync record and forgets it.</summary>
    public unsafe void Write(byte* at)
    {
        var words = (ulong*)at;
        *words++ = RecordLayout.Prefix(RecordKind.Resync, RecordBytes, (uint)UserEvents.Count);
        // The last stands where every record has its tick, as that is not before the ticks of the records around it.
        *words++ = LastTick;
        *words++ = FirstTick;
        foreach (var kind in lost)
        {
            *words++ = kind.Events;
            *words++ = kind.Bytes;
        }
        *words++ = (ulong)Ended.Count;
        foreach (var (shape, events) in UserEvents)
        {
            *words++ = shape;
            *words++ = events.Events;
            *words++ = events.Bytes;
        }
        foreach (var begin in Ended) *words++ = begin;
        Clear();
    }

    /// <summary>Takes what is lost out of this.</summary>
    public Loss Take()
    {
        var taken = new Loss { FirstTick = FirstTick, LastTick = LastTick, Any = Any };
        lost.CopyTo(taken.lost, 0);
        foreach (var (shape, events) in UserEvents) taken.UserEvents.Add(shape, events);
        taken.Ended.AddRange(Ended);
        Clear();
        return taken;
    }

    /// <summary>Reads the words that follow a resync record's first.</summary>
    /// <exception cref="InvalidDataException">They are fewer than their counts say.</exception>
    public static Loss Read(ReadOnlySpan<ulong> words, uint shapes)
    {
        if (words.Length < FixedWords || shapes > MostShapes || words[FixedWords - 1] > MostEnded || (uint)words.Length < FixedWords + 3 * shapes + words[FixedWords - 1])
            throw new InvalidDataException($"expected a resync record of {shapes} types, saw {words.Length} words");
        var loss = new Loss { FirstTick = words[1], LastTick = words[0], Any = true };
        for (var kind = 0; kind < Kinds; kind++) loss.lost[kind] = new LostEvents { Events = words[2 + 2 * kind], Bytes = words[3 + 2 * kind] };
        var rest = words[FixedWords..];
        for (var i = 0; i < shapes; i++, rest = rest[3..]) loss.UserEvents[(uint)rest[0]] = new LostEvents { Events = rest[1], Bytes = rest[2] };
        loss.Ended.AddRange(rest[..(int)words[FixedWords - 1]]);
        return loss;
    }

    /// <summary>Widens the time of the loss.</summary>
    void At(ulong tick)
    {
        if (!Any) FirstTick = tick;
        LastTick = tick;
        Any = true;
    }

    void Clear()
    {
        Array.Clear(lost);
        UserEvents.Clear();
        Ended.Clear();
        Any = false;
    }
}

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

/// <summary>
/// What a thread lost since its last whole record. Its owner and the flusher both take it, so it is guarded by its own lock;
/// a thread that loses nothing never comes here.
/// </summary>
sealed class Loss
{
    public LostEvents Trace;
    public LostEvents Logs;
    public LostEvents Metrics;

    /// <summary>By id of the event's shape.</summary>
    public Dictionary<uint, LostEvents> UserEvents { get; } = [];

    public ulong FirstTick { get; private set; }
    public ulong LastTick { get; private set; }

    /// <summary>Recorded spans whose end was lost: the innermost ones of those open before the loss.</summary>
    public uint EndedSpans;

    /// <summary>Recorded contexts whose end was lost.</summary>
    public uint EndedContexts;

    public bool Any { get; private set; }

    /// <summary>Widens the time of the loss.</summary>
    public void At(ulong tick)
    {
        if (!Any) FirstTick = tick;
        LastTick = tick;
        Any = true;
    }

    public void AddUserEvent(uint shape, int bytes)
    {
        UserEvents.TryGetValue(shape, out var lost);
        lost.Add(1, bytes);
        UserEvents[shape] = lost;
    }

    /// <summary>Bytes that <see cref="Write"/> writes.</summary>
    public int RecordBytes => RecordLayout.PrefixBytes + 8 * 9 + 24 * UserEvents.Count;

    /// <summary>Writes the loss as a resync record and forgets it.</summary>
    public unsafe void Write(byte* at)
    {
        var words = (ulong*)at;
        words[0] = RecordLayout.Prefix(RecordKind.Resync, RecordBytes, (uint)UserEvents.Count);
        words[1] = FirstTick;
        words[2] = LastTick;
        words[3] = Trace.Events;
        words[4] = Trace.Bytes;
        words[5] = Logs.Events;
        words[6] = Logs.Bytes;
        words[7] = Metrics.Events;
        words[8] = Metrics.Bytes;
        words[9] = EndedSpans;
        words[10] = EndedContexts;
        var next = 11;
        foreach (var (shape, lost) in UserEvents)
        {
            words[next++] = shape;
            words[next++] = lost.Events;
            words[next++] = lost.Bytes;
        }
        Clear();
    }

    /// <summary>Takes what is lost out of this.</summary>
    public Loss Take()
    {
        var taken = new Loss
        {
            Trace = Trace, Logs = Logs, Metrics = Metrics, FirstTick = FirstTick, LastTick = LastTick,
            EndedSpans = EndedSpans, EndedContexts = EndedContexts, Any = Any,
        };
        foreach (var (shape, lost) in UserEvents) taken.UserEvents.Add(shape, lost);
        Clear();
        return taken;
    }

    /// <summary>Reads the words that follow a resync record's first.</summary>
    public static Loss Read(ReadOnlySpan<ulong> words, int shapes)
    {
        var loss = new Loss
        {
            FirstTick = words[0], LastTick = words[1],
            Trace = { Events = words[2], Bytes = words[3] },
            Logs = { Events = words[4], Bytes = words[5] },
            Metrics = { Events = words[6], Bytes = words[7] },
            EndedSpans = (uint)words[8], EndedContexts = (uint)words[9], Any = true,
        };
        for (var i = 0; i < shapes; i++)
        {
            var entry = words.Slice(10 + 3 * i, 3);
            loss.UserEvents.Add((uint)entry[0], new LostEvents { Events = entry[1], Bytes = entry[2] });
        }
        return loss;
    }

    void Clear()
    {
        Trace = Logs = Metrics = default;
        UserEvents.Clear();
        EndedSpans = EndedContexts = 0;
        Any = false;
    }
}

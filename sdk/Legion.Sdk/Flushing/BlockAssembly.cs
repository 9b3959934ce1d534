using Legion.Format;

namespace Legion.Sdk;

/// <summary>The block of a stream that is being put together: its events, and what its header will say of them.</summary>
sealed class BlockAssembly
{
    readonly Guid processId;
    readonly Guid streamId;
    readonly StreamClass streamClass;
    readonly ushort gapIndex;
    ulong sequence;
    ulong firstOrdinal;
    uint events;

    // Bytes of rows whose events are counted.
    int countedBytes;

    public BlockAssembly(Guid processId, Guid streamId, StreamClass streamClass, Schema schema)
    {
        this.processId = processId;
        this.streamId = streamId;
        this.streamClass = streamClass;
        gapIndex = schema.IndexOf(WellKnown.Gap);
        Block = new BlockWriter(schema, BlockEncoding.Columns);
    }

    public BlockWriter Block { get; }

    /// <summary>True while there is neither an event nor a gap.</summary>
    public bool IsEmpty => NextOrdinal == firstOrdinal;

    public bool HasEvents => events > 0;

    public ulong NextOrdinal { get; private set; }

    public ulong FirstTick { get; private set; } = ulong.MaxValue;

    public ulong LastTick { get; private set; }

    /// <summary>Goes on behind the stream's last block.</summary>
    public void Resume(ulong sequence, ulong nextOrdinal)
    {
        this.sequence = sequence;
        firstOrdinal = NextOrdinal = nextOrdinal;
    }

    /// <summary>Counts an event in.</summary>
    /// <returns>Its ordinal.</returns>
    public ulong Count(ulong tick)
    {
        Cover(tick, tick);
        events++;
        countedBytes = Block.Events.Length;
        return NextOrdinal++;
    }

    /// <summary>Counts in an event whose tick is not before that of the last one.</summary>
    public void CountInOrder(ulong tick) => CountInOrder(1, tick, tick);

    /// <summary>Counts in events of which none is before the last one.</summary>
    public void CountInOrder(uint count, ulong first, ulong last)
    {
        if (events == 0) FirstTick = Math.Min(FirstTick, first);
        LastTick = last;
        countedBytes = Block.Events.Length;
        events += count;
        NextOrdinal += count;
    }

    /// <summary>Writes the record of lost events, and counts their ordinals.</summary>
    public void Lose(in Gap gap)
    {
        Cover(gap.BeginTick, gap.EndTick);
        GapEvent.Write(Block, gapIndex, gap);
        countedBytes = Block.Events.Length;
        NextOrdinal += gap.Events;
    }

    /// <summary>Takes back what was written of an event that is not counted: memory ran out, or its record made no sense, in the middle of it.</summary>
    public void DropUncounted() => Block.Events.Truncate(countedBytes);

    /// <summary>The block so far; another is begun.</summary>
    /// <param name="blockId">A UUIDv7.</param>
    public FinishedBlock Finish(Guid blockId, BlockClock clock, IReadOnlyList<OpenSpan> openSpans, IReadOnlyList<uint> openContexts, OpenScopes after)
    {
        var header = new BlockHeader
        {
            BlockId = blockId,
            StreamId = streamId,
            ProcessId = processId,
            Schema = Block.Schema.Hash,
            Class = streamClass,
            Sequence = sequence,
            FirstOrdinal = firstOrdinal,
            NextOrdinal = NextOrdinal,
            Events = events,
            FirstTick = FirstTick,
            LastTick = LastTick,
            Clock = clock,
            Flags = LastTick > clock.Knots[^1].Ticks ? BlockFlags.ClockExtrapolated : BlockFlags.None,
            OpenSpans = openSpans,
            OpenContexts = openContexts,
        };
        var finished = new FinishedBlock(header, Block.Schema, Block.Finish(header), Block.RowBytes, after);
        Block.Clear();
        sequence++;
        firstOrdinal = NextOrdinal;
        events = 0;
        countedBytes = 0;
        (FirstTick, LastTick) = (ulong.MaxValue, 0);
        return finished;
    }

    void Cover(ulong from, ulong to)
    {
        FirstTick = Math.Min(FirstTick, from);
        LastTick = Math.Max(LastTick, to);
    }
}

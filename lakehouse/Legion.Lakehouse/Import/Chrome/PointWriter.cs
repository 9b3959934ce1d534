using Legion.Format;

namespace Legion.Lakehouse.Import.Chrome;

/// <summary>Writes logs or measures of all threads of a process, in order of time, into blocks of one stream.</summary>
sealed class PointWriter(Guid processId, Guid streamId, StreamClass streamClass)
{
    /// <summary>The text of a log that came without a template: all of it is one argument.</summary>
    static readonly Template whole = new("{message}", new Site("", "", "", 0));

    readonly BlockWriter block = new(WellKnown.Schema, BlockEncoding.Columns);
    uint events;
    ulong firstOrdinal, firstTick, lastTick;

    /// <summary>So many have been cut.</summary>
    public ulong Blocks { get; private set; }

    public bool IsEmpty => events == 0;

    public int EventBytes => block.RowBytes + block.Dependencies.Bytes;

    public void Log(ulong tick, ChromeThread thread, Level level, string message, Property[] properties)
    {
        LogEvent.Write(block, tick, Reference(thread), (byte)level, block.Dependencies.Template(whole), properties.Length == 0 ? FormatLimits.NoReference : block.Dependencies.PropertySet(properties), [message]);
        Count(tick);
    }

    public void Metric(ulong tick, ChromeThread thread, Site site, string unit, double value)
    {
        MetricEvent.Write(block, tick, value, Reference(thread), block.Dependencies.Site(site), unit.Length == 0 ? FormatLimits.NoReference : block.Dependencies.String(unit), FormatLimits.NoReference);
        Count(tick);
    }

    /// <summary>The block of all events since the last cut.</summary>
    public byte[] Cut(Guid blockId, ChromeClock clock)
    {
        var header = new BlockHeader
        {
            BlockId = blockId, StreamId = streamId, ProcessId = processId, Schema = block.Schema.Hash, Class = streamClass, Sequence = Blocks++,
            FirstOrdinal = firstOrdinal, NextOrdinal = firstOrdinal + events, Events = events, FirstTick = firstTick, LastTick = lastTick, Clock = clock.Around(firstTick, lastTick),
        };
        var bytes = block.Finish(header);
        block.Clear();
        (firstOrdinal, events) = (header.NextOrdinal, 0);
        return bytes;
    }

    ThreadReference Reference(ChromeThread thread) => new(ulong.TryParse(thread.Id, out var number) ? number : 0, block.Dependencies.String(thread.Name));

    void Count(ulong tick)
    {
        if (events++ == 0) firstTick = tick;
        lastTick = tick;
    }
}

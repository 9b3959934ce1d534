using Legion.Format;

namespace Legion.Sdk;

/// <summary>
/// What is sent of all that is recorded: blocks near something interesting, and a few others. It is decided afterwards, block by block, when all that could make
/// a block interesting is known. What is left out is a gap record with exact counts, and all spans around it are as they were.
/// </summary>
public sealed record Sampling
{
    /// <summary>What goes on for longer is the program's way of life: of it the first minute counts as slow.</summary>
    internal static readonly TimeSpan LongestSlow = TimeSpan.FromMinutes(1);

    /// <summary>A frame that takes longer is interesting, whatever its series; null for none. At most a minute, as blocks wait for so long.</summary>
    public TimeSpan? SlowFrame { get; init; }

    /// <summary>The same by the name of the series, in place of <see cref="SlowFrame"/>.</summary>
    public Dictionary<string, TimeSpan> SlowFrames { get; init; } = [];

    /// <summary>A span that takes longer and lies in no other is interesting, async spans included; null for none. At most a minute, as blocks wait for so long.</summary>
    public TimeSpan? SlowSpan { get; init; }

    /// <summary>The same by name, in place of <see cref="SlowSpan"/>; async spans of these names need not be outermost.</summary>
    public Dictionary<string, TimeSpan> SlowSpans { get; init; } = [];

    /// <summary>Logs from this level on are interesting; null for none.</summary>
    public Level? Logs { get; init; } = Level.Error;

    /// <summary>Markers are interesting. Those of <see cref="Telemetry.Keep"/> always are.</summary>
    public bool Markers { get; init; } = true;

    /// <summary>How much is kept before and after what is interesting.</summary>
    public TimeSpan Margin { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Of each stream one block in so many is sent, interesting or not, so that it is known what is usual. 1 for all, 0 for none.</summary>
    public int OneIn { get; init; } = 100;

    /// <summary>What may be left out; of everything else all is sent. Frames are of the class of metrics, the program's own events of class other.</summary>
    public HashSet<StreamClass> Classes { get; init; } = [StreamClass.Trace];

    /// <summary>
    /// Bytes of blocks that are sent in a second, at most and on the average of a minute; null for any number. Beyond it blocks are left out, interesting or not
    /// and of every class: traces first, then metrics, then the program's own events, then logs. A block that is larger than a minute's share never goes.
    /// </summary>
    public long? BytesPerSecond { get; init; }

    /// <summary>The longest that something can go on before it is known to be slow.</summary>
    internal TimeSpan LongestThreshold => new[] { SlowFrame ?? TimeSpan.Zero, SlowSpan ?? TimeSpan.Zero }.Concat(SlowFrames.Values).Concat(SlowSpans.Values).Max();

    /// <exception cref="ArgumentException">A time or number makes no sense.</exception>
    internal void Check()
    {
        if (Margin < TimeSpan.Zero || OneIn < 0 || BytesPerSecond < 1) throw new ArgumentException($"expected a Margin and OneIn that are not negative and BytesPerSecond above 0, saw {Margin}, {OneIn} and {BytesPerSecond}", nameof(Sampling));
        var thresholds = new[] { SlowFrame ?? TimeSpan.Zero, SlowSpan ?? TimeSpan.Zero }.Concat(SlowFrames.Values).Concat(SlowSpans.Values);
        if (thresholds.Any(threshold => threshold < TimeSpan.Zero || threshold > LongestSlow)) throw new ArgumentException($"expected times of slow frames and spans of at most {LongestSlow.TotalSeconds} s", nameof(Sampling));
    }
}

using Legion.Format;
using static Legion.Tests.Format.GoldenScene;

namespace Legion.Tests.Format;

/// <summary>
/// Three blocks of one thread: spans and contexts that cross both edges, dynamic names and arguments, and a gap in which a span ended.
/// A fourth block, of another thread, ends what the first thread began asynchronously.
/// </summary>
static class GoldenSpans
{
    static readonly Property[] Forest = [new("level", "forest"), new("seed", 7)];
    static readonly Property[] Storm = [new("weather", "storm")];
    static readonly Property[] LoadArguments = [new("file", "trees.bin"), new("bytes", 123_456_789_012L), new("ratio", 0.25), new("cold", true)];

    /// <summary>Ids of the spans that cross an edge: the ordinals of their begins.</summary>
    const ulong FrameSpan = 1, LoadSpan = 4, SecondDrawSpan = 6;

    public static byte[] First(BlockEncoding encoding)
    {
        var block = new BlockWriter(WellKnown.Schema, encoding);
        var dependencies = block.Dependencies;
        var (frame, draw, load) = (dependencies.Site(Frame), dependencies.Site(Draw), dependencies.Site(Load));
        ContextPushEvent.Write(block, 1_100, dependencies.PropertySet(Forest));               // 0
        SpanBeginEvent.Write(block, 1_200, frame);                                            // 1
        SpanBeginEvent.Write(block, 1_300, draw);                                             // 2
        SpanEndEvent.Write(block, 2_600);                                                     // 3
        SpanBeginDynamicEvent.Write(block, 3_000, load, "load trees", LoadArguments);         // 4
        AsyncBeginEvent.Write(block, 3_500, Download(load));                                  // 5
        return block.Finish(Header(1, MainStream, StreamClass.Trace, 0, (0, 6), 6, (1_100, 3_500)));
    }

    public static byte[] Second(BlockEncoding encoding)
    {
        var block = new BlockWriter(WellKnown.Schema, encoding);
        var dependencies = block.Dependencies;
        var (frame, draw, load) = (dependencies.Site(Frame), dependencies.Site(Draw), dependencies.Site(Load));
        var forest = dependencies.PropertySet(Forest);
        SpanBeginEvent.Write(block, 11_100, draw);                                            // 6
        ContextPushEvent.Write(block, 11_150, dependencies.PropertySet(Storm));               // 7
        SpanBeginDynamicEvent.Write(block, 11_200, load, "", []);                             // 8
        SpanEndEvent.Write(block, 12_000);                                                    // 9
        ContextPopEvent.Write(block, 12_500);                                                 // 10
        return block.Finish(Header(2, MainStream, StreamClass.Trace, 1, (6, 11), 5, (11_100, 12_500)) with
        {
            OpenSpans = [OpenFrame(frame, childTicks: 1_300), OpenLoad(load)],
            OpenContexts = [forest],
        });
    }

    /// <summary>Four events are lost: the end of the second draw, a span of which nothing is left, and the begin of a context that stays open.</summary>
    public static byte[] Third(BlockEncoding encoding)
    {
        var block = new BlockWriter(WellKnown.Schema, encoding);
        var dependencies = block.Dependencies;
        var (frame, draw, load) = (dependencies.Site(Frame), dependencies.Site(Draw), dependencies.Site(Load));
        var (forest, storm) = (dependencies.PropertySet(Forest), dependencies.PropertySet(Storm));
        GapEvent.Write(block, new Gap(13_000, 14_000, 4, 40, GapReason.Memory));              // 11 to 14
        ContextPopEvent.Write(block, 14_500);                                                 // 15
        SpanEndEvent.Write(block, 15_000);                                                    // 16: load
        SpanBeginEvent.Write(block, 16_001, draw);                                            // 17
        SpanEndEvent.Write(block, 21_000);                                                    // 18
        SpanEndEvent.Write(block, 25_000);                                                    // 19: frame
        SpanBeginEvent.Write(block, 26_000, FormatLimits.NoReference);                        // 20: without a site
        SpanBeginEvent.Write(block, 27_000, frame);                                           // 21: still open
        return block.Finish(Header(3, MainStream, StreamClass.Trace, 2, (11, 22), 7, (13_000, 27_000)) with
        {
            OpenSpans = [OpenFrame(frame, childTicks: 1_300), OpenLoad(load) with { ChildTicks = 2_100 }],
            OpenContexts = [forest, storm],
        });
    }

    public static byte[] Worker(BlockEncoding encoding)
    {
        var block = new BlockWriter(WellKnown.Schema, encoding);
        var load = block.Dependencies.Site(Load);
        SpanBeginDynamicEvent.Write(block, 5_000, FormatLimits.NoReference, "poll", [new("nothing", Value.Null), new("large", Value.Of(ulong.MaxValue)), new("raw", Value.Of([1, 2, 3]))]);
        AsyncEndEvent.Write(block, 9_000, Download(load));
        SpanEndEvent.Write(block, 9_500);
        return block.Finish(Header(4, WorkerStream, StreamClass.Trace, 0, (0, 3), 3, (5_000, 9_500)) with { Flags = BlockFlags.StackOmitted });
    }

    /// <summary>Async spans with names and arguments of their own, the points of a flow, and markers.</summary>
    public static byte[] Moments(BlockEncoding encoding)
    {
        var block = new BlockWriter(WellKnown.Schema, encoding);
        var load = block.Dependencies.Site(Load);
        var download = Download(load) with { BeginTick = 10_500, BeginStream = WorkerStream, TraceId = default };
        AsyncBeginDynamicEvent.Write(block, 10_500, download, "download trees", [new("url", "trees.bin")]);
        FlowEvent.Write(block, 10_600, 0x77, load);
        FlowEvent.Write(block, 10_700, 0x77, FormatLimits.NoReference);
        MarkerEvent.Write(block, 10_700, load, "", []);
        MarkerEvent.Write(block, 10_800, FormatLimits.NoReference, "größer", [new("level", 3)]);
        AsyncEndDynamicEvent.Write(block, 11_900, download, "download trees", [new("url", "trees.bin"), new("bytes", 12L)]);
        return block.Finish(Header(10, WorkerStream, StreamClass.Trace, 1, (3, 9), 6, (10_500, 11_900)));
    }

    /// <summary>Every span of the main thread in the order in which it ends, by hand: id, parent, depth, begin, end, name. Ends that were lost are null.</summary>
    public static IReadOnlyList<SpanRow> MainRows { get; } =
    [
        new(2, FrameSpan, 1, At(600), At(1_033), "draw"),
        new(8, SecondDrawSpan, 3, At(3_920), At(4_200), "load"),
        new(SecondDrawSpan, LoadSpan, 2, At(3_885), null, "draw"),
        new(LoadSpan, FrameSpan, 1, At(1_166), At(5_250), "load trees"),
        new(17, FrameSpan, 1, At(5_600), At(7_300), "draw"),
        new(FrameSpan, null, 0, At(566), At(8_500), "frame"),
        new(20, null, 0, At(8_800), null, null),
        new(21, 20, 1, At(9_100), null, "frame"),
    ];

    static long At(long ns) => UtcOffsetNs + ns;

    static AsyncSpanIdentity Download(uint site) => new(0x1122_3344_5566_7788, 9, site, 3_500, MainStream, new UInt128(0x0011_2233_4455_6677, 0x8899_aabb_ccdd_eeff));

    static OpenSpan OpenFrame(uint site, ulong childTicks) =>
        new() { Ordinal = FrameSpan, BeginTick = 1_200, BeginNs = Clock.Ns(1_200), ChildTicks = childTicks, Site = site, ContextDepth = 1 };

    static OpenSpan OpenLoad(uint site) =>
        new() { Ordinal = LoadSpan, BeginTick = 3_000, BeginNs = Clock.Ns(3_000), Site = site, Name = "load trees", Arguments = LoadArguments, ContextDepth = 1 };
}

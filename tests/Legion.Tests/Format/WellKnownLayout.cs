using Legion.Format;

namespace Legion.Tests.Format;

/// <summary>Where the library's own events lie. Stored blocks name these layouts through their schema, and writers go by the indexes.</summary>
public class WellKnownLayout
{
    public static TheoryData<string, ushort, int, int> Types => new()
    {
        { WellKnown.SpanBegin, SpanBeginEvent.Index, 12, 12 },
        { WellKnown.SpanBeginDynamic, SpanBeginDynamicEvent.Index, 0, 28 },
        { WellKnown.SpanEnd, SpanEndEvent.Index, 8, 8 },
        { WellKnown.ContextPush, ContextPushEvent.Index, 12, 12 },
        { WellKnown.ContextPop, ContextPopEvent.Index, 8, 8 },
        { WellKnown.AsyncBegin, AsyncBeginEvent.Index, 68, 68 },
        { WellKnown.AsyncEnd, AsyncEndEvent.Index, 68, 68 },
        { WellKnown.Log, LogEvent.Index, 0, 37 },
        { WellKnown.Metric, MetricEvent.Index, 40, 40 },
        { WellKnown.Gap, GapEvent.Index, 33, 33 },
        { WellKnown.AttachmentChunk, AttachmentChunkEvent.Index, 0, 88 },
        { WellKnown.AsyncBeginDynamic, AsyncBeginDynamicEvent.Index, 0, 84 },
        { WellKnown.AsyncEndDynamic, AsyncEndDynamicEvent.Index, 0, 84 },
        { WellKnown.Flow, FlowEvent.Index, 20, 20 },
        { WellKnown.Marker, MarkerEvent.Index, 0, 28 },
        { WellKnown.Frame, FrameEvent.Index, 44, 44 },
        { WellKnown.Count, CountEvent.Index, 40, 40 },
    };

    [Theory, MemberData(nameof(Types))]
    public void IndexesAndSizesStay(string name, ushort index, int size, int fixedBytes)
    {
        Assert.Equal(WellKnown.Schema.IndexOf(name), index);
        Assert.Equal(size, WellKnown.Schema.Types[index].Size);
        Assert.Equal(fixedBytes, WellKnown.Schema.Types[index].FixedBytes);
    }

    [Fact]
    public void EveryTypeIsLocked() => Assert.Equal(WellKnown.Schema.Types.Select(type => type.Name), Types.Select(row => row.Data.Item1));

    [Fact]
    public void FieldsOfEveryTypeFollowOneAnotherWithoutHoles()
    {
        foreach (var type in WellKnown.Schema.Types)
        {
            var end = 0;
            foreach (var field in type.Fields)
            {
                Assert.Equal(end, field.Offset);
                end += field.Size;
            }
            Assert.Equal(type.FixedBytes, end);
        }
    }

    [Fact]
    public void ChecksumIsCastagnolis() => Assert.Equal(0xE3069283, Crc32C.Of("123456789"u8));
}

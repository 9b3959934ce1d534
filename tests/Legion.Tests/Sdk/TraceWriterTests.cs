using CsCheck;
using Legion.Format;
using Legion.Sdk;
using Xunit;

namespace Legion.Tests.Sdk;

/// <summary>Random nesting, cut at random points: what each block says alone agrees with a plain list of what happened.</summary>
public sealed class TraceWriterTests
{
    enum Step
    {
        Begin,
        BeginDynamic,
        End,
        Cut,
        Push,
        Pop,
        Gap,
    }

    static readonly Site[] sites = [.. Enumerable.Range(0, 5).Select(i => new Site("site " + i, "T", "T.cs", i + 1))];

    static readonly Gen<(Step Step, uint Wait, int Pick)[]> genSteps = Gen.Select(
        Gen.Frequency((6, Gen.Const(Step.Begin)), (2, Gen.Const(Step.BeginDynamic)), (7, Gen.Const(Step.End)), (2, Gen.Const(Step.Cut)),
            (1, Gen.Const(Step.Push)), (1, Gen.Const(Step.Pop)), (1, Gen.Const(Step.Gap))),
        Gen.UInt[0, 1000],
        Gen.Int[0, 4]).Array[0, 300];

    [Fact]
    public void Depth_parent_duration_and_context_are_known_from_each_block_alone() => genSteps.Sample(Check, iter: 500, seed: "0001legion00");

    static void Check((Step Step, uint Wait, int Pick)[] steps)
    {
        var (process, stream) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var writer = new TraceWriter(process, stream);
        var blocks = new List<FinishedBlock>();
        var expected = new List<DecodedSpan>();
        var open = new List<DecodedSpan>();
        var contexts = new List<Property>();
        var expectedContexts = new Dictionary<ulong, Property[]>();
        var (tick, lost) = (1000ul, 0ul);

        foreach (var (step, wait, pick) in steps)
        {
            tick += wait;
            switch (step)
            {
                case Step.Begin:
                    Begin(sites[pick].Name, []);
                    writer.Begin(tick, sites[pick]);
                    break;
                case Step.BeginDynamic:
                    Property[] arguments = pick == 0 ? [] : [new("n", pick)];
                    Begin("own " + pick, arguments);
                    writer.Begin(tick, pick == 1 ? null : sites[pick], "own " + pick, arguments);
                    break;
                case Step.End when open.Count > 0:
                    open[^1].EndTick = tick;
                    open.RemoveAt(open.Count - 1);
                    writer.End(tick);
                    break;
                case Step.Push:
                    contexts.Add(new Property("c" + contexts.Count, pick));
                    writer.PushContext(tick, contexts[^1]);
                    break;
                case Step.Pop when contexts.Count > 0:
                    contexts.RemoveAt(contexts.Count - 1);
                    writer.PopContext(tick);
                    break;
                case Step.Cut when !writer.IsEmpty:
                    Cut();
                    break;
                case Step.Gap:
                    if (!writer.IsEmpty) Cut();
                    var (endedSpans, endedContexts) = (Math.Min(pick, open.Count), Math.Min(pick / 2, contexts.Count));
                    foreach (var span in open[^endedSpans..]) span.IsTruncated = true;
                    open.RemoveRange(open.Count - endedSpans, endedSpans);
                    contexts.RemoveRange(contexts.Count - endedContexts, endedContexts);
                    lost += (ulong)pick + 3;
                    writer.Lose(new Gap(tick, tick + 5, (ulong)pick + 3, 99, GapReason.Memory), endedSpans, endedContexts);
                    tick += 5;
                    break;
            }
        }
        if (!writer.IsEmpty) Cut();

        var record = new StreamRecord { StreamId = stream, ProcessId = process, Version = 1, Class = StreamClass.Trace };
        var decoded = DecodedStream.Of(record, blocks, new Dictionary<SchemaHash, Schema> { [WellKnown.Schema.Hash] = WellKnown.Schema });
        Assert.Equal(lost, decoded.LostEvents);
        Assert.Equal(writer.NextOrdinal, (ulong)decoded.Events.Count + lost);
        Assert.Equal(expected.Count, decoded.Spans.Count);
        foreach (var (want, got) in expected.Zip(decoded.Spans.OrderBy(span => span.Id)))
        {
            Assert.Equal((want.Id, want.Parent, want.Depth, want.Name, want.BeginTick, want.EndTick), (got.Id, got.Parent, got.Depth, got.Name, got.BeginTick, got.EndTick));
            // A gap after which nothing was recorded shows in no later header.
            if (got.IsTruncated) Assert.True(want.IsTruncated);
        }
        foreach (var begin in decoded.Events.Where(entry => expectedContexts.ContainsKey(entry.Ordinal)))
            Assert.Equal(expectedContexts[begin.Ordinal], begin.Context);

        void Begin(string name, Property[] arguments)
        {
            var span = new DecodedSpan(writer.NextOrdinal, open.Count == 0 ? null : open[^1].Id, open.Count, name, tick) { Arguments = arguments };
            expected.Add(span);
            open.Add(span);
            expectedContexts[span.Id] = [.. contexts];
        }

        void Cut() => blocks.Add(writer.Cut(Guid.CreateVersion7(), new BlockClock(0, [new ClockKnot(0, 0, 0), new ClockKnot(1 << 30, 1 << 30, 0)])));
    }

    [Fact]
    public void Async_spans_flows_and_markers_leave_the_stack_alone()
    {
        var stream = Guid.CreateVersion7();
        var writer = new TraceWriter(Guid.CreateVersion7(), stream);
        var span = new AsyncSpanIdentity(7, 0, FormatLimits.NoReference, 12, stream, UInt128.Zero);
        Property[] tags = [new("n", 1)];
        writer.Begin(10, sites[0]);
        writer.AsyncBegin(12, span, sites[1], "", []);
        writer.AsyncBegin(13, span with { Id = 8 }, null, "named", tags);
        writer.Flow(14, 99, sites[2]);
        writer.Begin(15, sites[3]);
        writer.Marker(15, sites[1], "", tags);
        writer.End(16);
        writer.AsyncEnd(17, span, sites[1], "", tags);
        writer.AsyncEnd(18, span with { Id = 8 }, null, "", []);
        Assert.Equal(1, writer.Depth);
        var block = writer.Cut(Guid.CreateVersion7(), new BlockClock(0, [new ClockKnot(0, 0, 0), new ClockKnot(100, 200, 0)]));

        var record = new StreamRecord { StreamId = stream, ProcessId = block.Header.ProcessId, Version = 1, Class = StreamClass.Trace };
        var events = DecodedStream.Of(record, [block], new Dictionary<SchemaHash, Schema> { [WellKnown.Schema.Hash] = WellKnown.Schema }).Events;
        Assert.Equal(
            [
                WellKnown.SpanBegin, WellKnown.AsyncBegin, WellKnown.AsyncBeginDynamic, WellKnown.Flow, WellKnown.SpanBegin, WellKnown.Marker,
                WellKnown.SpanEnd, WellKnown.AsyncEndDynamic, WellKnown.AsyncEnd,
            ],
            events.Select(entry => entry.Type));
        Assert.Equal([10ul, 12, 13, 14, 15, 15, 16, 17, 18], events.Select(entry => entry.Tick));
        Assert.Equal(("named", (object)8L), (events[2]["name"], events[2]["id"]));
        Assert.Equal(tags, (Property[])events[2]["arguments"]!);
        Assert.Equal(((object)99L, sites[2]), (events[3]["id"], events[3]["site"]));
    }

    [Fact]
    public void An_end_without_a_begin_is_refused() =>
        Assert.Throws<InvalidOperationException>(() => new TraceWriter(Guid.CreateVersion7(), Guid.CreateVersion7()).End(1));

    [Fact]
    public void A_block_given_up_becomes_a_gap_with_its_id_ordinals_and_the_stack_after_it()
    {
        var writer = new TraceWriter(Guid.CreateVersion7(), Guid.CreateVersion7());
        writer.Begin(10, sites[0]);
        writer.Begin(20, sites[1]);
        writer.End(30);
        var block = writer.Cut(Guid.CreateVersion7(), new BlockClock(0, [new ClockKnot(0, 0, 0), new ClockKnot(100, 200, 0)]));

        var gap = block.ToGap(GapReason.Spool);
        var read = Block.Read(gap.Bytes);
        var open = Assert.Single(read.Header.OpenSpans);

        Assert.Equal(block.Header.BlockId, read.Header.BlockId);
        Assert.Equal((0ul, 0ul, 3ul, 0u), (read.Header.Sequence, read.Header.FirstOrdinal, read.Header.NextOrdinal, read.Header.Events));
        Assert.Equal((0ul, 10ul, 20L, 10ul), (open.Ordinal, open.BeginTick, open.BeginNs, open.ChildTicks));
        var events = read.ReadEvents(WellKnown.Schema);
        Assert.True(events.Next());
        Assert.Equal(new Gap(10, 30, 3, (ulong)block.RawBytes, GapReason.Spool), GapEvent.Read(events.Current.Type, events.Current.Body));
        Assert.False(events.Next());
    }
}

using Legion.Format;
using Legion.Sdk;

namespace Legion.Tests.Sdk;

/// <summary>An event that memory ran out in stands half written in its block: it is taken back, and what comes before and after stays whole.</summary>
public sealed class BlockAssemblyTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(40)]
    public void AnEventThatFailedIsTakenBack(int writtenBytes)
    {
        var assembly = new BlockAssembly(Guid.CreateVersion7(), Guid.CreateVersion7(), StreamClass.Trace, WellKnown.Schema);
        for (var tick = 1ul; tick <= 6; tick++)
        {
            if (tick % 3 == 0) assembly.Block.Spans([(byte)SpanBeginEvent.Index], [tick], [8]);
            else FlowEvent.Write(assembly.Block, tick, id: tick, FormatLimits.NoReference);
            assembly.CountInOrder(tick);
            assembly.Block.Events.Bytes(new byte[writtenBytes]);
            assembly.DropUncounted();
        }

        var finished = assembly.Finish(Guid.CreateVersion7(), new BlockClock(0, [new ClockKnot(0, 0, 0), new ClockKnot(10, 10, 10)]), [], [], OpenScopes.None);
        var events = Block.Read(finished.Bytes).ReadEvents(WellKnown.Schema);
        var seen = new List<(string, ulong)>();
        while (events.Next()) seen.Add((events.Current.Type.Name, events.Current.Type.FindRole(FieldRole.Time)!.ReadU64(events.Current.Body)));

        Assert.Equal([(WellKnown.Flow, 1), (WellKnown.Flow, 2), (WellKnown.SpanBegin, 3), (WellKnown.Flow, 4), (WellKnown.Flow, 5), (WellKnown.SpanBegin, 6)], seen);
    }
}

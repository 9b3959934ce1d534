using Legion.Format;
using Legion.Store;

namespace Legion.Tests.Store;

public abstract partial class CatalogContract
{
    [Fact]
    public async Task StreamsAreSummedUpToAVersion()
    {
        var stream = await RegisterStreamAsync();
        var second = Stream(stream.ProcessId);
        await RegisterAsync(second);
        var elsewhere = await RegisterStreamAsync();
        async Task InsertAsync(StreamRow of, string key, params BlockRow[] blocks) =>
            await Catalog.InsertBlocksAsync(Tenant.Default, [new NewObject(key, 1, 1, StreamClass.Trace, of.ProcessId, blocks)], Cancellation);
        await InsertAsync(stream, "a", Block(stream, "a", 0) with { Events = 5, Bytes = 100, RawBytes = 300, BeginNs = 20, EndNs = 30 }, Block(stream, "a", 1) with { Events = uint.MaxValue, Bytes = int.MaxValue, RawBytes = int.MaxValue, BeginNs = 10, EndNs = 25 });
        await InsertAsync(second, "b", Block(second, "b", 0) with { Events = 1, Bytes = 2, RawBytes = 3, BeginNs = long.MinValue, EndNs = long.MaxValue });
        await InsertAsync(elsewhere, "c", Block(elsewhere, "c", 0));

        var first = new StreamSums(stream.StreamId, 2, 5L + uint.MaxValue, 100L + int.MaxValue, 300L + int.MaxValue, 10, 30);
        async Task<IReadOnlyList<StreamSums>> SumsAsync(long? version) => await Catalog.SumStreamsAsync(Tenant.Default, stream.ProcessId, version, Cancellation);
        Assert.Equal([first], await SumsAsync(1));
        Assert.Equivalent(new[] { first, new StreamSums(second.StreamId, 1, 1, 2, 3, long.MinValue, long.MaxValue) }, await SumsAsync(null), strict: true);
        Assert.Empty(await SumsAsync(0));
        Assert.Empty(await Catalog.SumStreamsAsync(new Tenant("other"), stream.ProcessId, null, Cancellation));
    }

    /// <summary>Programs give their records whatever versions they like.</summary>
    [Fact]
    public async Task TheSetOfProcessesIsAnotherWithEachThatIsToldAnew()
    {
        var (first, second) = (Guid.NewGuid(), Guid.NewGuid());
        var seen = new List<ProcessSetVersion> { await Catalog.ReadProcessSetVersionAsync(Tenant.Default, Cancellation) };
        foreach (var process in (ProcessRow[])[Process(first, long.MaxValue - 1), Process(second, long.MaxValue - 1), Process(first, long.MaxValue), Process(second, long.MaxValue) with { EndNs = 5, EndReason = "exit" }])
        {
            await RegisterAsync(process);
            seen.Add(await Catalog.ReadProcessSetVersionAsync(Tenant.Default, Cancellation));
        }
        Assert.Equal(seen.Count, seen.Distinct().Count());
        Assert.Equal((2, 1), (seen[^1].Count, seen[^1].Ended));

        // One that is told once more as it was is no change, and neither is another tenant's.
        await RegisterAsync(Process(first));
        Assert.Equal(seen[^1], await Catalog.ReadProcessSetVersionAsync(Tenant.Default, Cancellation));
        Assert.Equal(seen[0], await Catalog.ReadProcessSetVersionAsync(new Tenant("other"), Cancellation));
    }

    [Fact]
    public async Task TheChildrenOfAProcessAreThoseThatNameIt()
    {
        var (parent, old, young, other) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await RegisterAsync(Process(parent), Process(other) with { StartNs = 9 }, Process(old) with { ParentProcessId = parent, StartNs = 1 }, Process(young) with { ParentProcessId = parent, StartNs = 2 });
        async Task<IEnumerable<Guid>> ChildrenAsync(Guid of, int most) => (await Catalog.ReadChildrenAsync(Tenant.Default, of, most, Cancellation)).Select(child => child.ProcessId);
        Assert.Equal([young, old], await ChildrenAsync(parent, 5));
        Assert.Equal([young], await ChildrenAsync(parent, 1));
        Assert.Empty(await ChildrenAsync(other, 5));
        Assert.Empty(await Catalog.ReadChildrenAsync(new Tenant("other"), parent, 5, Cancellation));
    }
}

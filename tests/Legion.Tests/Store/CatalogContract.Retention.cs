using Legion.Format;
using Legion.Lakehouse;
using Legion.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Store;

public abstract partial class CatalogContract
{
    static readonly Tenant other = new("other");

    /// <summary>How many buckets go with a class of one day that nobody keeps.</summary>
    private protected virtual int BucketsOfADay => 0;

    [Fact]
    public async Task OldDaysOfATenantsClassGoWithTheirObjectsAndPartitionsAndNothingElse()
    {
        using var folder = new TemporaryFolder();
        var (store, clock) = (StoreIn(folder), new ManualClock());
        var (spans, others) = (new Recording(), new Recording());
        var logs = new Recording { ProcessId = spans.ProcessId, Class = StreamClass.Log };
        await AppendAsync(store, clock, Tenant.Default, spans, BlockCode.Stored, "", BlockOf(spans, clock, 40), BlockOf(spans, clock, 5));
        await AppendAsync(store, clock, Tenant.Default, logs, BlockCode.Stored, "", BlockOf(logs, clock, 40));
        await AppendAsync(store, clock, other, others, BlockCode.Stored, "", BlockOf(others, clock, 40));
        Assert.Equal(6, await SpansAsync(store, Tenant.Default, spans));
        var before = (await Catalog.ReadBlocksAsync(Tenant.Default, null, Cancellation)).ToArray();
        var old = Assert.Single(before, block => block.Class == StreamClass.Trace && block.ObjectKey.Contains("2025-11-22", StringComparison.Ordinal));
        var partition = Assert.Single(await Catalog.ReadPartitionsAsync(Tenant.Default, "spans", null, Cancellation)).Path;

        await Catalog.SetRetentionAsync(Tenant.Default, StreamClass.Trace, 400, Cancellation);
        Assert.Equal(default, await new RetentionRun(store, clock).RunAsync(null, Cancellation));
        await Catalog.SetRetentionAsync(Tenant.Default, StreamClass.Trace, 30, Cancellation);
        Assert.Equal([new RetentionRule(Tenant.Default, StreamClass.Trace, 30)], await Catalog.ReadRetentionAsync(null, Cancellation));
        Assert.Empty(await Catalog.ReadRetentionAsync(other, Cancellation));

        Assert.Equal(new RetentionTotals(0, 1, old.Bytes, 1, 0), await new RetentionRun(store, clock).RunAsync(null, Cancellation));
        Assert.Equal(before.Except([old]), await Catalog.ReadBlocksAsync(Tenant.Default, null, Cancellation));
        Assert.Single(await Catalog.ReadBlocksAsync(other, null, Cancellation));
        var there = await KeysAsync(store);
        Assert.DoesNotContain(old.ObjectKey, there);
        Assert.DoesNotContain(partition, there);
        Assert.Equal(3, there.Count(key => key.StartsWith(StoreNames.BlocksPrefix, StringComparison.Ordinal)));
        Assert.Equal(3, await SpansAsync(store, Tenant.Default, spans));
        Assert.Equal(3, await SpansAsync(store, other, others));
        Assert.Equal(default, await new RetentionRun(store, clock).RunAsync(null, Cancellation));
    }

    [Fact]
    public async Task ABlockOfADayThatIsOverIsAnsweredAndNotKept()
    {
        using var folder = new TemporaryFolder();
        var (store, clock, spans) = (StoreIn(folder), new ManualClock(), new Recording());
        var (first, late, young) = (BlockOf(spans, clock, 40), BlockOf(spans, clock, 30), BlockOf(spans, clock, 29));
        await AppendAsync(store, clock, Tenant.Default, spans, BlockCode.Stored, "", first);
        await Catalog.SetRetentionAsync(Tenant.Default, StreamClass.Trace, 30, Cancellation);
        await new RetentionRun(store, clock).RunAsync(null, Cancellation);

        await AppendAsync(store, clock, Tenant.Default, spans, BlockCode.Exists, BlockAnswer.Expired, first, late);
        Assert.Empty(await Catalog.ReadBlocksAsync(Tenant.Default, null, Cancellation));
        Assert.Empty(await KeysAsync(store));
        // Today is the first of the thirty days.
        await AppendAsync(store, clock, Tenant.Default, spans, BlockCode.Stored, "", young);
        Assert.Equal(3, await SpansAsync(store, Tenant.Default, spans));

        await Catalog.SetRetentionAsync(Tenant.Default, StreamClass.Trace, null, Cancellation);
        await AppendAsync(store, clock, Tenant.Default, spans, BlockCode.Stored, "", late);
    }

    [Fact]
    public async Task ADayOfAClassGoesWholeOnceNoTenantKeepsIt()
    {
        using var folder = new TemporaryFolder();
        var (store, clock) = (StoreIn(folder), new ManualClock());
        var (spans, others) = (new Recording(), new Recording());
        var logs = new Recording { ProcessId = others.ProcessId, Class = StreamClass.Log };
        await AppendAsync(store, clock, Tenant.Default, spans, BlockCode.Stored, "", BlockOf(spans, clock, 40), BlockOf(spans, clock, 5));
        await AppendAsync(store, clock, other, others, BlockCode.Stored, "", BlockOf(others, clock, 40));
        await AppendAsync(store, clock, other, logs, BlockCode.Stored, "", BlockOf(logs, clock, 40));

        await Catalog.SetRetentionAsync(Tenant.Default, StreamClass.Trace, 10, Cancellation);
        Assert.Equal((1L, 0L), await RunAsync());
        await Catalog.SetRetentionAsync(other, StreamClass.Trace, 50, Cancellation);
        Assert.Equal((0L, 0L), await RunAsync());
        await Catalog.SetRetentionAsync(other, StreamClass.Trace, 20, Cancellation);
        Assert.Equal((1L, BucketsOfADay), await RunAsync());
        Assert.Single(await Catalog.ReadBlocksAsync(Tenant.Default, null, Cancellation));
        Assert.Equal(StreamClass.Log, Assert.Single(await Catalog.ReadBlocksAsync(other, null, Cancellation)).Class);

        // The day may come again, as its rule may be lifted.
        await Catalog.SetRetentionAsync(other, StreamClass.Trace, null, Cancellation);
        await AppendAsync(store, clock, other, others, BlockCode.Stored, "", BlockOf(others, clock, 40));

        async Task<(long Blocks, long Buckets)> RunAsync()
        {
            var totals = await new RetentionRun(store, clock).RunAsync(null, Cancellation);
            return (totals.Blocks, totals.Buckets);
        }
    }

    [Fact]
    public async Task AProcessGoesOnceAllOfItsClassesAreOver()
    {
        using var folder = new TemporaryFolder();
        var (store, clock) = (StoreIn(folder), new ManualClock());
        var (spans, others) = (new Recording(), new Recording());
        await AppendAsync(store, clock, Tenant.Default, spans, BlockCode.Stored, "", BlockOf(spans, clock, 0));
        await AppendAsync(store, clock, other, others, BlockCode.Stored, "", BlockOf(others, clock, 0));
        clock.Advance(TimeSpan.FromDays(500));
        foreach (var streamClass in Enum.GetValues<StreamClass>())
        {
            Assert.Equal(0, (await new RetentionRun(store, clock).RunAsync(null, Cancellation)).Processes);
            Assert.Single(await Catalog.ReadProcessesAsync(Tenant.Default, null, Cancellation));
            await Catalog.SetRetentionAsync(Tenant.Default, streamClass, 30, Cancellation);
        }
        Assert.Equal(1, (await new RetentionRun(store, clock).RunAsync(null, Cancellation)).Processes);
        Assert.Empty(await Catalog.ReadProcessesAsync(Tenant.Default, null, Cancellation));
        Assert.Empty(await Catalog.ReadStreamsAsync(Tenant.Default, null, Cancellation));
        Assert.Single(await Catalog.ReadProcessesAsync(other, null, Cancellation));
    }

    [Fact]
    public async Task RequestsThatCannotBeReadGoWithTheirSignalsOldDays()
    {
        using var folder = new TemporaryFolder();
        var (store, clock) = (StoreIn(folder), new ManualClock());
        var append = new ArrivalAppend(store, clock, null);
        foreach (var signal in (ExportSignal[])[ExportSignal.Traces, ExportSignal.Logs])
            await append.AppendAsync(Tenant.Default, signal, ArrivalRow.Protobuf, isGzip: false, new byte[] { 1, 2, 3 }, Cancellation);
        await new ArrivalWork(store, clock, new Redaction()).WorkAsync(Cancellation);
        Assert.Equal(2, (await Catalog.ReadArrivalTotalsAsync(Tenant.Default, Cancellation)).Failed);
        await Catalog.SetRetentionAsync(Tenant.Default, StreamClass.Trace, 30, Cancellation);

        clock.Advance(TimeSpan.FromDays(29));
        Assert.Equal(default, await new RetentionRun(store, clock).RunAsync(null, Cancellation));
        clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(new RetentionTotals(0, 0, 3, 1, 0), await new RetentionRun(store, clock).RunAsync(null, Cancellation));
        var left = Assert.Single(await Catalog.ReadArrivalsAsync(Tenant.Default, Cancellation));
        Assert.Equal(ExportSignal.Logs, left.Signal);
        Assert.Equal([left.ObjectKey], await KeysAsync(store));
    }

    LakeStore StoreIn(TemporaryFolder folder) => new(LakeLocation.Parse(folder.Path), new FolderObjectStore(folder.Path), Catalog);

    static byte[] BlockOf(Recording recording, ManualClock clock, int daysAgo) => recording.Block(id: Guid.CreateVersion7(clock.GetUtcNow().AddDays(-daysAgo)));

    static async Task AppendAsync(LakeStore store, ManualClock clock, Tenant tenant, Recording recording, BlockCode code, string reason, params byte[][] blocks)
    {
        var answer = await new BlockAppend(store, clock).AppendAsync(tenant, recording.Items(blocks), Cancellation);
        Assert.Equal(blocks.Select(_ => (code, reason)), answer.Blocks.Select(block => (block.Code, block.Reason ?? "")));
    }

    static async Task<long> SpansAsync(LakeStore store, Tenant tenant, Recording recording)
    {
        using var result = await new Lake(store, tenant).QueryAsync($"SELECT count(*) FROM spans WHERE process_id = '{recording.ProcessId}'", null, Cancellation);
        using var rows = result.ReadRows(Cancellation);
        Assert.True(rows.Read());
        return Convert.ToInt64(rows[0], System.Globalization.CultureInfo.InvariantCulture);
    }

    static async Task<IReadOnlyList<string>> KeysAsync(LakeStore store)
    {
        var keys = new List<string>();
        foreach (var prefix in (string[])[StoreNames.BlocksPrefix, StoreNames.ViewsPrefix, StoreNames.ArrivalsPrefix])
            await foreach (var stored in store.Objects.ListAsync(prefix, Cancellation)) keys.Add(stored.Key);
        return keys;
    }

    /// <summary>Of the objects alone: the catalog is wherever the contract has it.</summary>
    sealed class TemporaryFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("legion-objects-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}

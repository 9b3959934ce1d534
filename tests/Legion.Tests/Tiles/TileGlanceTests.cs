using Legion.Format;
using Legion.Lakehouse;
using Legion.Lakehouse.Tiles;
using Legion.Lakehouse.Timeline;
using Legion.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Tiles;

/// <summary>A process whose pyramid is not there: only what somebody looks at is read, and of the rest the blocks' rows tell how dense it is.</summary>
public sealed class TileGlanceTests : IDisposable
{
    const long HourNs = 3_600_000_000_000;

    static readonly TimeSpan enough = TimeSpan.FromSeconds(60);

    readonly TestLake lake = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => lake.Dispose();

    [Theory]
    [InlineData(1, 3)]
    [InlineData(2, 19)]
    public async Task WhatIsLookedAtIsExactAndNothingElseIsRead(int seed, int threads)
    {
        var script = await DeliverAsync(seed, threads);
        var tiles = new SpanTiles(lake.Lake);
        var slots = (await lake.Lake.SnapshotAsync(script.ProcessId, Cancellation)).Slots;
        var middle = slots[slots.Count / 2];
        var glance = await tiles.GlanceAsync(script.ProcessId, TimeWindow.Of(middle.FirstNs, middle.LastNs), enough, Cancellation);

        Assert.Equal(glance.WantedPieces, glance.ReadPieces);
        var unread = glance.Manifest.Unread;
        Assert.NotEmpty(unread);
        Assert.All(unread, range => Assert.True(range.BeginNs <= range.EndNs));
        Assert.Equal(unread.OrderBy(range => range.BeginNs), unread);
        var read = await lake.Store.Catalog.ReadPartitionsAsync(Tenant.Default, "span_levels", [script.ProcessId], Cancellation);
        Assert.Equal(glance.WantedPieces, read.Count);
        Assert.InRange(read.Count, 1, slots.Count - 1);
        Assert.Contains(read, partition => partition.Slot == middle.Number);

        var spans = await RawSpans.ReadAsync(lake, script.ProcessId);
        var level = 0;
        while (TileGrid.TileNs(level + 1) * 4 <= middle.LastNs - middle.FirstNs) level++;
        var first = TileGrid.Index(level, middle.FirstNs) + 1;
        for (var index = first; index < Math.Min(TileGrid.Index(level, middle.LastNs), first + 8); index++)
        {
            foreach (var group in glance.Manifest.Groups)
            {
                var address = new TileAddress(script.ProcessId, group.Number, level, index);
                var tile = await tiles.TileAsync(address, group.Generation, Cancellation);
                Assert.Equal(group.Generation, tile.Generation);
                Assert.Equal(RawSpans.Reduce(spans, group, address), RawSpans.Sorted(Tile.Read(tile.Bytes.Span).Rectangles));
            }
        }
    }

    [Fact]
    public async Task WithoutPatienceTheBlocksTellHowManySpansThereAre()
    {
        var script = await DeliverAsync(3, 5);
        var blocks = (await lake.Store.Catalog.ReadBlocksAsync(Tenant.Default, [script.ProcessId], Cancellation)).Where(block => block.Class == StreamClass.Trace).ToArray();
        // No block can be read before the end: the catalog has to be enough.
        var ended = new TaskCompletionSource();
        var held = new ObjectHooks(lake.Store.Objects, async (method, call) =>
        {
            if (method == nameof(IObjectStore.ReadAsync)) await ended.Task;
            await call();
        });
        var tiles = new SpanTiles(new Lake(new LakeStore(lake.Store.Location, held, lake.Store.Catalog)));
        var glance = await tiles.GlanceAsync(script.ProcessId, null, TimeSpan.Zero, Cancellation);

        Assert.Equal((0, blocks.Min(block => block.BeginNs), blocks.Max(block => block.EndNs)), (glance.ReadPieces, glance.Manifest.BeginNs, glance.Manifest.EndNs));
        Assert.Equal((blocks.Min(block => block.BeginNs), blocks.Max(block => block.EndNs)), (glance.Manifest.Unread[0].BeginNs, glance.Manifest.Unread.Max(range => range.EndNs)));
        var group = Assert.Single(glance.Manifest.Groups);
        Assert.Equal(5, group.Streams.Count(stream => stream.Depth == 1));
        var level = glance.Manifest.MaxLevel;
        var counted = 0L;
        for (var index = TileGrid.Index(level, glance.Manifest.BeginNs); index <= TileGrid.Index(level, glance.Manifest.EndNs); index++)
            counted += Tile.Read((await tiles.TileAsync(new TileAddress(script.ProcessId, 0, level, index), group.Generation, Cancellation)).Bytes.Span).Rectangles.Sum(rectangle => rectangle.Count);
        Assert.True(counted >= blocks.Sum(Spans), $"{counted} of {blocks.Sum(Spans)}");

        ended.SetResult();
        Assert.Empty((await tiles.GlanceAsync(script.ProcessId, null, enough, Cancellation)).Manifest.Unread);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task EachBlockIsOneRectangleOrPartOfAStep(int finer)
    {
        var script = await DeliverAsync(4, 3);
        var blocks = (await lake.Store.Catalog.ReadBlocksAsync(Tenant.Default, [script.ProcessId], Cancellation)).Where(block => block.Class == StreamClass.Trace).ToArray();
        var lanes = blocks.Select(block => block.StreamId).Distinct().Select((stream, lane) => (stream, lane)).ToDictionary(one => one.stream, one => (ushort)one.lane);
        var (beginNs, endNs) = (blocks.Min(block => block.BeginNs), blocks.Max(block => block.EndNs));
        var level = TileGrid.LevelOfWhole(endNs - beginNs) - finer;
        var density = new BlockDensity(blocks, blocks);
        TileRectangle[] rectangles = [.. Enumerable.Range(0, (int)(TileGrid.Index(level, endNs) - TileGrid.Index(level, beginNs)) + 1)
            .SelectMany(tile => density.Rectangles(new TileAddress(script.ProcessId, 0, level, TileGrid.Index(level, beginNs) + tile), lanes))];

        Assert.All(rectangles, rectangle => Assert.True(rectangle is { Id: 0, Name: "", Depth: 0, Count: > 0, Busy: > 0, Width: > 0 } && rectangle.Offset + rectangle.Width <= TileGrid.StepsPerTile));
        Assert.Equal(255, rectangles.Max(rectangle => rectangle.Busy));
        var stepNs = TileGrid.StepNs(level);
        var within = blocks.Where(block => block.EndNs - block.BeginNs < stepNs).ToArray();
        // A long block is in each tile that it overlaps.
        var pieces = blocks.Except(within).Sum(block => (TileGrid.Index(level, block.EndNs - 1) - TileGrid.Index(level, block.BeginNs) + 1) * Spans(block));
        Assert.Equal(within.Sum(Spans) + pieces, rectangles.Sum(rectangle => (long)rectangle.Count));
    }

    [Fact]
    public async Task WhoLooksAtAllOfItHasInTheEndWhatThereIs()
    {
        var script = await DeliverAsync(5, 2);
        var tiles = new SpanTiles(lake.Lake);
        var generations = new HashSet<string>();
        TileGlance glance;
        do
        {
            glance = await tiles.GlanceAsync(script.ProcessId, null, TimeSpan.FromMilliseconds(1), Cancellation);
            Assert.Equal(glance.Manifest.Unread.Count > 0, glance.ReadPieces < glance.WantedPieces);
            var group = glance.Manifest.Groups[0];
            if (generations.Add(group.Generation)) await tiles.TileAsync(new TileAddress(script.ProcessId, 0, glance.Manifest.MaxLevel, TileGrid.Index(glance.Manifest.MaxLevel, glance.Manifest.BeginNs)), group.Generation, Cancellation);
        }
        while (glance.Manifest.Unread.Count > 0);
        var whole = await new SpanTiles(lake.Lake).ManifestAsync(script.ProcessId, Cancellation);
        Assert.Equal(whole.Groups[0].Generation, glance.Manifest.Groups[0].Generation);
        Assert.Equal((whole.BeginNs, whole.EndNs, whole.MaxLevel), (glance.Manifest.BeginNs, glance.Manifest.EndNs, glance.Manifest.MaxLevel));
        Assert.Equal((0, 0), await tiles.GlanceAsync(script.ProcessId, null, TimeSpan.Zero, Cancellation) is var again ? (again.WantedPieces, again.Manifest.Unread.Count) : default);
    }

    [Fact]
    public async Task AStoreThatFailsOnceIsTriedAgain()
    {
        var script = await DeliverAsync(6, 2);
        var isAway = true;
        var failing = new ObjectHooks(lake.Store.Objects, (method, call) =>
            isAway && method == nameof(IObjectStore.PutFileAsync) ? throw new StoreUnavailableException("away") : call());
        var tiles = new SpanTiles(new Lake(new LakeStore(lake.Store.Location, failing, lake.Store.Catalog)));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => tiles.GlanceAsync(script.ProcessId, null, enough, Cancellation));
        isAway = false;
        TileGlance glance;
        // Claims of what failed may still hold.
        do glance = await tiles.GlanceAsync(script.ProcessId, null, enough, Cancellation);
        while (glance.Manifest.Unread.Count > 0);
        Assert.Equal(glance.WantedPieces, glance.ReadPieces);
    }

    [Fact]
    public async Task WhatArrivesMeanwhileIsSeenByTheNextGlance()
    {
        var recording = EventScript.Parse("main begin 1000 a\nmain end 2000\nmain cut\nmain begin 3000 b\nmain end 4000\nmain cut late\n");
        var tiles = new SpanTiles(lake.Lake);
        await recording.DeliverAsync(lake, beforeLate: async () => Assert.Equal(1000, Length(await tiles.GlanceAsync(recording.ProcessId, null, enough, Cancellation))));
        Assert.Equal(3000, Length(await tiles.GlanceAsync(recording.ProcessId, null, enough, Cancellation)));
        static long Length(TileGlance glance) => glance.Manifest.EndNs - glance.Manifest.BeginNs;
    }

    static long Spans(BlockRow block) => (block.Events + 1) / 2;

    /// <summary>Some hours, and so some slots.</summary>
    async Task<EventScript> DeliverAsync(int seed, int threads)
    {
        var script = SpanScene.Random(seed, threads, 20 * HourNs, 300);
        await script.DeliverAsync(lake, beforeLate: () => Task.CompletedTask);
        return script;
    }
}

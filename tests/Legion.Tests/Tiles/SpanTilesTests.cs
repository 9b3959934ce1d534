using Legion.Lakehouse;
using Legion.Lakehouse.Tiles;
using Legion.Tests.Support;

namespace Legion.Tests.Tiles;

public sealed class SpanTilesTests : IDisposable
{
    const long SecondNs = 1_000_000_000;

    const string WithLateBlock = """
        main begin 1000 first
        main end 2000
        main cut
        main begin 3000 second
        main end 4000
        main cut late
        """;

    readonly TestLake lake = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => lake.Dispose();

    [Theory]
    [InlineData(1, 3, 6_000_000, 800)]
    [InlineData(2, 19, 5_000_000, 60)]
    [InlineData(3, 2, 40 * SecondNs, 500)]
    [InlineData(4, 3, 90_000 * SecondNs, 900)]
    public async Task EveryLevelAgreesWithTheRawSpans(int seed, int threads, long durationNs, int spansPerThread)
    {
        var script = SpanScene.Random(seed, threads, durationNs, spansPerThread);
        await DeliverAsync(script);
        var tiles = new SpanTiles(lake.Lake);
        var manifest = await tiles.ManifestAsync(script.ProcessId, Cancellation);
        var spans = await RawSpans.ReadAsync(lake, script.ProcessId);
        Assert.Equal((threads + 15) / 16, manifest.Groups.Count);
        Assert.Equal((spans.Min(span => span.BeginNs), spans.Max(span => span.EndNs)), (manifest.BeginNs, manifest.EndNs));

        // The finest levels of a long process have thousands of tiles: there only the first few are looked at.
        for (var level = manifest.MaxLevel; level >= 0; level--)
        {
            var (first, last) = (TileGrid.Index(level, manifest.BeginNs), TileGrid.Index(level, manifest.EndNs));
            var whole = last - first < 8;
            var (merged, whileLong) = (0L, new HashSet<(int, int, ulong)>());
            for (var index = first; index <= Math.Min(last, first + 7); index++)
            {
                foreach (var group in manifest.Groups)
                {
                    var address = new TileAddress(script.ProcessId, group.Number, level, index);
                    var tile = Tile.Read((await tiles.TileAsync(address, group.Generation, Cancellation)).Bytes.Span);
                    Assert.Equal(RawSpans.Reduce(spans, group, address), RawSpans.Sorted(tile.Rectangles));
                    var stepNs = (ulong)TileGrid.StepNs(level);
                    merged += tile.Rectangles.Where(r => r.DurationNs < stepNs).Sum(r => r.Count);
                    whileLong.UnionWith(tile.Rectangles.Where(r => r.DurationNs >= stepNs).Select(r => (group.Number, (int)r.Lane, r.Id)));
                }
            }
            // Over all tiles of a level: each short span is counted once, each long one is there under one id.
            if (whole) Assert.Equal(spans.Length, merged + whileLong.Count);
        }
    }

    [Fact]
    public async Task TheManifestNamesThreadsInOrderOfRegistration()
    {
        var script = EventScript.Parse("""
            main begin 100 a
            main begin 200 b
            main end 300
            main end 400
            worker begin 100 c
            worker end 150
            log 100 info main "hello"
            """);
        await DeliverAsync(script);
        var manifest = await new SpanTiles(lake.Lake).ManifestAsync(script.ProcessId, Cancellation);
        Assert.Equal([("main", 2), ("worker", 1)], Assert.Single(manifest.Groups).Streams.Select(stream => (stream.Name, stream.Depth)));
        Assert.Equal(300, manifest.EndNs - manifest.BeginNs);
        Assert.Equal(0, manifest.MaxLevel);
    }

    [Fact]
    public async Task ASpanThatEndsInALaterSlotIsInTheTilesBefore()
    {
        var hour = 3600 * SecondNs;
        var script = EventScript.Parse($"""
            main begin 1000 outer
            main begin 2000 inner
            main end 900000
            main cut
            main begin {hour + 1} later
            main end {hour + 2}
            main cut
            main begin {2 * hour + 1} last
            main end {2 * hour + 2}
            main end {2 * hour + 3}
            """);
        await DeliverAsync(script);
        var tiles = new SpanTiles(lake.Lake);
        var manifest = await tiles.ManifestAsync(script.ProcessId, Cancellation);
        var tile = await tiles.TileAsync(new TileAddress(script.ProcessId, 0, 0, TileGrid.Index(0, manifest.BeginNs)), cancellation: Cancellation);
        Assert.Equal(["outer", "inner"], Tile.Read(tile.Bytes.Span).Rectangles.Select(rectangle => rectangle.Name));
    }

    [Fact]
    public async Task OpenSpansReachTheNewestTimeKnown()
    {
        var script = EventScript.Parse("""
            idle begin 1000 waiting
            main begin 5000000 work
            main end 9000000
            """);
        await DeliverAsync(script);
        var tiles = new SpanTiles(lake.Lake);
        var manifest = await tiles.ManifestAsync(script.ProcessId, Cancellation);
        var last = await tiles.TileAsync(new TileAddress(script.ProcessId, 0, 0, TileGrid.Index(0, manifest.EndNs - 1)), cancellation: Cancellation);
        Assert.Contains(Tile.Read(last.Bytes.Span).Rectangles, rectangle => rectangle is { Name: "waiting", DurationNs: 8_999_000, Count: 1 });
    }

    [Fact]
    public async Task AnArrivalMakesAnotherGeneration()
    {
        var script = EventScript.Parse(WithLateBlock);
        var tiles = new SpanTiles(lake.Lake);
        TileManifest? before = null;
        await script.DeliverAsync(lake, beforeLate: async () => before = await tiles.ManifestAsync(script.ProcessId, Cancellation));
        var address = new TileAddress(script.ProcessId, 0, 0, TileGrid.Index(0, before!.BeginNs));
        var stale = await tiles.TileAsync(address, before.Groups[0].Generation, Cancellation);
        var after = await tiles.ManifestAsync(script.ProcessId, Cancellation);
        Assert.NotEqual(before.Groups[0].Generation, after.Groups[0].Generation);
        var fresh = await tiles.TileAsync(address, after.Groups[0].Generation, Cancellation);
        Assert.Equal(after.Groups[0].Generation, fresh.Generation);
        // Never a tile of one generation under the name of another.
        Assert.NotEqual(before.Groups[0].Generation, stale.Generation);
        Assert.Equal(2, Tile.Read(fresh.Bytes.Span).Rectangles.Count);
    }

    [Fact]
    public async Task ATileThatWasGivenStaysForItsGeneration()
    {
        var script = EventScript.Parse(WithLateBlock);
        var tiles = new SpanTiles(lake.Lake);
        var (address, kept) = (default(TileAddress), default(SpanTile));
        await script.DeliverAsync(lake, beforeLate: async () =>
        {
            var manifest = await tiles.ManifestAsync(script.ProcessId, Cancellation);
            address = new TileAddress(script.ProcessId, 0, 0, TileGrid.Index(0, manifest.BeginNs));
            kept = await tiles.TileAsync(address, manifest.Groups[0].Generation, Cancellation);
        });
        var now = (await tiles.ManifestAsync(script.ProcessId, Cancellation)).Groups[0].Generation;
        Assert.NotEqual(now, kept!.Generation);
        Assert.Equal(kept, await tiles.TileAsync(address, kept.Generation, Cancellation));
        Assert.Equal(now, (await tiles.TileAsync(address, "unheard of", Cancellation)).Generation);
    }

    [Fact]
    public async Task RebuiltPartitionsGiveTheSameTile()
    {
        var script = SpanScene.Random(4, 2, 3_000_000, 200);
        await DeliverAsync(script);
        var address = new TileAddress(script.ProcessId, 0, 1, TileGrid.Index(1, (await new SpanTiles(lake.Lake).ManifestAsync(script.ProcessId, Cancellation)).BeginNs));
        var first = await new SpanTiles(lake.Lake).TileAsync(address, cancellation: Cancellation);
        await lake.DropPartitionsAsync();
        var second = await new SpanTiles(lake.Lake).TileAsync(address, cancellation: Cancellation);
        Assert.Equal(first.Bytes.ToArray(), second.Bytes.ToArray());
    }

    [Fact]
    public async Task WhatIsNotThereIsSaidToBeMissing()
    {
        var script = EventScript.Parse("main begin 1000 a\nmain end 2000\n");
        await DeliverAsync(script);
        var tiles = new SpanTiles(lake.Lake);
        await Assert.ThrowsAsync<NotInLakeException>(() => tiles.ManifestAsync(Guid.CreateVersion7(), Cancellation));
        await Assert.ThrowsAsync<NotInLakeException>(() => tiles.TileAsync(new TileAddress(Guid.CreateVersion7(), 0, 0, 0), cancellation: Cancellation));
        await Assert.ThrowsAsync<NotInLakeException>(() => tiles.TileAsync(new TileAddress(script.ProcessId, 1, 0, 0), cancellation: Cancellation));
        await Assert.ThrowsAsync<NotInLakeException>(() => tiles.TileAsync(new TileAddress(script.ProcessId, 0, 1, 0), cancellation: Cancellation));
        await Assert.ThrowsAsync<NotInLakeException>(() => tiles.TileAsync(new TileAddress(script.ProcessId, 0, 0, long.MaxValue), cancellation: Cancellation));
        Assert.Empty(Tile.Read((await tiles.TileAsync(new TileAddress(script.ProcessId, 0, 0, 0), cancellation: Cancellation)).Bytes.Span).Rectangles);
    }

    [Fact]
    public async Task AProcessWithoutSpansHasAManifest()
    {
        var script = EventScript.Parse("log 100 info main \"hello\"\n");
        await DeliverAsync(script);
        var manifest = await new SpanTiles(lake.Lake).ManifestAsync(script.ProcessId, Cancellation);
        Assert.Empty(manifest.Groups);
        Assert.True(manifest.EndNs >= manifest.BeginNs);
    }

    [Theory]
    [InlineData("1960-01-01T00:00:00Z")]
    [InlineData("2200-01-01T00:00:00Z")]
    public async Task ABrokenClockBreaksNothing(string start)
    {
        var script = EventScript.Parse($"""
            start {start}
            main begin 1000 long
            main begin 2000 short
            main end 2001
            main end 900000
            worker begin 1000 open
            """);
        await DeliverAsync(script);
        var tiles = new SpanTiles(lake.Lake);
        var manifest = await tiles.ManifestAsync(script.ProcessId, Cancellation);
        Assert.InRange(manifest.BeginNs, 0, TileGrid.EndNs);
        Assert.InRange(manifest.EndNs, manifest.BeginNs, TileGrid.EndNs);
        var address = new TileAddress(script.ProcessId, 0, manifest.MaxLevel, TileGrid.Index(manifest.MaxLevel, manifest.BeginNs));
        Assert.All(Tile.Read((await tiles.TileAsync(address, cancellation: Cancellation)).Bytes.Span).Rectangles, rectangle => Assert.InRange(rectangle.Offset + rectangle.Width, 1u, (uint)TileGrid.StepsPerTile));
    }

    [Theory]
    [InlineData(2 << 20)]
    [InlineData(60_000)]
    [InlineData(4_000)]
    [InlineData(0)]
    public async Task AViewFitsItsLimit(int maxBytes)
    {
        var script = SpanScene.Random(5, 4, 200_000_000, 2_000);
        await DeliverAsync(script);
        var tiles = new SpanTiles(lake.Lake);
        var manifest = await tiles.ManifestAsync(script.ProcessId, Cancellation);
        var (beginNs, endNs) = (manifest.BeginNs + 50_000_000, manifest.BeginNs + 60_000_000);
        var view = await tiles.ViewAsync(script.ProcessId, beginNs, endNs, pixels: 1000, maxBytes, Cancellation);
        Assert.InRange(view.Bytes, 0, maxBytes);
        foreach (var (name, bytes) in view.Tiles)
        {
            var tile = Tile.Read(bytes.Span);
            Assert.Equal(name, new TileAddress(script.ProcessId, 0, tile.Level, TileGrid.Index(tile.Level, tile.BeginNs)).Name);
        }
        var sharp = TileGrid.SharpLevel(endNs - beginNs, 1000, manifest.MaxLevel);
        Assert.True(view.Level >= sharp);
        if (maxBytes < 2 << 20) return;
        // With room enough there is all of it: the view sharp and one level finer, and the whole process.
        Assert.Equal(sharp, view.Level);
        var levels = view.Tiles.Keys.Select(name => int.Parse(name.Split('/')[1])).ToHashSet();
        Assert.Superset(new HashSet<int> { sharp, Math.Max(0, sharp - 1), TileGrid.SharpLevel(manifest.EndNs - manifest.BeginNs, 1000, manifest.MaxLevel) }, levels);
        for (var index = TileGrid.Index(sharp, beginNs); index <= TileGrid.Index(sharp, endNs); index++) Assert.Contains($"0/{sharp}/{index}", view.Tiles.Keys);
    }

    Task DeliverAsync(EventScript script) => script.DeliverAsync(lake, beforeLate: () => Task.CompletedTask);
}

using Legion.Format;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Lakehouse.Tiles;
using Legion.Lakehouse.Timeline;
using Legion.Store;
using Legion.Tests.Support;
using Legion.Tests.Tiles;

namespace Legion.Tests.Lakehouse;

/// <summary>A process as it was once answers as it did then, whatever came later and whatever was built since.</summary>
public sealed class FrozenLakeTests : IDisposable
{
    const long SecondNs = 1_000_000_000;

    readonly TestLake lake = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>What somebody sees of a process.</summary>
    sealed record Answers(string Rows, string Tiles, string Statistics, string Merged);

    /// <summary>Blocks arrive in any order, and one after the other; what was seen then is asked for again after all of them.</summary>
    [Theory]
    [InlineData(1, 2, 40_000 * SecondNs, 300)] // many slots, so that what is kept of them is merged a few times
    [InlineData(2, 2, SecondNs, 300)] // one
    public async Task WhatIsSeenOfItIsAsItWas(int seed, int threads, long durationNs, int spansPerThread)
    {
        var script = SpanScene.Random(seed, threads, durationNs, spansPerThread);
        await lake.AppendAsync(script.Records());
        var blocks = script.Blocks.ToArray();
        new Random(seed).Shuffle(blocks);
        var seen = new List<(long Version, Answers Answers)>();
        for (var i = 0; i < blocks.Length; i++)
        {
            await AppendAsync(blocks[i].Bytes);
            if (i % Math.Max(1, blocks.Length / 4) == 0) seen.Add((await lake.Lake.FindVersionAsync(script.ProcessId, Cancellation), await AskAsync(lake.Lake, script.ProcessId)));
        }
        // Everything that is published is of the whole process then.
        var whole = await AskAsync(lake.Lake, script.ProcessId);
        var published = await PublishedAsync();
        Assert.True(seen.Select(one => one.Answers.Rows).Distinct().Count() > 2);
        foreach (var (version, answers) in seen)
        {
            using var frozen = new FrozenLake(lake.Lake, script.ProcessId, version);
            Assert.Equal(answers, await AskAsync(frozen.Lake, script.ProcessId));
            Assert.Equal(answers, await AskAsync(frozen.Lake, script.ProcessId));
        }
        Assert.Equal(published, await PublishedAsync());
        await lake.DropPartitionsAsync();
        using (var frozen = new FrozenLake(lake.Lake, script.ProcessId, seen[0].Version)) Assert.Equal(seen[0].Answers, await AskAsync(frozen.Lake, script.ProcessId));
        Assert.Equal(whole, await AskAsync(lake.Lake, script.ProcessId));
        Assert.DoesNotContain(Directory.EnumerateFiles(Path.Combine(lake.Folder, StoreNames.TemporaryFolder), "*", SearchOption.AllDirectories), file => Path.GetFileName(file) != "lock");
    }

    [Fact]
    public async Task WhatWasErasedSinceIsInNoAnswerAndIsSaid()
    {
        var script = EventScript.Parse("""
            log 100 info main kept
            log cut
            log 200 info main gone
            log cut
            log 300 info main later
            """);
        await lake.AppendAsync(script.Records());
        foreach (var block in script.Blocks.Take(2)) await AppendAsync(block.Bytes);
        var version = await lake.Lake.FindVersionAsync(script.ProcessId, Cancellation);
        await AppendAsync(script.Blocks.Last().Bytes);
        const string Sql = "SELECT message FROM log_entries WHERE process_id = $process ORDER BY time_ns";
        var options = OptionsOf(script.ProcessId);
        using var frozen = new FrozenLake(lake.Lake, script.ProcessId, version);
        Assert.Equal("message\nkept\ngone\n", await lake.CsvAsync(Sql, options, frozen.Lake));
        Assert.Empty(await lake.Lake.FindGoneAsync(script.ProcessId, version, Cancellation));

        var erasure = new LakeErasure(lake.Store, Tenant.Default, TimeProvider.System);
        await erasure.RunAsync(await erasure.BeginAsync(script.ProcessId, Cancellation), null, Cancellation);
        Assert.Equal("message\n", await lake.CsvAsync("SELECT message FROM log_entries WHERE process_id IN (SELECT process_id FROM processes)", options, frozen.Lake));
        using var result = await frozen.Lake.QueryAsync("SELECT 1", options, Cancellation);
        Assert.Equal([new GoneSince(script.ProcessId, null)], result.Receipt.Gone);
        await Assert.ThrowsAsync<NotInLakeException>(() => new SpanTiles(frozen.Lake).ManifestAsync(script.ProcessId, Cancellation));
    }

    [Fact]
    public async Task OtherProcessesAreAsTheyAre()
    {
        var (own, other) = (EventScript.Parse("log 100 info main own\nlog cut\nlog 200 info main later"), EventScript.Parse("log 100 info main other"));
        await lake.AppendAsync(own.Records());
        await AppendAsync(own.Blocks.First().Bytes);
        using var frozen = new FrozenLake(lake.Lake, own.ProcessId, await lake.Lake.FindVersionAsync(own.ProcessId, Cancellation));
        await AppendAsync(own.Blocks.Last().Bytes);
        await other.DeliverAsync(lake, () => Task.CompletedTask);
        Assert.Equal("message\nother\nown\n", await lake.CsvAsync("SELECT message FROM log_entries ORDER BY message", of: frozen.Lake));
        Assert.Equal("message\nlater\nother\nown\n", await lake.CsvAsync("SELECT message FROM log_entries ORDER BY message"));
    }

    public void Dispose() => lake.Dispose();

    async Task AppendAsync(byte[] block)
    {
        var batch = new BatchWriter();
        batch.AddBlock(block);
        await lake.AppendAsync(batch);
    }

    /// <summary>Keys, generations and files of what is published.</summary>
    async Task<IReadOnlyList<string>> PublishedAsync() =>
        [.. (await lake.Store.Catalog.ReadPartitionsAsync(Tenant.Default, null, null, Cancellation)).Select(row => $"{row.Key} {row.Generation} {row.Path}").Order(StringComparer.Ordinal)];

    async Task<Answers> AskAsync(Lake of, Guid processId)
    {
        var rows = await lake.CsvAsync("SELECT name, depth, begin_ns, end_ns, truncated FROM spans WHERE process_id = $process ORDER BY ALL", OptionsOf(processId), of);
        var tiles = new SpanTiles(of);
        var manifest = await tiles.ManifestAsync(processId, Cancellation);
        var set = await tiles.ViewAsync(processId, manifest.BeginNs, manifest.EndNs, 1000, cancellation: Cancellation);
        var drawn = set.Tiles.OrderBy(tile => tile.Key, StringComparer.Ordinal).Select(tile => $"{tile.Key} {Convert.ToBase64String(tile.Value.Span)}");
        var statistics = await new SpanSelections(of).ReadAsync(processId, manifest.BeginNs, manifest.EndNs + 1, cancellation: Cancellation);
        var merged = await new CallPaths(of, tiles).ReadAsync(processId, manifest.BeginNs, manifest.EndNs + 1, cancellation: Cancellation);
        return new(rows, $"{manifest.BeginNs} {manifest.EndNs} {manifest.LastNs}\n{string.Join('\n', drawn)}",
            string.Join('\n', statistics.Select(row => $"{row.Name} {row.Count} {row.TotalNs} {row.SelfNs} {row.MinNs} {row.MaxNs}")),
            string.Join('\n', merged.Functions.Select(function => $"{function}")));
    }

    static QueryOptions OptionsOf(Guid processId) => new() { Parameters = new Dictionary<string, object?> { ["process"] = processId } };
}

using Legion.Format;
using Legion.Lakehouse;
using Legion.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Lakehouse;

/// <summary>A block that cannot be read costs itself, in every view; it is named, and a newer parser tries it again.</summary>
public sealed class PoisonTests
{
    /// <summary>Views whose rows are sums over a slot's time, which its blocks span, readable or not: of these what is summed is compared.</summary>
    static readonly Dictionary<string, string> sums = new()
    {
        ["span_stats"] = "SELECT stream_id, thread, name, sum(count), sum(total_ns), sum(self_ns), min(min_ns), max(max_ns) FROM span_stats WHERE process_id = $process GROUP BY ALL ORDER BY ALL",
        ["call_tree"] = "SELECT stream_id, path, depth, recursive, sum(count), sum(total_ns), sum(self_ns) FROM call_tree WHERE process_id = $process GROUP BY ALL ORDER BY ALL",
    };

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>One of a hundred blocks, of every class of streams: neighbours have the rows that they have where these blocks never came.</summary>
    [Fact]
    public async Task One_percent_of_poison_costs_its_own_rows_and_is_named()
    {
        var random = new Random(7);
        var script = EventScript.Parse(RandomEvents.Of(random, 400));
        var blocks = script.Blocks.ToArray();
        // A share of each stream, so that every view has some.
        var poison = script.Blocks.GroupBy(block => Block.Read(block.Bytes).Header.StreamId)
            .SelectMany(stream => stream.OrderBy(_ => random.Next()).Take(Math.Max(1, stream.Count() / 100))).Select(block => block.Id).ToHashSet();
        Assert.InRange(poison.Count, blocks.Length / 100, blocks.Length / 20);

        using var lake = new TestLake();
        await AppendAsync(lake, script, blocks);
        foreach (var id in poison) await lake.DamageAsync(id);
        using var without = new TestLake();
        await ReadAsync(lake, script, "spans");
        await LatenessTests.CutAlikeAsync(lake, without, script);
        await AppendAsync(without, script, blocks.Where(block => !poison.Contains(block.Id)));

        foreach (var view in ViewContents.Shown.Where(view => view != "problems"))
            Assert.True(await ReadAsync(without, script, view) == await ReadAsync(lake, script, view), $"{view} has other rows than without the poison");
        var named = await lake.CsvAsync("SELECT block_id, severity FROM problems WHERE process_id = $process AND kind = 'damaged' ORDER BY block_id", Options(script));
        Assert.Equal($"block_id,severity\n{string.Concat(poison.Select(id => id.ToString()).Order(StringComparer.Ordinal).Select(id => $"{id},error\n"))}", named);
    }

    /// <summary>What an older parser could not read it left out; whoever asks a newer one gets it, in every view, and nothing else is built again.</summary>
    [Fact]
    public async Task A_newer_parser_tries_again_what_an_older_one_could_not_read()
    {
        var random = new Random(8);
        var script = EventScript.Parse(RandomEvents.Of(random, 80));
        var blocks = script.Blocks.ToArray();
        var poison = blocks.Where(_ => random.Next(6) == 0).Select(block => block.Id).ToHashSet();
        using var lake = new TestLake();
        await AppendAsync(lake, script, blocks);
        var readable = await ViewContents.ReadAsync(lake, script.ProcessId);
        await lake.DropPartitionsAsync();

        foreach (var id in poison) await lake.DamageAsync(id);
        var older = new Lake(lake.Store, PartitionBuilder.ParserVersion);
        var lacking = await ViewContents.ReadAsync(lake, script.ProcessId, older);
        Assert.All(ViewContents.Shown, view => Assert.True(readable.Rows[view] != lacking.Rows[view], $"{view} lost nothing"));
        var before = await PartitionsAsync(lake);
        foreach (var id in poison) await lake.DamageAsync(id); // the same bits again: they are as they were

        // Of the same version nobody can read what he could not read before, and nothing is built again.
        lacking.AssertEqual(await ViewContents.ReadAsync(lake, script.ProcessId, older), "with the same parser");
        Assert.Equal(before, await PartitionsAsync(lake));

        readable.AssertEqual(await ViewContents.ReadAsync(lake, script.ProcessId, new Lake(lake.Store, PartitionBuilder.ParserVersion + 1)), "with a newer parser");
        var after = await PartitionsAsync(lake);
        var lacked = before.Where(row => PartitionDetails.FromJson(row.Details).Unread > 0).Select(row => row.Key).ToHashSet();
        Assert.Contains(before, row => !lacked.Contains(row.Key));
        foreach (var row in before)
        {
            var now = after.Single(candidate => candidate.Key == row.Key);
            var isMerged = row.View.EndsWith("_tops", StringComparison.Ordinal); // these follow what they are merged from
            if (!isMerged) Assert.Equal((row.Key, row.Generation + (lacked.Contains(row.Key) ? 1 : 0)), (now.Key, now.Generation));
        }

        readable.AssertEqual(await ViewContents.ReadAsync(lake, script.ProcessId, older), "with the older parser again");
        Assert.Equal(after, await PartitionsAsync(lake));
    }

    static Task<IReadOnlyList<PartitionRow>> PartitionsAsync(TestLake lake) => lake.Store.Catalog.ReadPartitionsAsync(Tenant.Default, null, null, Cancellation);

    static Legion.Lakehouse.Sql.QueryOptions Options(EventScript script) => new() { Parameters = new Dictionary<string, object?> { ["process"] = script.ProcessId } };

    static Task<string> ReadAsync(TestLake lake, EventScript script, string view) =>
        sums.TryGetValue(view, out var sql) ? lake.CsvAsync(sql, Options(script)) : ViewContents.ReadAsync(lake, script.ProcessId, view);

    static async Task AppendAsync(TestLake lake, EventScript script, IEnumerable<ScriptBlock> blocks)
    {
        var batch = script.Records();
        foreach (var block in blocks) batch.AddBlock(block.Bytes);
        await lake.AppendAsync(batch);
    }
}

using Legion.Format;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Lakehouse;

/// <summary>Rows of small partitions lie together in one further file, and whatever comes, goes or is asked, the answers are those of the partitions alone.</summary>
public sealed class PartitionCompactionTests : IDisposable
{
    readonly TestLake lake = new();
    readonly Random random = new(11);
    readonly EventScript script;

    public PartitionCompactionTests() => script = EventScript.Parse(RandomEvents.Of(random, 500));

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    QueryOptions Options => new() { Parameters = new Dictionary<string, object?> { ["process"] = script.ProcessId } };

    [Fact]
    public async Task Every_view_has_the_same_rows_and_opens_fewer_files()
    {
        await AppendAsync(script.Blocks);
        var before = await ViewContents.ReadAsync(lake, script.ProcessId);
        var totals = await CompactAsync();
        var compacted = await CompactedAsync();
        Assert.Equal((compacted.Count, compacted.Sum(row => row.Bytes)), (totals.Files, totals.Bytes));
        foreach (var view in ViewContents.Shown.Where(view => Views.FindMaterialized(view) is not null)) Assert.Contains(compacted, row => row.View == CompactedSlots.NameOf(view));
        before.AssertEqual(await ViewContents.ReadAsync(lake, script.ProcessId), "compacted");

        // What is read is the compacted file: the slots' own are not among it.
        foreach (var view in (string[])["spans", "log_entries", "async_spans"])
        {
            using var result = await lake.Lake.QueryAsync($"SELECT count(*) FROM {view} WHERE process_id = $process", Options, Cancellation);
            var files = await FilesAsync(view);
            Assert.InRange(files.Count, 1, CompactedSlots.FewestFiles);
            Assert.Equal(files.Sum(file => file.Partition.Bytes), result.Receipt.PartitionBytes);
        }

        Assert.Equal(default, await CompactAsync());
        Assert.Equal(compacted, await CompactedAsync());
    }

    /// <summary>Blocks come late into slots that are compacted: these are read by themselves, until enough are to be compacted again.</summary>
    [Fact]
    public async Task A_late_block_takes_its_slot_out()
    {
        var late = script.Blocks.Where(_ => random.Next(4) == 0).ToArray();
        await AppendAsync(script.Blocks.Except(late));
        await ViewContents.ReadAsync(lake, script.ProcessId);
        Assert.True((await CompactAsync()).Files > 0);
        var (taken, again) = (0, 0L);
        foreach (var some in late.Chunk(Math.Max(1, late.Length / 3)))
        {
            await AppendAsync(some);
            foreach (var view in ViewContents.Shown) await ViewContents.ReadAsync(lake, script.ProcessId, view);
            foreach (var view in (string[])["spans", "log_entries", "measures"])
            {
                taken += (await FilesAsync(view)).Count(file => file is { IsCompacted: true, Slots: not null });
            }
            if (random.Next(2) == 0) again += (await CompactAsync()).Files;
        }
        Assert.True(taken > 0, "no slot was read beside a compacted file");
        Assert.True(again > 0, "nothing was compacted again");
        var saw = await ViewContents.ReadAsync(lake, script.ProcessId);
        await lake.DropPartitionsAsync();
        (await ViewContents.ReadAsync(lake, script.ProcessId)).AssertEqual(saw, "after late blocks");
    }

    /// <summary>Of some slots only, by whatever time is asked for, and by a snapshot of before.</summary>
    [Fact]
    public async Task Parts_of_it_answer_for_their_slots()
    {
        var blocks = script.Blocks.ToArray();
        await AppendAsync(blocks.Where((_, index) => index % 10 != 0));
        var (firstNs, lastNs) = (TimeText.ParseNs("2026-01-01T20:00:00Z", 0), 0L);
        foreach (var block in await lake.Store.Catalog.ReadBlocksAsync(Tenant.Default, [script.ProcessId], Cancellation)) lastNs = Math.Max(lastNs, block.EndNs);
        var asked = new List<(string Sql, QueryOptions Options, string Rows)>();
        foreach (var view in ViewContents.Shown.Where(view => Views.FindMaterialized(view) is { TimeColumn: not null }))
            for (var i = 0; i < 4; i++)
            {
                var (from, to) = (firstNs + (long)(random.NextDouble() * (lastNs - firstNs)), firstNs + (long)(random.NextDouble() * (lastNs - firstNs)));
                var options = Options with { Range = new QueryRange(Math.Min(from, to), i % 2 == 0 ? null : Math.Max(from, to)) };
                // Some by the columns that are named, of which a count names none.
                var sql = i < 3 ? $"SELECT CAST(COLUMNS(*) AS VARCHAR) FROM {view} WHERE process_id = $process ORDER BY ALL" : $"SELECT count(*) FROM {view} WHERE process_id = $process AND {Views.FindMaterialized(view)!.TimeColumn} > {Math.Min(from, to)}";
                using (var result = await lake.Lake.QueryAsync(sql, options, Cancellation)) options = options with { Snapshot = result.Receipt.Snapshot };
                asked.Add((sql, options, await lake.CsvAsync(sql, options)));
            }
        foreach (var view in ViewContents.Shown) await ViewContents.ReadAsync(lake, script.ProcessId, view);
        Assert.True((await CompactAsync()).Files > 0);
        foreach (var (sql, options, rows) in asked)
        {
            Assert.Equal((sql, rows), (sql, await lake.CsvAsync(sql, options)));
            Assert.Equal((sql, rows), (sql, await lake.CsvAsync(sql, options with { Snapshot = null })));
        }

        await AppendAsync(blocks.Where((_, index) => index % 10 == 0));
        foreach (var view in ViewContents.Shown) await ViewContents.ReadAsync(lake, script.ProcessId, view);
        foreach (var (sql, options, rows) in asked) Assert.Equal((sql, rows), (sql, await lake.CsvAsync(sql, options)));
    }

    [Fact]
    public async Task An_erasure_takes_it_too_also_while_it_is_written()
    {
        await AppendAsync(script.Blocks);
        await ViewContents.ReadAsync(lake, script.ProcessId, "log_entries");
        await ViewContents.ReadAsync(lake, script.ProcessId, "measures");
        var erased = false;
        var catalog = CatalogHooks.Around(lake.Store.Catalog, nameof(ICatalog.PublishPartitionAsync), async publish =>
        {
            // Between the last of its files and its row.
            if (erased) await EraseAsync();
            erased = true;
            await publish();
        });
        var totals = await new PartitionCompaction(new LakeStore(lake.Store.Location, lake.Store.Objects, catalog), TimeProvider.System).RunAsync(null, Cancellation);
        Assert.Equal(1, totals.Files);
        Assert.Empty(await CompactedAsync());
        var left = new List<string>();
        await foreach (var stored in lake.Store.Objects.ListAsync(StoreNames.ViewsPrefix, Cancellation)) left.Add(stored.Key);
        Assert.Empty(left);
    }

    /// <summary>A slot's own file that is gone is not missed, but by who reads it alone.</summary>
    [Fact]
    public async Task Where_it_is_there_the_slots_files_need_not_be()
    {
        await AppendAsync(script.Blocks);
        var before = await ViewContents.ReadAsync(lake, script.ProcessId, "measures");
        await CompactAsync();
        var partitions = await lake.Store.Catalog.ReadPartitionsAsync(Tenant.Default, "measures", null, Cancellation);
        foreach (var row in partitions.Where(row => row.Path.Length > 0)) await lake.Store.Objects.DeleteAsync(row.Path, Cancellation);
        Assert.Equal(before, await ViewContents.ReadAsync(lake, script.ProcessId, "measures"));
        Assert.Equal(partitions, await lake.Store.Catalog.ReadPartitionsAsync(Tenant.Default, "measures", null, Cancellation));
        await lake.Lake.MaterializeAsync("measures", script.ProcessId, cancellation: Cancellation);
        Assert.All(await lake.Store.Catalog.ReadPartitionsAsync(Tenant.Default, "measures", null, Cancellation), row => Assert.Equal(row.Path.Length > 0 ? 2 : 1, row.Generation));
    }

    /// <summary>A compacted file that is gone is one that there never was.</summary>
    [Fact]
    public async Task Without_its_file_the_slots_answer()
    {
        await AppendAsync(script.Blocks);
        var before = await ViewContents.ReadAsync(lake, script.ProcessId, "spans");
        await CompactAsync();
        foreach (var row in await CompactedAsync()) await lake.Store.Objects.DeleteAsync(row.Path, Cancellation);
        Assert.Equal(before, await ViewContents.ReadAsync(lake, script.ProcessId, "spans"));
    }

    public void Dispose() => lake.Dispose();

    async Task EraseAsync()
    {
        var erasure = new LakeErasure(lake.Store, Tenant.Default, TimeProvider.System);
        await erasure.RunAsync(await erasure.BeginAsync(script.ProcessId, Cancellation), null, Cancellation);
    }

    Task<CompactionTotals> CompactAsync() => new PartitionCompaction(lake.Store, TimeProvider.System).RunAsync(null, Cancellation);

    async Task<IReadOnlyList<PartitionRow>> CompactedAsync() =>
        [.. (await lake.Store.Catalog.ReadPartitionsAsync(Tenant.Default, null, null, Cancellation)).Where(row => CompactedSlots.ViewOf(row.View) is not null)];

    /// <summary>What a query over all slots reads of a view that is current.</summary>
    async Task<IReadOnlyList<SlotsFile>> FilesAsync(string view)
    {
        var partitions = (await lake.Store.Catalog.ReadPartitionsAsync(Tenant.Default, view, [script.ProcessId], Cancellation)).Where(row => row.Path.Length > 0).ToArray();
        return (await CompactedSlots.ReadAsync(lake.Store, Tenant.Default, Views.Find(view)!, script.ProcessId, partitions.Length, Cancellation)).FilesOf(partitions);
    }

    async Task AppendAsync(IEnumerable<ScriptBlock> blocks)
    {
        var batch = script.Records();
        foreach (var block in blocks) batch.AddBlock(block.Bytes);
        await lake.AppendAsync(batch);
    }
}

using Legion.Cli.Generate;
using Legion.Format;
using Legion.Lakehouse.Sql;
using Legion.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Lakehouse;

/// <summary>One bit of what is stored flips, anywhere.</summary>
public sealed class DamageTests
{
    [Fact]
    public async Task Every_flipped_bit_of_a_stored_block_is_one_problem_that_names_it()
    {
        using var lake = new TestLake();
        var append = new BlockAppend(lake.Store, TimeProvider.System);
        var load = new GeneratedLoad { Spans = 2000, Seed = 5, BlockBytes = 8192 };
        var process = (await LoadGenerator.GenerateAsync(load, batch => append.AppendAsync(Tenant.Default, Batch.Read(batch), TestContext.Current.CancellationToken), TestContext.Current.CancellationToken)).Single();
        var options = new QueryOptions { Parameters = new Dictionary<string, object?> { ["process"] = process } };
        var blocks = await lake.Store.Catalog.ReadBlocksAsync(Tenant.Default, [process], TestContext.Current.CancellationToken);
        var random = new Random(11);
        for (var run = 0; run < 60; run++)
        {
            var block = blocks[random.Next(blocks.Count)];
            var path = await lake.Store.Objects.LocalFileAsync(block.ObjectKey, TestContext.Current.CancellationToken);
            // The header is the smaller part, and has the most ways to be wrong.
            var at = block.ObjectOffset + random.Next(run % 2 == 0 ? block.HeaderBytes : block.Bytes);
            var bit = (byte)(1 << random.Next(8));
            Flip(path, at, bit);
            await lake.DropPartitionsAsync();
            Assert.Equal($"kind,block_id,events\ndamaged,{block.BlockId},{block.Events}\n", await lake.CsvAsync("SELECT kind, block_id, events FROM problems WHERE process_id = $process", options));
            Flip(path, at, bit);
        }
        await lake.DropPartitionsAsync();
        Assert.Equal("n\n2000\n", await lake.CsvAsync("SELECT count(*) AS n FROM spans WHERE process_id = $process", options));
    }

    static void Flip(string path, long at, byte bit)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        file.Position = at;
        var value = (byte)file.ReadByte();
        file.Position = at;
        file.WriteByte((byte)(value ^ bit));
    }
}

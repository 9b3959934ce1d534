using Legion.Lakehouse.Sql;
using Legion.Store;
using Legion.Tests.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Lakehouse;

/// <summary>Nothing above the store knows that its objects lie on S3: blocks, partitions and queries are those of a folder.</summary>
public sealed class S3LakeTests(S3Gateway gateway)
{
    const string Spans = "SELECT stream_id, span_id, name, begin_ns, end_ns FROM spans WHERE process_id = $process ORDER BY ALL";

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Blocks_and_partitions_on_S3_give_the_rows_of_a_folder()
    {
        var location = await gateway.NewLocationAsync();
        var recording = new Recording();
        var options = new QueryOptions { Parameters = new Dictionary<string, object?> { ["process"] = recording.ProcessId } };
        var blocks = recording.Blocks(5);
        using var local = new TestLake();
        using var remote = new TestLake(S3Gateway.Open(location));

        foreach (var lake in (TestLake[])[local, remote])
        {
            await lake.AppendAsync(recording.Batch(blocks[..2]));
            await lake.AppendAsync(recording.Batch(blocks[2..]));
        }
        foreach (var row in await remote.Store.Catalog.ReadBlocksAsync(Tenant.Default, null, Cancellation))
            Assert.Equal(blocks.Single(block => Recording.IdOf(block) == row.BlockId), await remote.Store.Objects.ReadAsync(row.ObjectKey, row.ObjectOffset, row.Bytes, Cancellation));

        var rows = await local.CsvAsync(Spans, options);
        Assert.Equal(16, rows.Count(character => character == '\n')); // the header, and three spans a block
        Assert.Equal(rows, await remote.CsvAsync(Spans, options));
        Assert.Equal((2, 1), (await CountAsync(location, StoreNames.BlocksPrefix), await CountAsync(location, StoreNames.ViewsPrefix)));

        // Another process reads what this one built; and builds it anew where it is gone.
        var other = new Legion.Lakehouse.Lake(new LakeStore(remote.Store.Location, S3Gateway.Open(location), remote.Store.Catalog));
        Assert.Equal(0, (await other.MaterializeAsync("spans", recording.ProcessId, cancellation: Cancellation)).Built);
        await remote.DropPartitionsAsync();
        Assert.Equal(0, await CountAsync(location, StoreNames.ViewsPrefix));
        Assert.Equal(rows, await remote.CsvAsync(Spans, options));
        Assert.Equal(1, await CountAsync(location, StoreNames.ViewsPrefix));
    }

    static async Task<int> CountAsync(S3Location location, string prefix)
    {
        var count = 0;
        await foreach (var _ in S3Gateway.Open(location).ListAsync(prefix, Cancellation)) count++;
        return count;
    }
}

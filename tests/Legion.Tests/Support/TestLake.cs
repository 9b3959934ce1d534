using Legion.Format;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Store;

namespace Legion.Tests.Support;

/// <summary>A lake in a folder of its own, which goes with it.</summary>
sealed class TestLake : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("legion-test-").FullName;

    /// <param name="objects">Where the objects lie; null: in the folder, as the catalog does in any case.</param>
    public TestLake(IObjectStore? objects = null)
    {
        Store = LakeStore.OpenOrCreate(LakeLocation.Parse(folder));
        if (objects is not null) Store = new LakeStore(Store.Location, objects, Store.Catalog);
        Lake = new Lake(Store);
    }

    public string Folder => folder;
    public LakeStore Store { get; }
    public Lake Lake { get; }

    public async Task AppendAsync(BatchWriter batch)
    {
        var answer = await new BlockAppend(Store, TimeProvider.System).AppendAsync(Tenant.Default, Batch.Read(batch.ToArray()), TestContext.Current.CancellationToken);
        Assert.All(answer.Blocks, block => Assert.Equal(BlockCode.Stored, block.Code));
    }

    /// <summary>The rows as text: cells separated by commas, null empty, a header first.</summary>
    /// <param name="of">Whose lake; null: that of the default tenant.</param>
    public async Task<string> CsvAsync(string sql, QueryOptions? options = null, Lake? of = null)
    {
        using var result = await (of ?? Lake).QueryAsync(sql, options, TestContext.Current.CancellationToken);
        using var rows = result.ReadRows(TestContext.Current.CancellationToken);
        var lines = new List<string> { string.Join(',', rows.Columns.Select(column => column.Name)) };
        while (rows.Read()) lines.Add(string.Join(',', Enumerable.Range(0, rows.Columns.Count).Select(i => Convert.ToString(rows[i], System.Globalization.CultureInfo.InvariantCulture))));
        return string.Join('\n', lines) + "\n";
    }

    /// <summary>Deletes all partitions, rows and files.</summary>
    public async Task DropPartitionsAsync()
    {
        foreach (var path in await Store.Catalog.DropPartitionsAsync(Tenant.Default, null, null, TestContext.Current.CancellationToken))
            await Store.Objects.DeleteAsync(path, TestContext.Current.CancellationToken);
    }

    /// <summary>Flips one byte in the middle of a stored block's content.</summary>
    public async Task DamageAsync(Guid blockId)
    {
        var row = (await Store.Catalog.ReadBlocksAsync(Tenant.Default, null, TestContext.Current.CancellationToken)).Single(block => block.BlockId == blockId);
        var path = await Store.Objects.LocalFileAsync(row.ObjectKey, TestContext.Current.CancellationToken);
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        file.Position = row.ObjectOffset + (row.HeaderBytes + row.Bytes) / 2;
        var value = file.ReadByte();
        file.Position--;
        file.WriteByte((byte)(value ^ 0x40));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}

using Dapper;
using Legion.Format;
using Legion.Lakehouse;
using Legion.Store;
using Legion.Tests.Store;
using Legion.Tests.Support;
using Microsoft.Data.Sqlite;

namespace Legion.Tests.Lakehouse;

public sealed class LakeVerificationTests : IDisposable
{
    readonly TestLake lake = new();
    readonly Recording recording = new();
    readonly byte[][] blocks;

    public LakeVerificationTests() => blocks = recording.Blocks(4);

    [Fact]
    public async Task ALakeWithoutDamageIsReadWhole()
    {
        await StoreAsync();
        var (totals, damages) = await VerifyAsync();
        Assert.Empty(damages);
        Assert.Equal(new VerifiedTotals(4, blocks.Sum(block => (long)block.Length), 1, 0, 0), totals);
    }

    [Fact]
    public async Task EachDamageIsNamedOnceAndAloneAndAnOrphanIsNone()
    {
        await StoreAsync();
        var rows = await lake.Store.Catalog.ReadBlocksAsync(Tenant.Default, null, TestContext.Current.CancellationToken);
        var other = new Recording();
        var batch = other.Batch(other.Block());
        await lake.AppendAsync(batch);
        var gone = (await lake.Store.Catalog.ReadBlocksAsync(Tenant.Default, [other.ProcessId], TestContext.Current.CancellationToken)).Single();
        var partition = Assert.Single(await lake.Store.Catalog.ReadPartitionsAsync(Tenant.Default, null, null, TestContext.Current.CancellationToken));
        var orphan = StoreNames.BlocksObject(1, Tenant.Default, StreamClass.Log, other.ProcessId, Guid.CreateVersion7());
        await lake.Store.Objects.PutAsync(orphan, [new byte[] { 1 }], TestContext.Current.CancellationToken);

        await lake.DamageAsync(rows[1].BlockId);
        await lake.Store.Objects.DeleteAsync(gone.ObjectKey, TestContext.Current.CancellationToken);
        await lake.Store.Objects.DeleteAsync(partition.Path, TestContext.Current.CancellationToken);
        await ChangeAsync("UPDATE blocks SET events = events + 1 WHERE block_id = @id", rows[2].BlockId);
        await ChangeAsync("UPDATE blocks SET stored_checksum = stored_checksum, object_offset = 1000000000 WHERE block_id = @id", rows[3].BlockId);

        var (totals, damages) = await VerifyAsync();
        var expected = new (DamageKind, string)[]
        {
            (DamageKind.ChangedBytes, $"{rows[1].BlockId}"),
            (DamageKind.HeaderDiffers, $"{rows[2].BlockId}"),
            (DamageKind.MissingPayload, $"{rows[3].BlockId}"),
            (DamageKind.MissingPayload, $"{gone.BlockId}"),
            (DamageKind.MissingFile, $"spans {recording.ProcessId} 0"),
        };
        Assert.Equal(expected.OrderBy(damage => damage.Item2, StringComparer.Ordinal), damages.Select(damage => (damage.Kind, damage.Subject)).OrderBy(damage => damage.Subject, StringComparer.Ordinal));
        Assert.Contains("events 7 in the row, 6 in the header", damages.Single(damage => damage.Kind == DamageKind.HeaderDiffers).Detail, StringComparison.Ordinal);
        // The object whose payload is gone is not listed; the orphan is.
        Assert.Equal((5, 5, 1), (totals.Damages, totals.Blocks, totals.UnnamedObjects));
    }

    /// <summary>Ingestion takes what it need not understand: another encoding may be one of tomorrow.</summary>
    [Fact]
    public async Task ContentThatNoViewReadsIsDamage()
    {
        var known = recording.Block();
        var header = BlockHeaderBytes.Read(known, out var headerBytes);
        var writer = new ByteWriter();
        BlockHeaderBytes.Write(writer, header with { Encoding = 99 });
        writer.Bytes(known.AsSpan(headerBytes));
        await lake.AppendAsync(recording.Batch(writer.ToArray(), recording.Block()));

        var damage = Assert.Single((await VerifyAsync()).Damages);
        Assert.Equal((DamageKind.UnreadableContent, $"{header.BlockId}"), (damage.Kind, damage.Subject));
    }

    public void Dispose() => lake.Dispose();

    async Task StoreAsync()
    {
        await lake.AppendAsync(recording.Batch(blocks));
        await lake.Lake.MaterializeAsync("spans", null, cancellation: TestContext.Current.CancellationToken);
    }

    async Task<(VerifiedTotals Totals, List<Damage> Damages)> VerifyAsync()
    {
        var damages = new List<Damage>();
        return (await new LakeVerification(lake.Store, TimeProvider.System).RunAsync(damages.Add, null, TestContext.Current.CancellationToken), damages);
    }

    async Task ChangeAsync(string sql, Guid blockId)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(lake.Folder, StoreNames.CatalogFile)};Pooling=False");
        Assert.Equal(1, await connection.ExecuteAsync(sql, new { id = blockId.ToByteArray(bigEndian: true) }));
    }
}

using Legion.Format;
using Legion.Store;

namespace Legion.Tests.Store;

public abstract partial class CatalogContract
{
    [Fact]
    public async Task AnObjectThatNobodyNamedIsSpentForGood()
    {
        var stream = await RegisterStreamAsync();
        var name = NewName(stream);
        var block = Block(stream, StoreNames.BlocksObject(name), 0);
        NewObject[] late = [ObjectOf(name, block)];

        Assert.True(await Catalog.SpendObjectAsync(name, Cancellation));
        Assert.True(await Catalog.SpendObjectAsync(name, Cancellation));

        await Assert.ThrowsAsync<StoreUnavailableException>(() => Catalog.InsertBlocksAsync(Tenant.Default, late, Cancellation));
        Assert.False(await Catalog.HasObjectAsync(Tenant.Default, late[0].Key, Cancellation));
        Assert.Empty(await Catalog.ReadBlocksAsync(Tenant.Default, null, Cancellation));
        Assert.Equal(0, (await ReadProcessAsync(stream.ProcessId)).Version);
        Assert.Equal(0, (await Catalog.ReadTotalsAsync(Tenant.Default, Cancellation)).Objects);
    }

    [Fact]
    public async Task OneSpentObjectOfABatchKeepsAllOfItOut()
    {
        var (one, two) = (await RegisterStreamAsync(), await RegisterStreamAsync());
        var (first, second) = (NewName(one), NewName(two));
        await Catalog.SpendObjectAsync(second, Cancellation);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => Catalog.InsertBlocksAsync(
            Tenant.Default, [ObjectOf(first, Block(one, StoreNames.BlocksObject(first), 0)), ObjectOf(second, Block(two, StoreNames.BlocksObject(second), 0))], Cancellation));
        Assert.Empty(await Catalog.ReadBlocksAsync(Tenant.Default, null, Cancellation));
        Assert.False(await Catalog.HasObjectAsync(Tenant.Default, StoreNames.BlocksObject(first), Cancellation));
    }

    [Fact]
    public async Task AnObjectWithABlockThatCountsIsNotSpentAndOneOfDeadBlocksIs()
    {
        var stream = await RegisterStreamAsync();
        var (living, dead) = (NewName(stream), NewName(stream));
        var block = Block(stream, StoreNames.BlocksObject(living), 0);
        await Catalog.InsertBlocksAsync(Tenant.Default, [ObjectOf(living, block)], Cancellation);
        await Catalog.InsertBlocksAsync(Tenant.Default, [ObjectOf(dead, block with { ObjectKey = StoreNames.BlocksObject(dead) })], Cancellation);
        string[] keys = [StoreNames.BlocksObject(living), StoreNames.BlocksObject(dead), StoreNames.BlocksObject(NewName(stream))];

        Assert.Equal([keys[0]], await Catalog.FindLivingObjectsAsync(living, keys, Cancellation));
        Assert.Empty(await Catalog.FindLivingObjectsAsync(living with { Tenant = new Tenant("other") }, keys, Cancellation));
        Assert.False(await Catalog.SpendObjectAsync(living, Cancellation));
        Assert.True(await Catalog.SpendObjectAsync(dead, Cancellation));
        Assert.True(await Catalog.HasObjectAsync(Tenant.Default, keys[0], Cancellation));
        Assert.False(await Catalog.HasObjectAsync(Tenant.Default, keys[1], Cancellation));
    }

    [Fact]
    public async Task OfARacingSweepAndUploadOneWins()
    {
        const int Rounds = 25;
        var stream = await RegisterStreamAsync();
        var (uploader, sweeper) = (Open(), Open());
        var uploaded = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var name = NewName(stream);
            var inserting = Task.Run(async () =>
            {
                try
                {
                    await uploader.InsertBlocksAsync(Tenant.Default, [ObjectOf(name, Block(stream, StoreNames.BlocksObject(name), (ulong)round))], Cancellation);
                    return true;
                }
                catch (StoreUnavailableException)
                {
                    return false;
                }
            }, Cancellation);
            var isSpent = await Task.Run(() => sweeper.SpendObjectAsync(name, Cancellation), Cancellation);
            var isInserted = await inserting;

            Assert.NotEqual(isSpent, isInserted);
            Assert.Equal(isInserted, await Catalog.HasObjectAsync(Tenant.Default, StoreNames.BlocksObject(name), Cancellation));
            if (isInserted) uploaded++;
        }
        Assert.Equal(uploaded, (await Catalog.ReadBlocksAsync(Tenant.Default, null, Cancellation)).Count);
    }

    private protected static BlocksObjectName NewName(StreamRow stream) => new(1, Tenant.Default, stream.Class, stream.ProcessId, Guid.CreateVersion7());

    private protected static NewObject ObjectOf(BlocksObjectName name, params BlockRow[] blocks) => new(StoreNames.BlocksObject(name), 100, name.Day, name.Class, name.ProcessId, blocks);
}

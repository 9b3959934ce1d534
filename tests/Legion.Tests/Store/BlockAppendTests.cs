using System.Reflection;
using System.Text.Json;
using Dapper;
using Legion.Format;
using Legion.Lakehouse;
using Legion.Store;
using Legion.Tests.Support;
using Microsoft.Data.Sqlite;

namespace Legion.Tests.Store;

public sealed class BlockAppendTests : IDisposable
{
    readonly TemporaryLake lake = new();
    readonly Recording recording = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AStoredBlockIsFoundWithWhatItsHeaderSays()
    {
        var blocks = recording.Blocks(2);
        Assert.Equal([BlockCode.Stored, BlockCode.Stored], Codes(await AppendAsync(recording.Items(blocks))));

        var rows = await RowsAsync();
        Assert.Equal(2, rows.Count);
        foreach (var (block, row) in blocks.Zip(rows))
        {
            Assert.Equal(block, await lake.Store.Objects.ReadAsync(row.ObjectKey, row.ObjectOffset, row.Bytes, Cancellation));
            var header = BlockHeaderBytes.Read(block, out var headerBytes);
            Assert.Equal((header.BlockId, header.StreamId, header.ProcessId, header.Class, header.Schema), (row.BlockId, row.StreamId, row.ProcessId, row.Class, row.Schema));
            Assert.Equal((header.Sequence, header.FirstOrdinal, header.NextOrdinal, header.Events), (row.Sequence, row.FirstOrdinal, row.NextOrdinal, row.Events));
            Assert.Equal((header.FirstTick, header.LastTick, header.BeginNs, header.EndNs), (row.FirstTick, row.LastTick, row.BeginNs, row.EndNs));
            Assert.Equal((header.RawBytes, headerBytes, header.Checksum, 1L), (row.RawBytes, row.HeaderBytes, row.Checksum, row.Arrival));
        }
    }

    [Fact]
    public async Task BlocksAreFiledByDayTenantClassAndProcess()
    {
        var log = new Recording { ProcessId = recording.ProcessId, Class = StreamClass.Log };
        var batch = recording.Batch(recording.Block());
        batch.Add(log.Stream);
        batch.AddBlock(log.Block());
        await AppendAsync(Batch.Read(batch.ToArray()));

        var today = StoreNames.Day((int)(DateTime.UtcNow - DateTime.UnixEpoch).TotalDays);
        var folders = (await RowsAsync()).Select(row => Path.GetDirectoryName(row.ObjectKey)!).Order(StringComparer.Ordinal);
        Assert.Equal([$"blocks/{today}/default/log/{recording.ProcessId}", $"blocks/{today}/default/trace/{recording.ProcessId}"], folders);
    }

    [Fact]
    public async Task ARepeatedBlockExistsAndDoesNotArriveAgain()
    {
        var blocks = recording.Blocks(2);
        await AppendAsync(recording.Items(blocks));
        var before = await RowsAsync();

        Assert.Equal([BlockCode.Exists, BlockCode.Exists], Codes(await AppendAsync(recording.Items(blocks))));
        Assert.Equal(before, await RowsAsync());
        Assert.Single(await ObjectsAsync());
    }

    [Fact]
    public async Task WhatIsRegisteredIsNotReadAgain()
    {
        var reads = 0;
        var append = new BlockAppend(lake.Store.Objects, CatalogHooks.Around(lake.Store.Catalog, nameof(ICatalog.ReadRegisteredAsync), call =>
        {
            reads++;
            return call();
        }), TimeProvider.System);
        await append.AppendAsync(Tenant.Default, recording.Items(recording.Block()), Cancellation);
        Assert.Equal(2, reads); // before and after the registration

        Assert.Equal([BlockCode.Stored], Codes(await append.AppendAsync(Tenant.Default, recording.Items(recording.Block()), Cancellation)));
        Assert.Equal([BlockCode.Missing], Codes(await append.AppendAsync(new Tenant("other"), [.. recording.Items(recording.Block()).Where(item => item.Kind == BatchItemKind.Block)], Cancellation)));
        Assert.Equal(3, reads);
    }

    [Fact]
    public async Task AProcessThatIsErasedElsewhereIsNotRememberedForLong()
    {
        var append = new BlockAppend(lake.Store, TimeProvider.System);
        await append.AppendAsync(Tenant.Default, recording.Items(recording.Block()), Cancellation);
        await new LakeErasure(lake.Store, Tenant.Default, TimeProvider.System).BeginAsync(recording.ProcessId, Cancellation);

        var late = recording.Items(recording.Block());
        await Assert.ThrowsAsync<StoreUnavailableException>(() => append.AppendAsync(Tenant.Default, late, Cancellation));
        var answer = Assert.Single((await append.AppendAsync(Tenant.Default, late, Cancellation)).Blocks);
        Assert.Equal((BlockCode.Exists, BlockAnswer.Erased), (answer.Code, answer.Reason));
        Assert.Empty(await RowsAsync());
    }

    [Fact]
    public async Task SameIdOtherBytesIsAConflictAndTheFirstBytesStay()
    {
        var first = recording.Block(spans: 3);
        await AppendAsync(recording.Items(first));
        var second = recording.Block(spans: 4, id: Recording.IdOf(first));

        var answer = await AppendAsync(recording.Items(second, recording.Block()));

        Assert.Equal([BlockCode.Conflict, BlockCode.Stored], Codes(answer));
        var row = Assert.Single(await RowsAsync(), row => row.BlockId == Recording.IdOf(first));
        Assert.Equal(first, await lake.Store.Objects.ReadAsync(row.ObjectKey, row.ObjectOffset, row.Bytes, Cancellation));
    }

    [Fact]
    public async Task ABatchThatRepeatsABlockStoresItOnce()
    {
        var block = recording.Block();
        var other = recording.Block(spans: 5, id: Recording.IdOf(block));
        Assert.Equal([BlockCode.Stored, BlockCode.Exists, BlockCode.Conflict], Codes(await AppendAsync(recording.Items(block, block, other))));
        Assert.Single(await RowsAsync());
    }

    [Fact]
    public async Task EachTransactionIsOneArrivalLater()
    {
        for (var i = 0; i < 3; i++) await AppendAsync(recording.Items(recording.Blocks(2)));
        Assert.Equal([1, 1, 2, 2, 3, 3], (await RowsAsync()).Select(row => row.Arrival));
        Assert.Equal(3, Assert.Single(await lake.Store.Catalog.ReadProcessesAsync(Tenant.Default, null, Cancellation)).Version);
    }

    [Fact]
    public async Task WhatIsMissingIsNamedAndTheRestIsStored()
    {
        await AppendAsync(recording.Items());
        var stranger = new Recording();
        var answer = await AppendAsync(Recording.BlockItems(stranger.Block(), recording.Block()));

        Assert.Equal([BlockCode.Missing, BlockCode.Stored], Codes(answer));
        AssertMissing(answer, [], [stranger.ProcessId], [stranger.StreamId]);
        Assert.True(answer.IsMissingSomething);
    }

    [Fact]
    public async Task AMissingSchemaIsNamed()
    {
        var batch = new BatchWriter();
        batch.Add(recording.Process);
        batch.Add(recording.Stream);
        batch.AddBlock(recording.Block());
        var answer = await AppendAsync(Batch.Read(batch.ToArray()));

        Assert.Equal([BlockCode.Missing], Codes(answer));
        AssertMissing(answer, [WellKnown.Schema.Hash], [], []);
    }

    [Fact]
    public async Task AStreamWithoutItsProcessNamesBoth()
    {
        var batch = new BatchWriter();
        batch.Add(recording.Stream);
        var answer = await AppendAsync(Batch.Read(batch.ToArray()));
        AssertMissing(answer, [], [recording.ProcessId], [recording.StreamId]);
    }

    [Fact]
    public async Task ABlockOfAnotherProcessThanItsStreamsIsRefused()
    {
        var other = new Recording();
        await AppendAsync(other.Items());
        var answer = await AppendAsync(recording.Items(recording.Block(processId: other.ProcessId), recording.Block(streamClass: StreamClass.Log)));
        Assert.Equal([BlockCode.Refused, BlockCode.Refused], Codes(answer));
        Assert.Empty(await RowsAsync());
    }

    public static TheoryData<string, Func<byte[], byte[]>> Damage => new()
    {
        { "no bytes", _ => [] },
        { "cut in the prefix", block => block[..10] },
        { "cut in the header", block => block[..100] },
        { "cut in the content", block => block[..^1] },
        { "a byte too many", block => [.. block, 0] },
        { "another magic", block => Changed(block, 0) },
        { "another version", block => Changed(block, 4) },
        { "big-endian", block => Changed(block, 6) },
        { "entries longer than the block", block => Changed(block, 11) },
        { "other stored size", block => Changed(block, 12) },
        { "a flipped bit in the header", block => Changed(block, 60) },
        { "text", _ => "hello, world, this is no block at all"u8.ToArray() },
    };

    [Theory]
    [MemberData(nameof(Damage))]
    public async Task ADamagedBlockIsRefusedAndItsNeighboursAreStored(string what, Func<byte[], byte[]> damage)
    {
        var answer = await AppendAsync(recording.Items(recording.Block(), damage(recording.Block()), recording.Block()));
        Assert.True(Codes(answer).SequenceEqual([BlockCode.Stored, BlockCode.Refused, BlockCode.Stored]), what);
        Assert.NotNull(answer.Blocks[1].Reason);
        Assert.Equal(2, (await RowsAsync()).Count);
    }

    [Theory]
    [InlineData(BatchItemKind.Process)]
    [InlineData(BatchItemKind.Stream)]
    [InlineData(BatchItemKind.Schema)]
    public async Task AMalformedRecordStoresNothing(BatchItemKind kind)
    {
        IReadOnlyList<BatchItem> items = [.. recording.Items(recording.Block()), new BatchItem(kind, new byte[] { 1, 2, 3 })];
        await Assert.ThrowsAsync<InvalidDataException>(() => AppendAsync(items));
        Assert.Empty(await lake.Store.Catalog.ReadProcessesAsync(Tenant.Default, null, Cancellation));
    }

    [Fact]
    public async Task AnItemOfALaterVersionIsSkipped()
    {
        IReadOnlyList<BatchItem> items = [new BatchItem((BatchItemKind)99, new byte[] { 1 }), .. recording.Items(recording.Block())];
        Assert.Equal([BlockCode.Stored], Codes(await AppendAsync(items)));
    }

    /// <summary>Invariant 2 of the architecture: an acknowledged block is stored exactly once, whatever is repeated or reordered.</summary>
    [Fact]
    public async Task RacedDuplicatesAreStoredOnceAndEveryDeadCopyIsListed()
    {
        const int Writers = 4;
        var blocks = recording.Blocks(40);
        await AppendAsync(recording.Items());
        var answers = await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            var append = new BlockAppend(lake.Open(), TimeProvider.System);
            var codes = new List<BlockCode>();
            foreach (var some in blocks.Chunk(4)) codes.AddRange(Codes(await append.AppendAsync(Tenant.Default, Recording.BlockItems(some), Cancellation)));
            return codes;
        })));

        Assert.All(answers.SelectMany(codes => codes), code => Assert.True(code is BlockCode.Stored or BlockCode.Exists));
        Assert.Equal(blocks.Length, answers.Sum(codes => codes.Count(code => code == BlockCode.Stored)));
        var rows = await RowsAsync();
        Assert.Equal(blocks.Select(Recording.IdOf).Order(), rows.Select(row => row.BlockId).Order());
        await AssertObjectsListTheirBlocksAsync(rows);
    }

    [Fact]
    public async Task ACommitWhoseOutcomeWasUnknownIsLookedUp()
    {
        var blocks = recording.Blocks(2);
        var append = new BlockAppend(lake.Store.Objects, FailingCatalog.AfterInsert(lake.Store.Catalog), TimeProvider.System);

        var answer = await append.AppendAsync(Tenant.Default, recording.Items(blocks), Cancellation);

        Assert.All(answer.Blocks, block => Assert.True(block.Code is BlockCode.Stored or BlockCode.Exists));
        Assert.Equal(2, (await RowsAsync()).Count);
    }

    [Fact]
    public async Task WhatIsErasedBetweenACommitOfUnknownOutcomeAndTheLookIsHeardOfByTheNextTry()
    {
        var catalog = CatalogHooks.Around(FailingCatalog.AfterInsert(lake.Store.Catalog), nameof(ICatalog.HasObjectAsync), async call =>
        {
            await call();
            await new LakeErasure(lake.Store, Tenant.Default, TimeProvider.System).BeginAsync(recording.ProcessId, Cancellation);
        });
        var append = new BlockAppend(lake.Store.Objects, catalog, TimeProvider.System);
        var items = recording.Items(recording.Block());

        await Assert.ThrowsAsync<StoreUnavailableException>(() => append.AppendAsync(Tenant.Default, items, Cancellation));
        var answer = Assert.Single((await append.AppendAsync(Tenant.Default, items, Cancellation)).Blocks);
        Assert.Equal((BlockCode.Exists, BlockAnswer.Erased), (answer.Code, answer.Reason));
    }

    [Fact]
    public async Task ACommitThatFailedIsNotAcknowledged()
    {
        var append = new BlockAppend(lake.Store.Objects, FailingCatalog.InsteadOfInsert(lake.Store.Catalog), TimeProvider.System);
        var items = recording.Items(recording.Blocks(2));

        await Assert.ThrowsAsync<StoreUnavailableException>(() => append.AppendAsync(Tenant.Default, items, Cancellation));
        Assert.Empty(await RowsAsync());
        Assert.Equal([BlockCode.Stored, BlockCode.Stored], Codes(await AppendAsync(items)));
    }

    public void Dispose() => lake.Dispose();

    Task<AppendAnswer> AppendAsync(IReadOnlyList<BatchItem> items) => new BlockAppend(lake.Store, TimeProvider.System).AppendAsync(Tenant.Default, items, Cancellation);

    Task<IReadOnlyList<BlockRow>> RowsAsync() => lake.Store.Catalog.ReadBlocksAsync(Tenant.Default, null, Cancellation);

    async Task<List<StoredObject>> ObjectsAsync()
    {
        var objects = new List<StoredObject>();
        await foreach (var stored in lake.Store.Objects.ListAsync(StoreNames.BlocksPrefix, Cancellation)) objects.Add(stored);
        return objects;
    }

    /// <summary>Walks each object block by block: what lies in it is either named by a row or listed as dead.</summary>
    async Task AssertObjectsListTheirBlocksAsync(IReadOnlyList<BlockRow> rows)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(lake.Folder, StoreNames.CatalogFile)};Pooling=False");
        var dead = connection.Query<(string Key, string? Dead)>("SELECT object_key, dead FROM objects")
            .ToDictionary(row => row.Key, row => row.Dead is null ? [] : JsonSerializer.Deserialize<Guid[]>(row.Dead)!);
        foreach (var stored in await ObjectsAsync())
        {
            var bytes = await lake.Store.Objects.ReadAsync(stored.Key, 0, (int)stored.Bytes, Cancellation);
            var inside = new List<Guid>();
            for (var offset = 0; offset < bytes.Length;)
            {
                var header = BlockHeaderBytes.Read(bytes.AsSpan(offset), out var headerBytes);
                inside.Add(header.BlockId);
                offset += headerBytes + header.StoredBytes;
            }
            var living = rows.Where(row => row.ObjectKey == stored.Key).Select(row => row.BlockId);
            Assert.Equal(inside.Order(), living.Concat(dead[stored.Key]).Order());
        }
    }

    static void AssertMissing(AppendAnswer answer, SchemaHash[] schemas, Guid[] processes, Guid[] streams)
    {
        Assert.Equal(schemas, answer.MissingSchemas);
        Assert.Equal(processes, answer.MissingProcesses);
        Assert.Equal(streams, answer.MissingStreams);
    }

    static IEnumerable<BlockCode> Codes(AppendAnswer answer) => answer.Blocks.Select(block => block.Code);

    static byte[] Changed(byte[] bytes, int position)
    {
        bytes[position] ^= 0x40;
        return bytes;
    }

    /// <summary>A catalog whose insertion of blocks fails, before or after it took place; everything else goes to the real one.</summary>
    public class FailingCatalog : DispatchProxy
    {
        ICatalog real = null!;
        bool inserts;

        public static ICatalog AfterInsert(ICatalog real) => Of(real, inserts: true);
        public static ICatalog InsteadOfInsert(ICatalog real) => Of(real, inserts: false);

        static ICatalog Of(ICatalog real, bool inserts)
        {
            var catalog = Create<ICatalog, FailingCatalog>();
            ((FailingCatalog)(object)catalog).real = real;
            ((FailingCatalog)(object)catalog).inserts = inserts;
            return catalog;
        }

        protected override object? Invoke(MethodInfo? method, object?[]? arguments) =>
            method!.Name == nameof(ICatalog.InsertBlocksAsync) ? FailAsync(method, arguments) : method.Invoke(real, arguments);

        async Task<IReadOnlyList<BlockIdentity>> FailAsync(MethodInfo method, object?[]? arguments)
        {
            if (inserts) await (Task<IReadOnlyList<BlockIdentity>>)method.Invoke(real, arguments)!;
            throw new StoreUnavailableException("the connection broke");
        }
    }
}

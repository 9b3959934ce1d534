using System.Data.Common;
using Dapper;
using Legion.Format;
using Legion.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Store;

public sealed class MySqlCatalogTests(MariaDbServer server) : CatalogContract
{
    CatalogAddress address = null!;

    public override async ValueTask InitializeAsync() => address = await server.CreateDatabaseAsync();

    public override async ValueTask DisposeAsync()
    {
        if (address is null) return;
        await using var connection = Connect();
        await connection.ExecuteAsync($"DROP DATABASE {address.Database}");
    }

    [Fact]
    public async Task ADayAndClassIsDroppedWholeAndItsBlocksMayComeAgain()
    {
        const int Day = 20_000, EarlierDay = 19_950;
        var stream = await RegisterStreamAsync();
        NewObject Object(string key, int day, StreamClass streamClass) =>
            new(key, 1, day, streamClass, stream.ProcessId, [Block(stream, key, 0) with { Class = streamClass }]);

        // The earlier day comes last, as from a spool.
        var late = Object("late", EarlierDay, StreamClass.Trace);
        await Catalog.InsertBlocksAsync(Tenant.Default, [Object("trace", Day, StreamClass.Trace), Object("log", Day, StreamClass.Log)], Cancellation);
        await Catalog.InsertBlocksAsync(Tenant.Default, [late], Cancellation);

        await using (var connection = Connect())
            await connection.ExecuteAsync($"ALTER TABLE blocks DROP PARTITION b{EarlierDay * 4L + (int)StreamClass.Trace}");
        Assert.Equal(["log", "trace"], (await Catalog.ReadBlocksAsync(Tenant.Default, null, Cancellation)).Select(block => block.ObjectKey).Order());

        await Catalog.InsertBlocksAsync(Tenant.Default, [late with { Key = "again" }], Cancellation);
        Assert.Equal(3, (await Catalog.ReadTotalsAsync(Tenant.Default, Cancellation)).Blocks);
    }

    [Fact]
    public async Task ServersThatMeetANewDayTogetherMakeItsPartitionsOnce()
    {
        var stream = await RegisterStreamAsync();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Open()).Select((catalog, writer) => Task.Run(async () =>
        {
            for (var day = 0; day < 5; day++)
            {
                var key = $"{writer}-{day}";
                await catalog.InsertBlocksAsync(Tenant.Default, [new NewObject(key, 1, day, StreamClass.Trace, stream.ProcessId, [Block(stream, key, 0)])], Cancellation);
            }
        })));

        Assert.Equal(20, (await Catalog.ReadBlocksAsync(Tenant.Default, [stream.ProcessId], Cancellation)).Count);
        await using var connection = Connect();
        var rows = await connection.QueryAsync<long>("SELECT COUNT(*) FROM blocks GROUP BY bucket");
        Assert.Equal([4, 4, 4, 4, 4], rows);
        Assert.Equal(21, await connection.ExecuteScalarAsync<int>("SELECT COUNT(*) FROM information_schema.partitions WHERE table_schema = DATABASE() AND table_name = 'blocks'"));
    }

    /// <summary>Replies are lost after the server has done what was asked, those to commits among them: whatever was answered in the end is what is stored.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public async Task ACommitWhoseReplyWasLostIsNeitherRepeatedNorForgotten(int seed)
    {
        const int Rounds = 150;
        var stream = await RegisterStreamAsync();
        await using var proxy = new FaultProxy(new Uri($"tcp://127.0.0.1:{address.Port}"), swallowedShare: 0.03, seed);
        var faulty = await InsistAsync(() => Task.FromResult(Open(proxy.Url.Port)));
        for (var round = 0; round < Rounds; round++)
        {
            var key = $"{round}";
            NewObject[] objects = [new(key, 1, round % 3, StreamClass.Trace, stream.ProcessId, [Block(stream, key, (ulong)round)])];
            Assert.Empty(await InsistAsync(() => faulty.InsertBlocksAsync(Tenant.Default, objects, Cancellation)));
            Assert.True(await InsistAsync(() => faulty.PublishPartitionAsync(Tenant.Default, Partition(stream.ProcessId, round + 1, key), round, Cancellation)));
        }
        Assert.Equal([$"{Rounds - 1}"], await InsistAsync(() => faulty.DropPartitionsAsync(Tenant.Default, null, null, Cancellation)));

        Assert.True(proxy.Swallowed > 20, $"expected lost replies, saw {proxy.Swallowed}");
        var stored = await Catalog.ReadBlocksAsync(Tenant.Default, null, Cancellation);
        Assert.Equal(Enumerable.Range(1, Rounds).Select(arrival => (long)arrival), stored.Select(block => block.Arrival).Order());
        Assert.Equal(Rounds, Assert.Single(await Catalog.ReadProcessesAsync(Tenant.Default, null, Cancellation)).Version);
    }

    [Fact]
    public async Task ATransactionThatLostADeadlockIsRunAgain()
    {
        NewObject Object(StreamRow stream) => new($"{stream.StreamId}", 1, 1, StreamClass.Trace, stream.ProcessId, [Block(stream, $"{stream.StreamId}", 0)]);
        StreamRow[] streams = [await RegisterStreamAsync(), await RegisterStreamAsync()];
        var (first, second) = streams[0].ProcessId.CompareTo(streams[1].ProcessId) < 0 ? (streams[0], streams[1]) : (streams[1], streams[0]);
        await Catalog.InsertBlocksAsync(Tenant.Default, [Object(await RegisterStreamAsync())], Cancellation);

        await using var connection = Connect();
        await using var observer = Connect();
        await connection.OpenAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        // The server ends the transaction that has changed less: not this one.
        for (var slot = 0; slot < 100; slot++)
            await connection.ExecuteAsync("INSERT INTO slots (tenant, process_id, slot, begin_ns, removed_version) VALUES ('default', '0123456789abcdef', @slot, 0, 0)", new { slot }, transaction);
        Task<int> Touch(StreamRow stream) => connection.ExecuteAsync("UPDATE processes SET last_seen_ns = last_seen_ns + 1 WHERE process_id = @id", new { id = stream.ProcessId.ToByteArray(bigEndian: true) }, transaction);
        await Touch(second);

        var inserting = Task.Run(() => Catalog.InsertBlocksAsync(Tenant.Default, [Object(first), Object(second)], Cancellation), Cancellation);
        while (await observer.ExecuteScalarAsync<int?>("SELECT 1 FROM processes WHERE process_id = @id FOR UPDATE SKIP LOCKED", new { id = first.ProcessId.ToByteArray(bigEndian: true) }) is not null)
            Cancellation.ThrowIfCancellationRequested();
        await Touch(first);
        await transaction.CommitAsync(Cancellation);

        Assert.Empty(await inserting);
        Assert.Equal(3, (await Catalog.ReadTotalsAsync(Tenant.Default, Cancellation)).Blocks);
    }

    [Fact]
    public async Task AServerThatTakesNoMoreConnectionsIsUnavailable()
    {
        await using var connection = Connect();
        await connection.ExecuteAsync($"CREATE USER one_{address.Database} IDENTIFIED BY 'x' WITH MAX_USER_CONNECTIONS 1; GRANT ALL ON {address.Database}.* TO one_{address.Database}");
        var limited = address with { User = $"one_{address.Database}", Password = "x" };
        await using var only = MariaDbServer.Connect(limited);
        await only.OpenAsync(Cancellation);
        var refusal = Assert.Throws<StoreUnavailableException>(() => MySqlCatalog.Open(limited));
        Assert.Contains("max_user_connections", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AServerThatIsAwayIsUnavailableAndFoundAgain()
    {
        await using var proxy = new FaultProxy(new Uri($"tcp://127.0.0.1:{address.Port}"));
        var catalog = Open(proxy.Url.Port);
        await catalog.ReadTotalsAsync(Tenant.Default, Cancellation);
        proxy.IsAway = true;
        await Assert.ThrowsAsync<StoreUnavailableException>(() => catalog.ReadTotalsAsync(Tenant.Default, Cancellation));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => catalog.AddSlotAsync(Tenant.Default, Guid.NewGuid(), 0, 0, Cancellation));
        Assert.Throws<StoreUnavailableException>(() => Open(proxy.Url.Port));
        proxy.IsAway = false;
        Assert.True(await catalog.AddSlotAsync(Tenant.Default, Guid.NewGuid(), 0, 0, Cancellation));
    }

    [Fact]
    public void ADatabaseThatIsNotThereIsUnavailable()
    {
        var missing = address with { Database = "no_such_database" };
        Assert.Contains("no_such_database", Assert.Throws<StoreUnavailableException>(() => MySqlCatalog.Open(missing)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TextThatDoesNotFitIsRefusedAndNotCut()
    {
        var stream = await RegisterStreamAsync();
        var row = Partition(stream.ProcessId, 1, new string('x', 1000));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => Catalog.PublishPartitionAsync(Tenant.Default, row, 0, Cancellation));
    }

    private protected override int BucketsOfADay => 1;

    private protected override ICatalog Open() => MySqlCatalog.Open(address);

    MySqlCatalog Open(int port) => MySqlCatalog.Open(address with { Port = port });

    private protected override DbConnection Connect() => MariaDbServer.Connect(address);

    /// <summary>As a client does: unavailable means again, until it is done.</summary>
    static async Task<T> InsistAsync<T>(Func<Task<T>> call)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await call();
            }
            catch (StoreUnavailableException) when (attempt < 20)
            {
            }
        }
    }
}

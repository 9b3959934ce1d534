using System.Data.Common;
using System.Text.Json;
using Dapper;
using Legion.Format;
using Legion.Store;

namespace Legion.Tests.Store;

/// <summary>What holds of every catalog.</summary>
public abstract partial class CatalogContract : IAsyncLifetime
{
    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private protected ICatalog Catalog => field ??= Open();

    /// <summary>The catalog as another process would open it: no state in memory is shared.</summary>
    private protected abstract ICatalog Open();

    /// <summary>The same database beside the catalog.</summary>
    private protected abstract DbConnection Connect();

    public abstract ValueTask InitializeAsync();

    public abstract ValueTask DisposeAsync();

    [Fact]
    public async Task TheProcessRecordOfTheHighestVersionCounts()
    {
        var id = Guid.CreateVersion7();
        await RegisterAsync(Process(id, version: 2, exe: "second"));
        await RegisterAsync(Process(id, version: 1, exe: "late"));
        Assert.Equal("second", (await ReadProcessAsync(id)).Exe);

        await RegisterAsync(Process(id, version: 3, exe: "third") with { EndNs = 5, EndReason = "exit", RegisteredNs = 99 });
        var process = await ReadProcessAsync(id);
        Assert.Equal(("third", 5L, "exit", 3L, 0L), (process.Exe, process.EndNs, process.EndReason, process.RecordVersion, process.Version));
        Assert.Equal(10, process.RegisteredNs);
    }

    [Fact]
    public async Task StreamsAreNumberedInOrderOfRegistrationAndKeepProcessAndClass()
    {
        var (process, other) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var (first, second) = (Stream(process), Stream(process));
        await RegisterAsync(Process(process), Process(other));
        await RegisterAsync(first, second);
        await RegisterAsync(first with { RecordVersion = 2, Name = "renamed" });
        await RegisterAsync(first with { RecordVersion = 3, Class = StreamClass.Log }, first with { RecordVersion = 4, ProcessId = other });

        var streams = await Catalog.ReadStreamsAsync(Tenant.Default, [process], Cancellation);
        Assert.Equal([(first.StreamId, 0, "renamed", 2L), (second.StreamId, 1, "main", 1L)], streams.Select(stream => (stream.StreamId, stream.Registration, stream.Name, stream.RecordVersion)));
        Assert.All(streams, stream => Assert.Equal(StreamClass.Trace, stream.Class));
    }

    [Fact]
    public async Task AStreamOfAnUnknownProcessIsLeftOut()
    {
        var stream = Stream(Guid.CreateVersion7());
        await RegisterAsync(stream);
        Assert.Empty((await Catalog.ReadRegisteredAsync(Tenant.Default, [], [stream.StreamId], [], Cancellation)).Streams);
    }

    [Fact]
    public async Task AnotherTenantsIdsAreUnknown()
    {
        var (id, other) = (Guid.CreateVersion7(), new Tenant("other"));
        await RegisterAsync(Process(id));
        await Catalog.RegisterAsync(Tenant.Default, new Registration(1, [], [], [WellKnown.Schema]), Cancellation);
        await Catalog.PublishPartitionAsync(Tenant.Default, Partition(id, 1), 0, Cancellation);

        Assert.Empty(await Catalog.ReadProcessesAsync(other, [id], Cancellation));
        Assert.Empty(await Catalog.ReadProcessesAsync(other, null, Cancellation));
        Assert.Null(await Catalog.ReadSchemaAsync(other, WellKnown.Schema.Hash, Cancellation));
        Assert.Empty(await Catalog.ReadPartitionsAsync(other, null, null, Cancellation));
        Assert.Empty(await Catalog.DropPartitionsAsync(other, null, null, Cancellation));
        Assert.Single(await Catalog.ReadPartitionsAsync(Tenant.Default, null, null, Cancellation));
    }

    [Fact]
    public async Task MoreIdsThanOneStatementTakesComeBackInOrder()
    {
        var ids = Enumerable.Range(0, 1200).Select(_ => Guid.NewGuid()).ToArray();
        await RegisterAsync([.. ids.Select(id => Process(id))]);

        var read = await Catalog.ReadProcessesAsync(Tenant.Default, ids, Cancellation);
        Assert.Equal(ids.Order(), read.Select(process => process.ProcessId));
    }

    [Fact]
    public async Task ASchemaIsReadBack()
    {
        await Catalog.RegisterAsync(Tenant.Default, new Registration(1, [], [], [WellKnown.Schema]), Cancellation);
        Assert.Equal(WellKnown.Schema.Hash, (await Catalog.ReadSchemaAsync(Tenant.Default, WellKnown.Schema.Hash, Cancellation))!.Hash);
    }

    [Fact]
    public async Task ASlotIsCutOnce()
    {
        var process = Guid.CreateVersion7();
        Assert.True(await Catalog.AddSlotAsync(Tenant.Default, process, 1, 200, Cancellation));
        Assert.True(await Catalog.AddSlotAsync(Tenant.Default, process, 0, 100, Cancellation));
        Assert.False(await Catalog.AddSlotAsync(Tenant.Default, process, 1, 300, Cancellation));
        Assert.Equal([new SlotCut(0, 100, 0), new SlotCut(1, 200, 0)], await Catalog.ReadSlotsAsync(Tenant.Default, process, Cancellation));
    }

    [Fact]
    public async Task OfRacingPublicationsOfAGenerationOneWins()
    {
        const int Builders = 4, Generations = 10;
        var process = Guid.CreateVersion7();
        await RegisterAsync(Process(process));
        var catalogs = Enumerable.Range(0, Builders).Select(_ => Open()).ToArray();
        for (var generation = 1; generation <= Generations; generation++)
        {
            var won = await Task.WhenAll(catalogs.Select((catalog, builder) => Task.Run(() =>
                catalog.PublishPartitionAsync(Tenant.Default, Partition(process, generation, $"{generation}-{builder}"), generation - 1, Cancellation))));

            var winner = Assert.Single(Enumerable.Range(0, Builders), builder => won[builder]);
            var current = Assert.Single(await Catalog.ReadPartitionsAsync(Tenant.Default, "spans", [process], Cancellation));
            Assert.Equal(Partition(process, generation, $"{generation}-{winner}"), current);
        }
    }

    [Fact]
    public async Task AClaimHoldsUntilItEndsIsGivenUpOrItsPartitionIsPublished()
    {
        var key = new PartitionKey("spans", Guid.CreateVersion7(), 0);
        await RegisterAsync(Process(key.ProcessId));
        Task<bool> Claim(string claimant, long now) => Catalog.ClaimPartitionAsync(Tenant.Default, key, claimant, 10, now, Cancellation);

        Assert.True(await Claim("a", now: 0));
        Assert.True(await Claim("a", now: 5));
        Assert.False(await Claim("b", now: 14));
        Assert.True(await Claim("b", now: 15));
        Assert.False(await Claim("a", now: 16));

        await Catalog.ReleasePartitionAsync(Tenant.Default, key, "a", Cancellation);
        Assert.False(await Claim("a", now: 17));
        await Catalog.ReleasePartitionAsync(Tenant.Default, key, "b", Cancellation);
        Assert.True(await Claim("a", now: 18));

        Assert.True(await Catalog.PublishPartitionAsync(Tenant.Default, Partition(key.ProcessId, 1), 0, Cancellation));
        Assert.True(await Claim("b", now: 19));
    }

    [Fact]
    public async Task DroppingNamesThePathsThatAreFree()
    {
        var (one, two) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await RegisterAsync(Process(one), Process(two));
        await Catalog.PublishPartitionAsync(Tenant.Default, Partition(one, 1, "one"), 0, Cancellation);
        await Catalog.PublishPartitionAsync(Tenant.Default, Partition(one, 1, "") with { Slot = 1 }, 0, Cancellation);
        await Catalog.PublishPartitionAsync(Tenant.Default, Partition(two, 1, "two"), 0, Cancellation);
        await Catalog.PublishPartitionAsync(Tenant.Default, Partition(two, 1, "logs") with { View = "log_entries" }, 0, Cancellation);

        Assert.Equal(["one"], await Catalog.DropPartitionsAsync(Tenant.Default, null, one, Cancellation));
        Assert.Equal(["two"], await Catalog.DropPartitionsAsync(Tenant.Default, "spans", null, Cancellation));
        Assert.Equal("logs", Assert.Single(await Catalog.ReadPartitionsAsync(Tenant.Default, null, null, Cancellation)).Path);
    }

    [Fact]
    public async Task ALeaseNamesItsPathsUntilItEndsOrIsReleased()
    {
        await Catalog.LeaseAsync(Tenant.Default, "query 1", ["a", "b"], 100, Cancellation);
        await Catalog.LeaseAsync(Tenant.Default, "query 2", ["b"], 50, Cancellation);
        await Catalog.LeaseAsync(Tenant.Default, "query 2", ["b"], 200, Cancellation);

        Assert.Equal(["a", "b"], (await Catalog.ReadLeasedPathsAsync(Tenant.Default, 99, Cancellation)).Order());
        Assert.Equal(["b"], await Catalog.ReadLeasedPathsAsync(Tenant.Default, 100, Cancellation));
        await Catalog.ReleaseLeasesAsync(Tenant.Default, "query 2", Cancellation);
        Assert.Empty(await Catalog.ReadLeasedPathsAsync(Tenant.Default, 100, Cancellation));
    }

    [Fact]
    public void ACatalogOfANewerProgramIsRefused()
    {
        Open();
        using (var connection = Connect())
            connection.Execute("INSERT INTO migrations (number) VALUES (1000)");

        var refusal = Assert.Throws<StoreUnavailableException>(Open);
        Assert.Contains("version 1000", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhoeverOpensANewCatalogFirstAllFindItWhole()
    {
        var catalogs = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(Open)));
        await Task.WhenAll(catalogs.Select(catalog => catalog.RegisterAsync(Tenant.Default, new Registration(1, [Process(Guid.CreateVersion7())], [], []), Cancellation)));
        Assert.Equal(4, (await Catalog.ReadTotalsAsync(Tenant.Default, Cancellation)).Processes);
    }

    /// <summary>Texts of any length and script, and the ends of the ranges of numbers.</summary>
    [Fact]
    public async Task WhatIsStoredComesBackAsItWas()
    {
        var id = Guid.CreateVersion7();
        var written = Process(id, long.MaxValue, exe: "a'\"\\ \U0001F600 Ä " + new string('x', 100_000)) with
        {
            ParentProcessId = Guid.NewGuid(),
            User = "ä",
            StartNs = long.MinValue,
            EndNs = long.MaxValue,
            EndReason = "",
        };
        var stream = Stream(id) with { ThreadId = ulong.MaxValue, Tags = """["é"]""" };
        await RegisterAsync(written);
        await RegisterAsync(stream);
        Assert.Equal(written, await ReadProcessAsync(id));
        Assert.Equal(stream, Assert.Single(await Catalog.ReadStreamsAsync(Tenant.Default, [id], Cancellation)));

        var block = Block(stream, "o", sequence: ulong.MaxValue) with { Events = uint.MaxValue, Checksum = uint.MaxValue, StoredChecksum = uint.MaxValue, LastTick = ulong.MaxValue, Bytes = int.MaxValue };
        await Catalog.InsertBlocksAsync(Tenant.Default, [new NewObject("o", long.MaxValue, 1, StreamClass.Trace, id, [block])], Cancellation);
        Assert.Equal(block with { Arrival = 1 }, Assert.Single(await Catalog.ReadBlocksAsync(Tenant.Default, [id], Cancellation)));
        var filed = new FiledBlock(block.BlockId, 1, StreamClass.Trace);
        var found = await Catalog.FindBlocksAsync(Tenant.Default, [filed, filed with { Day = 2 }, filed with { BlockId = Guid.NewGuid() }], Cancellation);
        Assert.Equal([KeyValuePair.Create(filed, new BlockIdentity(block.BlockId, block.RawBytes, block.Checksum))], found);
    }

    [Fact]
    public async Task MoreBlocksThanOneStatementTakesAreInserted()
    {
        var stream = await RegisterStreamAsync();
        var blocks = Enumerable.Range(0, 1203).Select(sequence => Block(stream, "o", (ulong)sequence)).ToArray();
        Assert.Empty(await Catalog.InsertBlocksAsync(Tenant.Default, [new NewObject("o", 1, 1, StreamClass.Trace, stream.ProcessId, blocks)], Cancellation));
        Assert.Equal(blocks.Select(block => block with { Arrival = 1 }), await Catalog.ReadBlocksAsync(Tenant.Default, null, Cancellation));
        Assert.Equal((1203L, 1203L * 3, 1L), await TotalsAsync());
    }

    [Fact]
    public async Task AnObjectThatIsInsertedAgainChangesNothingAndLosesTheSameBlocks()
    {
        var stream = await RegisterStreamAsync();
        var (one, two) = (Block(stream, "first", 0), Block(stream, "second", 1));
        NewObject[] first = [new("first", 1, 1, StreamClass.Trace, stream.ProcessId, [one])];
        NewObject[] second = [new("second", 1, 1, StreamClass.Trace, stream.ProcessId, [one with { ObjectKey = "second" }, two])];
        Assert.Empty(await Catalog.InsertBlocksAsync(Tenant.Default, first, Cancellation));
        var lost = await Catalog.InsertBlocksAsync(Tenant.Default, second, Cancellation);
        Assert.Equal([one.BlockId], lost.Select(block => block.BlockId));
        var before = await Catalog.ReadBlocksAsync(Tenant.Default, null, Cancellation);

        Assert.Empty(await Catalog.InsertBlocksAsync(Tenant.Default, first, Cancellation));
        Assert.Equal(lost, await Catalog.InsertBlocksAsync(Tenant.Default, second, Cancellation));
        Assert.Equal(before, await Catalog.ReadBlocksAsync(Tenant.Default, null, Cancellation));
        Assert.Equal(["first", "second"], before.Select(block => block.ObjectKey));
        Assert.Equal(2, (await ReadProcessAsync(stream.ProcessId)).Version);
    }

    [Fact]
    public async Task OfRacingInsertionsOfABlockOneWins()
    {
        const int Writers = 4, Rounds = 10, BlocksPerRound = 8;
        var streams = new[] { await RegisterStreamAsync(), await RegisterStreamAsync() };
        var catalogs = Enumerable.Range(0, Writers).Select(_ => Open()).ToArray();
        var sent = new List<NewObject>();
        var won = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var blocks = Enumerable.Range(0, BlocksPerRound).Select(i => Block(streams[i % 2], "", (ulong)(round * BlocksPerRound + i))).ToArray();
            var objects = Enumerable.Range(0, Writers).Select(writer => Objects($"{round}-{writer}", writer, blocks)).ToArray();
            sent.AddRange(objects.SelectMany(some => some));
            var lost = await Task.WhenAll(catalogs.Zip(objects, (catalog, some) => Task.Run(() => catalog.InsertBlocksAsync(Tenant.Default, some, Cancellation))));
            won += lost.Sum(some => BlocksPerRound - some.Count);
        }

        Assert.Equal(Rounds * BlocksPerRound, won);
        var stored = await Catalog.ReadBlocksAsync(Tenant.Default, null, Cancellation);
        Assert.Equal(Rounds * BlocksPerRound, stored.Select(block => block.BlockId).Distinct().Count());
        Assert.Equal(won, stored.Count);
        AssertTheDeadAreListed(sent, stored);
        foreach (var process in await Catalog.ReadProcessesAsync(Tenant.Default, null, Cancellation))
            Assert.Equal(Enumerable.Range(1, (int)process.Version).Select(arrival => (long)arrival), stored.Where(block => block.ProcessId == process.ProcessId).Select(block => block.Arrival).Distinct().Order());

        // Half of the writers name the processes the other way round, as would deadlock where locks were taken in that order.
        NewObject[] Objects(string key, int writer, BlockRow[] blocks)
        {
            var objects = streams.Select((stream, i) => new NewObject($"{key}-{i}", 1, 1, StreamClass.Trace, stream.ProcessId,
                [.. blocks.Where(block => block.StreamId == stream.StreamId).Select(block => block with { ObjectKey = $"{key}-{i}" })])).ToArray();
            return writer % 2 == 0 ? objects : [.. objects.Reverse()];
        }
    }

    void AssertTheDeadAreListed(IEnumerable<NewObject> sent, IReadOnlyList<BlockRow> stored)
    {
        using var connection = Connect();
        var dead = connection.Query<(string Key, string? Dead)>("SELECT object_key, dead FROM objects")
            .ToDictionary(row => row.Key, row => row.Dead is null ? [] : JsonSerializer.Deserialize<Guid[]>(row.Dead)!);
        foreach (var put in sent)
        {
            var living = stored.Where(block => block.ObjectKey == put.Key).Select(block => block.BlockId);
            Assert.Equal(put.Blocks.Select(block => block.BlockId).Order(), living.Concat(dead[put.Key]).Order());
        }
    }

    [Fact]
    public async Task RacingRegistrationsNumberStreamsWithoutGaps()
    {
        var process = Guid.CreateVersion7();
        var streams = Enumerable.Range(0, 12).Select(_ => Stream(process)).ToArray();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Open()).Select((catalog, writer) => Task.Run(async () =>
        {
            foreach (var some in streams.Skip(writer).Concat(streams.Take(writer)).Chunk(3))
                await catalog.RegisterAsync(Tenant.Default, new Registration(1, [Process(process)], some, [WellKnown.Schema]), Cancellation);
        })));

        var stored = await Catalog.ReadStreamsAsync(Tenant.Default, [process], Cancellation);
        Assert.Equal(Enumerable.Range(0, streams.Length), stored.Select(stream => stream.Registration));
        Assert.Equal(streams.Select(stream => stream.StreamId).Order(), stored.Select(stream => stream.StreamId).Order());
    }

    [Fact]
    public async Task OfRacingClaimsOneHolds()
    {
        const int Builders = 4;
        var catalogs = Enumerable.Range(0, Builders).Select(_ => Open()).ToArray();
        for (var slot = 0; slot < 10; slot++)
        {
            var key = new PartitionKey("spans", Guid.Empty, slot);
            var won = await Task.WhenAll(catalogs.Select((catalog, builder) => Task.Run(() => catalog.ClaimPartitionAsync(Tenant.Default, key, $"{builder}", 10, nowNs: 0, Cancellation))));
            var winner = Assert.Single(Enumerable.Range(0, Builders), builder => won[builder]);
            Assert.True(await Catalog.ClaimPartitionAsync(Tenant.Default, key, $"{winner}", 10, nowNs: 0, Cancellation));
        }
    }

    [Fact]
    public async Task TheSamePublicationAgainIsWonAgain()
    {
        var process = Guid.CreateVersion7();
        await RegisterAsync(Process(process));
        foreach (var generation in new[] { 1, 2 })
        {
            var row = Partition(process, generation, $"{generation}");
            Assert.True(await Catalog.PublishPartitionAsync(Tenant.Default, row, generation - 1, Cancellation));
            Assert.True(await Catalog.PublishPartitionAsync(Tenant.Default, row, generation - 1, Cancellation));
            Assert.False(await Catalog.PublishPartitionAsync(Tenant.Default, row with { Path = "other" }, generation - 1, Cancellation));
        }
    }

    async Task<(long Blocks, long Events, long Objects)> TotalsAsync()
    {
        var totals = await Catalog.ReadTotalsAsync(Tenant.Default, Cancellation);
        return (totals.Blocks, totals.Events, totals.Objects);
    }

    private protected async Task<StreamRow> RegisterStreamAsync()
    {
        var stream = Stream(Guid.CreateVersion7());
        await Catalog.RegisterAsync(Tenant.Default, new Registration(1, [Process(stream.ProcessId)], [stream], []), Cancellation);
        return stream;
    }

    Task RegisterAsync(params ProcessRow[] processes) => Catalog.RegisterAsync(Tenant.Default, new Registration(1, processes, [], []), Cancellation);

    Task RegisterAsync(params StreamRow[] streams) => Catalog.RegisterAsync(Tenant.Default, new Registration(1, [], streams, []), Cancellation);

    async Task<ProcessRow> ReadProcessAsync(Guid id) => Assert.Single(await Catalog.ReadProcessesAsync(Tenant.Default, [id], Cancellation));

    private protected static ProcessRow Process(Guid id, long version = 1, string exe = "game") => new()
    {
        ProcessId = id,
        Exe = exe,
        User = "",
        Computer = "",
        Os = "",
        Cpu = "",
        Runtime = "",
        StartNs = 1,
        LastSeenNs = 2,
        Properties = "{}",
        Version = 0,
        RecordVersion = version,
        RemovedVersion = 0,
        RegisteredNs = 10,
    };

    private protected static StreamRow Stream(Guid process) => new()
    {
        StreamId = Guid.CreateVersion7(),
        ProcessId = process,
        Class = StreamClass.Trace,
        Name = "main",
        Tags = "[]",
        Properties = "{}",
        Registration = 0,
        RecordVersion = 1,
    };

    private protected static BlockRow Block(StreamRow stream, string objectKey, ulong sequence) => new()
    {
        BlockId = Guid.CreateVersion7(),
        StreamId = stream.StreamId,
        ProcessId = stream.ProcessId,
        Class = stream.Class,
        Sequence = sequence,
        FirstOrdinal = 1,
        NextOrdinal = 4,
        Events = 3,
        FirstTick = 5,
        LastTick = 6,
        BeginNs = 7,
        EndNs = 8,
        Bytes = 100,
        HeaderBytes = 40,
        RawBytes = 80,
        Encoding = 1,
        Flags = 0,
        Schema = WellKnown.Schema.Hash,
        Checksum = 9,
        Arrival = 0,
        ObjectKey = objectKey,
        ObjectOffset = 10,
        StoredChecksum = 11,
    };

    private protected static PartitionRow Partition(Guid process, long generation, string path = "file") => new()
    {
        View = "spans",
        ProcessId = process,
        Slot = 0,
        SchemaVersion = 1,
        Generation = generation,
        Rows = 3,
        Bytes = 4,
        BuiltVersion = 5,
        BuiltAtNs = 6,
        Path = path,
        Details = """{"last":7}""",
    };
}

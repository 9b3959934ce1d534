using Dapper;
using Legion.Format;
using Legion.Store;
using Microsoft.Data.Sqlite;

namespace Legion.Tests.Store;

public sealed class SqliteCatalogTests : IDisposable
{
    readonly TemporaryLake lake = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    ICatalog Catalog => lake.Store.Catalog;

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
        Assert.Empty(await Catalog.ReadStreamsByIdAsync(Tenant.Default, [stream.StreamId], Cancellation));
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
        var catalogs = Enumerable.Range(0, Builders).Select(_ => lake.Open().Catalog).ToArray();
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
        using (var connection = new SqliteConnection($"Data Source={Path.Combine(lake.Folder, StoreNames.CatalogFile)};Pooling=False"))
            connection.Execute("INSERT INTO migrations (number) VALUES (1000)");

        var refusal = Assert.Throws<StoreUnavailableException>(() => lake.Open());
        Assert.Contains("version 1000", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AFileThatIsNoCatalogIsRefused()
    {
        var folder = Directory.CreateTempSubdirectory("legion-lake-");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, StoreNames.CatalogFile), new string('x', 5000));
            Assert.Throws<StoreUnavailableException>(() => LakeStore.OpenOrCreate(LakeLocation.Parse(folder.FullName)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    public void Dispose() => lake.Dispose();

    Task RegisterAsync(params ProcessRow[] processes) => Catalog.RegisterAsync(Tenant.Default, new Registration(1, processes, [], []), Cancellation);

    Task RegisterAsync(params StreamRow[] streams) => Catalog.RegisterAsync(Tenant.Default, new Registration(1, [], streams, []), Cancellation);

    async Task<ProcessRow> ReadProcessAsync(Guid id) => Assert.Single(await Catalog.ReadProcessesAsync(Tenant.Default, [id], Cancellation));

    static ProcessRow Process(Guid id, long version = 1, string exe = "game") => new()
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

    static StreamRow Stream(Guid process) => new()
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

    static PartitionRow Partition(Guid process, long generation, string path = "file") => new()
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

using System.Data.Common;
using Legion.Store;
using Legion.Tests.Cli;
using Legion.Tests.Support;
using Microsoft.Data.Sqlite;

namespace Legion.Tests.EndToEnd;

/// <summary>A lake of some kind, and how a program is told of it. Its nodes and commands are programs of their own.</summary>
/// <param name="Nodes">Nodes of ingestion that stand before it.</param>
/// <param name="Open">The lake as a further process would open it.</param>
/// <param name="Connect">A connection of its own to the catalog's database.</param>
sealed record LakeUnderTest(int Nodes, string[] Arguments, (string Name, string Value)[] Environment, Func<LakeStore> Open, Func<DbConnection> Connect, Action Remove) : IDisposable
{
    public Task<ServedLake> StartAsync(string role, params string[] more) => ServedLake.StartAsync(Environment, ["--role", role, .. Arguments, .. more]);

    public async Task<ServedLake[]> StartIngestionAsync()
    {
        var nodes = new List<ServedLake>();
        for (var i = 0; i < Nodes; i++) nodes.Add(await StartAsync("ingestion"));
        return [.. nodes];
    }

    /// <summary>Runs a command that must succeed and say nothing against it.</summary>
    /// <returns>What it printed.</returns>
    public async Task<string> RunAsync(params string[] command)
    {
        var outcome = await LegionProgram.RunAsync(Environment, [.. command, .. Arguments]);
        Assert.Equal(("", 0), (outcome.Error, outcome.ExitCode));
        return outcome.Output;
    }

    public Task<string> QueryAsync(string sql, Guid process) => RunAsync("query", "--format", "csv", "--set", $"process={process}", sql);

    /// <summary>Holds that the blocks are there, once, and that no row is without its payload.</summary>
    public async Task AssertStoredOnceAsync(IReadOnlyCollection<byte[]> blocks)
    {
        var (store, cancellation) = (Open(), TestContext.Current.CancellationToken);
        Assert.NotEmpty(blocks);
        var rows = await store.Catalog.ReadBlocksAsync(Tenant.Default, null, cancellation);
        Assert.Equal(rows.Count, rows.Select(row => row.BlockId).Distinct().Count());
        var byId = rows.ToDictionary(row => row.BlockId);
        foreach (var block in blocks)
        {
            var row = byId[Store.Recording.IdOf(block)];
            Assert.Equal(block, await store.Objects.ReadAsync(row.ObjectKey, row.ObjectOffset, row.Bytes, cancellation));
        }
        // No row without its payload, acknowledged or not.
        foreach (var row in rows) await store.Objects.ReadAsync(row.ObjectKey, row.ObjectOffset, row.Bytes, cancellation);
    }

    public void Dispose() => Remove();

    /// <summary>One folder, one node.</summary>
    public static LakeUnderTest Embedded()
    {
        var folder = Directory.CreateTempSubdirectory("legion-lake-").FullName;
        return Embedded(folder, () => Directory.Delete(folder, recursive: true));
    }

    public static LakeUnderTest Embedded(string folder, Action remove) => new(1, ["--lake", folder], [], () => LakeStore.Open(LakeLocation.Parse(folder)),
        () => new SqliteConnection($"Data Source={Path.Combine(folder, StoreNames.CatalogFile)}"), remove);

    /// <summary>A bucket of a real S3 server and a database of a real MariaDB, two nodes.</summary>
    public static async Task<LakeUnderTest> RemoteAsync(S3Gateway gateway, MariaDbServer database)
    {
        var location = await gateway.NewLocationAsync();
        var catalog = await database.CreateDatabaseAsync();
        return new LakeUnderTest(2,
            ["--lake", location.ToString(), "--s3-endpoint", location.Settings.Endpoint!.ToString(), "--s3-checksum", "when-required"],
            [("LEGION_CATALOG", catalog.ToString()), ("AWS_ACCESS_KEY_ID", S3Gateway.AccessKey), ("AWS_SECRET_ACCESS_KEY", S3Gateway.Secret)],
            () => new LakeStore(LakeLocation.Parse(location.ToString(), catalog.ToString(), () => location.Settings), S3Gateway.Open(location), MySqlCatalog.Open(catalog)),
            () => MariaDbServer.Connect(catalog),
            () => { });
    }
}

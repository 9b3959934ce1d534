using System.Net;
using System.Net.Sockets;
using Dapper;
using Legion.Store;
using MySqlConnector;

[assembly: AssemblyFixture(typeof(Legion.Tests.Support.MariaDbServer))]

namespace Legion.Tests.Support;

/// <summary>
/// A real MariaDB on the loopback, in a folder of its own, for all tests of a run; it starts when the first asks for it.
/// Where it cannot be installed or started, tests that ask for it are skipped with the reason.
/// </summary>
public sealed class MariaDbServer : IAsyncDisposable
{
    readonly Lazy<Task<ServerScript?>> starting;
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("legion-mariadb-");
    readonly int port = FreePort();
    int databases;

    public MariaDbServer() => starting = new Lazy<Task<ServerScript?>>(StartAsync);

    /// <summary>The server, to be taken away by a test that has one of its own; or skips the test.</summary>
    internal async Task<ServerScript> RunningAsync()
    {
        var script = await starting.Value;
        if (script is not { Refusal: null }) Assert.Skip($"no MariaDB here: {script?.Refusal ?? "it is started on Linux only"}");
        return script;
    }

    /// <summary>Makes an empty database, or skips the test.</summary>
    public async Task<CatalogAddress> CreateDatabaseAsync()
    {
        await RunningAsync();
        var address = new CatalogAddress("127.0.0.1", port, "root", "", $"legion_{Interlocked.Increment(ref databases)}");
        await using var connection = Connect(address with { Database = "" });
        await connection.ExecuteAsync($"CREATE DATABASE {address.Database}");
        return address;
    }

    public static MySqlConnection Connect(CatalogAddress address) =>
        new(new MySqlConnectionStringBuilder { Server = address.Host, Port = (uint)address.Port, UserID = address.User, Password = address.Password, Database = address.Database }.ConnectionString);

    /// <summary>The files of a database's tables. Beside them the server keeps its logs, of which nobody but it knows what they hold.</summary>
    public IEnumerable<string> FilesOf(CatalogAddress address) => Directory.EnumerateFiles(Path.Combine(folder.FullName, "data", address.Database));

    /// <summary>Has the server write what its tables hold to their files.</summary>
    public static async Task WriteThroughAsync(CatalogAddress address)
    {
        await using var connection = Connect(address);
        await connection.OpenAsync();
        var tables = await connection.QueryAsync<string>("SHOW TABLES");
        await connection.ExecuteAsync($"FLUSH TABLES {string.Join(", ", tables.Select(table => $"`{table}`"))} FOR EXPORT");
        await connection.ExecuteAsync("UNLOCK TABLES");
    }

    public async ValueTask DisposeAsync()
    {
        if (starting.IsValueCreated && await starting.Value is { } script) await script.DisposeAsync();
        folder.Delete(recursive: true);
    }

    async Task<ServerScript?> StartAsync() => OperatingSystem.IsLinux() ? await ServerScript.StartAsync("mariadb.sh", folder.FullName, $"{port}") : null;

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

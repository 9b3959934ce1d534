using System.Net;
using System.Net.Sockets;
using Amazon.Runtime;
using Amazon.S3;
using Legion.Store;
using Legion.Tests.Support;

[assembly: AssemblyFixture(typeof(S3Gateway))]

namespace Legion.Tests.Support;

/// <summary>A real S3 server on the loopback, one for all tests of a run, started when the first asks for it, which takes some 16 s.</summary>
public sealed class S3Gateway : IAsyncDisposable
{
    const string Bucket = "lakes";

    public const string AccessKey = "TESTKEY", Secret = "TESTSECRET";

    static readonly BasicAWSCredentials Credentials = new(AccessKey, Secret);

    readonly string cache = Directory.CreateTempSubdirectory("legion-cache-").FullName;
    readonly Lazy<Task<Running>> running = new(StartAsync);

    /// <summary>The gateway, to be taken away by a test that has one of its own; or skips the test.</summary>
    internal async Task<ServerScript> RunningAsync() => (await ServerAsync()).Script;

    /// <summary>A place in the bucket that no other test knows, with copies in a folder of its own. Skips the test where there is no server to be had.</summary>
    public async Task<S3Location> NewLocationAsync()
    {
        var server = await ServerAsync();
        var settings = new S3Settings { Endpoint = server.Url, Checksum = S3Checksum.WhenRequired, Cache = new CacheSettings { Folder = Path.Combine(cache, Guid.NewGuid().ToString("N")) } };
        return new S3Location(Bucket, $"{Guid.NewGuid():N}/", settings);
    }

    /// <summary>The store as another process would open it: no state in memory is shared.</summary>
    internal static S3ObjectStore Open(S3Location location) => new(Client(location), location);

    internal static AmazonS3Client Client(S3Location location) => new(Credentials, S3ObjectStore.Configuration(location.Settings));

    public async ValueTask DisposeAsync()
    {
        Directory.Delete(cache, recursive: true);
        if (running.IsValueCreated) await (await running.Value).Script.DisposeAsync();
    }

    async Task<Running> ServerAsync()
    {
        var server = await running.Value;
        if (server.Script.Refusal is { } refusal) Assert.Skip($"no S3 gateway: {refusal}");
        return server;
    }

    static async Task<Running> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("legion-radosgw-").FullName;
        var ports = FreePorts(3);
        // The folder goes with the script.
        var server = new Running(await ServerScript.StartAsync("radosgw.sh", [folder, .. ports.Select(port => $"{port}")]), new Uri($"http://127.0.0.1:{ports[0]}"));
        if (server.Script.Refusal is not null) return server;
        using var client = Client(new S3Location(Bucket, "", new S3Settings { Endpoint = server.Url, Checksum = S3Checksum.WhenRequired }));
        await client.PutBucketAsync(Bucket);
        return server;
    }

    static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToArray();
        foreach (var listener in listeners) listener.Start();
        var ports = Array.ConvertAll(listeners, listener => ((IPEndPoint)listener.LocalEndpoint).Port);
        foreach (var listener in listeners) listener.Stop();
        return ports;
    }

    sealed record Running(ServerScript Script, Uri Url);
}

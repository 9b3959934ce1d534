using System.Net;
using System.Net.Sockets;
using Apache.Arrow.Flight;
using Apache.Arrow.Flight.Client;
using Grpc.Core;
using Grpc.Net.Client;
using Legion.Cli.Serving;
using Legion.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Access;

/// <summary>Arrow Flight behind the gate: who may ask, as a client of gRPC hears it, and whose rows answer.</summary>
public sealed class FlightAccessTests : IAsyncLifetime
{
    static readonly Tenant other = new("other");
    static readonly EventScript script = EventScript.Parse("log 1000 info main \"hello\"");

    readonly int port = FreePort();
    readonly ServedKeys service = new();
    GrpcChannel channel = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await script.DeliverAsync(service.Lake, beforeLate: () => Task.CompletedTask);
        service.Flight = BesideAddresses.Parse($"grpc://127.0.0.1:{port}");
        await service.InitializeAsync();
        channel = GrpcChannel.ForAddress($"http://127.0.0.1:{port}");
    }

    public async ValueTask DisposeAsync()
    {
        channel.Dispose();
        await service.DisposeAsync();
    }

    [Fact]
    public async Task A_key_that_may_read_reads_what_is_its_tenants()
    {
        Assert.Equal(1, await CountAsync(await service.NewKeyAsync(KeyRole.Read)));
        Assert.Equal(1, await CountAsync(await service.NewKeyAsync(KeyRole.Admin)));
        Assert.Equal(0, await CountAsync(await service.NewKeyAsync(KeyRole.Read, other)));
        Assert.Equal((StatusCode.NotFound, $"there is no process '{script.ProcessId}' in this lake: `legion processes` lists those there are"),
            await RefusalAsync(await service.NewKeyAsync(KeyRole.Read, other), $"SELECT * FROM log_entries WHERE process_id = '{script.ProcessId}'"));
    }

    [Fact]
    public async Task Others_hear_what_is_wrong_with_their_key()
    {
        Assert.Equal((StatusCode.Unauthenticated, "expected a key in the header Authorization, as Bearer KEY"), await RefusalAsync(null));
        Assert.Equal((StatusCode.Unauthenticated, "the key is not accepted"), await RefusalAsync("nonsense"));
        Assert.Equal((StatusCode.Unauthenticated, "the key is not accepted"), await RefusalAsync(await service.NewKeyAsync(KeyRole.Read, isRevoked: true)));
        Assert.Equal((StatusCode.PermissionDenied, "expected a key of role read, saw one of role ingest"), await RefusalAsync(await service.NewKeyAsync(KeyRole.Ingest)));
    }

    async Task<(StatusCode, string)> RefusalAsync(string? key, string sql = "SELECT * FROM log_entries")
    {
        var refusal = await Assert.ThrowsAsync<RpcException>(() => CountAsync(key, sql));
        return (refusal.StatusCode, refusal.Status.Detail);
    }

    async Task<int> CountAsync(string? key, string sql = "SELECT * FROM log_entries")
    {
        var headers = new Metadata();
        if (key is not null) headers.Add("authorization", $"Bearer {key}");
        using var call = new FlightClient(channel).GetStream(new FlightTicket(sql), headers, null, Cancellation);
        var rows = 0;
        while (await call.ResponseStream.MoveNext(Cancellation)) rows += call.ResponseStream.Current.Length;
        return rows;
    }

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

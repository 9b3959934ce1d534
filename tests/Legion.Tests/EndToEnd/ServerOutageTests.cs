using Legion.Tests.Support;

namespace Legion.Tests.EndToEnd;

/// <summary>A database or an S3 server that is killed, or stands still, costs time and no data, and is recovered from by itself.</summary>
public sealed class ServerOutageTests(ServerOutageTests.OwnServers servers) : IClassFixture<ServerOutageTests.OwnServers>
{
    /// <summary>Servers of these tests alone: others would miss them.</summary>
    public sealed class OwnServers : IAsyncDisposable
    {
        public S3Gateway Gateway { get; } = new();
        public MariaDbServer Database { get; } = new();

        public async ValueTask DisposeAsync()
        {
            await Gateway.DisposeAsync();
            await Database.DisposeAsync();
        }
    }

    [Fact]
    public async Task OfADatabaseThatIsKilled() => await IsEnduredAsync(Killed("catalog", await servers.Database.RunningAsync()));

    [Fact]
    public async Task OfADatabaseThatStandsStill() => await IsEnduredAsync(Frozen("catalog", await servers.Database.RunningAsync()));

    [Fact]
    public async Task OfAnS3ServerThatIsKilled() => await IsEnduredAsync(Killed("store", await servers.Gateway.RunningAsync()));

    [Fact]
    public async Task OfAnS3ServerThatStandsStill() => await IsEnduredAsync(Frozen("store", await servers.Gateway.RunningAsync()));

    static Outage Killed(string part, ServerScript server) => new(part, server.KillAsync, server.StartAgainAsync);

    static Outage Frozen(string part, ServerScript server) => new(part, server.FreezeAsync, server.ThawAsync);

    async Task IsEnduredAsync(Outage outage)
    {
        using var lake = await LakeUnderTest.RemoteAsync(servers.Gateway, servers.Database);
        await outage.IsEnduredAsync(lake);
    }
}

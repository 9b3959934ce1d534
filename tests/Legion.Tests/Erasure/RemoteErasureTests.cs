using Legion.Store;
using Legion.Tests.Sdk;
using Legion.Tests.Support;

namespace Legion.Tests.Erasure;

[Collection(SdkCollection.Name)]
public sealed class RemoteErasureTests(S3Gateway gateway, MariaDbServer server) : ErasureContract
{
    CatalogAddress address = null!;

    /// <summary>Few, as every block is an object over there.</summary>
    private protected override int Rounds => 8;

    /// <summary>Of the database; the gateway's own are its own, and what it hands out was searched.</summary>
    private protected override async Task<IEnumerable<string>> FilesAsync()
    {
        await MariaDbServer.WriteThroughAsync(address);
        return server.FilesOf(address);
    }

    private protected override async Task<LakeStore> OpenAsync()
    {
        var location = await gateway.NewLocationAsync();
        address = await server.CreateDatabaseAsync();
        return new LakeStore(LakeLocation.Parse($"s3://lakes/{location.Prefix}", address.ToString()), S3Gateway.Open(location), MySqlCatalog.Open(address));
    }

    public override async ValueTask DisposeAsync()
    {
        if (address is null) return;
        await using var connection = MariaDbServer.Connect(address);
        await Dapper.SqlMapper.ExecuteAsync(connection, $"DROP DATABASE {address.Database}");
    }
}

namespace Legion.Tests.Support;

/// <summary>Tests of recordings that go to a real ingestion, and the folder in which they leave things. Both are gone when the test ends.</summary>
public abstract class IngestionTest : IAsyncLifetime
{
    private protected IngestionServer Server { get; } = new();

    protected string Folder { get; } = Directory.CreateTempSubdirectory("legion-test-").FullName;

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => Server.InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }
}

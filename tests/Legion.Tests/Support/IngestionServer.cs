using Legion.Ingestion;
using Legion.Store;
using Legion.Tests.Store;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Legion.Tests.Support;

/// <summary>The real ingestion over a lake of its own, on a free port of the loopback. Both are gone when the test ends.</summary>
sealed class IngestionServer(TimeProvider? clock = null, IngestionLimits? limits = null) : IAsyncLifetime
{
    readonly TemporaryLake lake = new();
    WebApplication? app;

    public LakeStore Lake => lake.Store;

    public string Folder => lake.Folder;

    /// <summary>Known once it has started.</summary>
    public Uri Url => new(app!.Urls.Single());

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        app = builder.Build();
        app.MapIngestion(lake.Store, clock ?? TimeProvider.System, limits ?? new IngestionLimits());
        await app.StartAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (app is not null) await app.DisposeAsync();
        lake.Dispose();
    }
}

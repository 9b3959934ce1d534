using Legion.Ingestion;
using Legion.Store;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Legion.Tests.Support;

/// <summary>The real ingestion over a lake, on a free port of the loopback.</summary>
sealed class IngestionServer : IAsyncDisposable
{
    readonly WebApplication app;

    IngestionServer(WebApplication app) => this.app = app;

    public Uri Url => new(app.Urls.Single());

    public static async Task<IngestionServer> StartAsync(LakeStore lake, CancellationToken cancellation)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapIngestion(lake, TimeProvider.System, new IngestionLimits());
        await app.StartAsync(cancellation);
        return new IngestionServer(app);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}

using Legion.Ingestion;
using Legion.Store;
using Legion.Tests.Store;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Legion.Tests.Support;

/// <summary>The real ingestion over a lake of its own, on a free port of the loopback. Both are gone when the test ends.</summary>
/// <param name="objects">What stands before the lake's own objects.</param>
sealed class IngestionServer(TimeProvider? clock = null, IngestionLimits? limits = null, Func<IObjectStore, IObjectStore>? objects = null, HttpProtocols protocols = HttpProtocols.Http1) : IAsyncLifetime
{
    /// <summary>A header that names the tenant here, as a key does in the service.</summary>
    public const string TenantHeader = "Test-Tenant";

    readonly TemporaryLake lake = new();
    WebApplication? app;

    public LakeStore Lake => lake.Store;

    public string Folder => lake.Folder;

    /// <summary>Known once it has started.</summary>
    public Uri Url => new(app!.Urls.Single());

    public async ValueTask InitializeAsync()
    {
        var taken = limits ?? new IngestionLimits();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            ConnectionLimits.ApplyTo(kestrel.Limits, taken);
            kestrel.ConfigureEndpointDefaults(listen => listen.Protocols = protocols);
        });
        app = builder.Build();
        app.Use((context, next) =>
        {
            if (context.Request.Headers[TenantHeader] is [{ } tenant]) context.Features.Set(new Credential("test", new Tenant(tenant), KeyRole.Ingest));
            return next(context);
        });
        app.MapIngestion(objects is null ? lake.Store : new LakeStore(lake.Store.Location, objects(lake.Store.Objects), lake.Store.Catalog), clock ?? TimeProvider.System, taken);
        await app.StartAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (app is not null) await app.DisposeAsync();
        lake.Dispose();
    }
}

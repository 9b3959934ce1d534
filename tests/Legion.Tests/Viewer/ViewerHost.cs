using System.Net;
using Legion.Cli;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql.Workers;
using Legion.Tests.Support;
using Legion.Viewer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Legion.Tests.Viewer;

/// <summary>The viewer of a lake on a free loopback port, and a client that sees its answers as they travel.</summary>
sealed class ViewerHost : IAsyncDisposable
{
    readonly WebApplication app;

    ViewerHost(WebApplication app)
    {
        this.app = app;
        Client = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.None }) { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public HttpClient Client { get; }

    public static async Task<ViewerHost> StartAsync(Lake lake)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddViewer(lake.Store, TestWorkers.Program, new SqlLimits(), Notebooks.ReadReport);
        var app = builder.Build();
        app.MapViewer();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new ViewerHost(app);
    }

    public Task<HttpResponseMessage> GetAsync(string path) => Client.GetAsync(path, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await app.DisposeAsync();
    }
}

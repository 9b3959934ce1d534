using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Legion.Tests.Fuzz;

/// <summary>Gives requests to the whole pipeline without a socket.</summary>
sealed class InProcessServer : IServer
{
    Func<IFeatureCollection, Task>? run;

    public IFeatureCollection Features { get; } = new FeatureCollection();

    public InProcessServer() => Features.Set<IServerAddressesFeature>(new ServerAddressesFeature());

    /// <summary>Begins on the caller's thread, and stays there until the pipeline really waits for something.</summary>
    public async Task<int> SendAsync(HttpRequestFeature request)
    {
        var features = new FeatureCollection();
        using var body = new MemoryStream();
        features.Set<IHttpRequestFeature>(request);
        features.Set<IHttpResponseFeature>(new HttpResponseFeature());
        features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(body));
        features.Set<IHttpResponseTrailersFeature>(new ResponseTrailers());
        await run!(features);
        return features.GetRequiredFeature<IHttpResponseFeature>().StatusCode;
    }

    public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken) where TContext : notnull
    {
        run = async features =>
        {
            var context = application.CreateContext(features);
            await application.ProcessRequestAsync(context);
            await features.GetRequiredFeature<IHttpResponseBodyFeature>().CompleteAsync();
            application.DisposeContext(context, null);
        };
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
    }

    /// <summary>As HTTP/2 has them.</summary>
    sealed class ResponseTrailers : IHttpResponseTrailersFeature
    {
        public IHeaderDictionary Trailers { get; set; } = new HeaderDictionary();
    }
}

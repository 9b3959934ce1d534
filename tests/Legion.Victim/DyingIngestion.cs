using System.Diagnostics;
using Legion.Ingestion;
using Legion.Store;
using Legion.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Legion.Victim;

/// <summary>The real ingestion over a lake, until a step of its work: before the call of that number to store or catalog, it is killed.</summary>
static class DyingIngestion
{
    /// <summary>Says where it listens, and serves.</summary>
    /// <param name="lake">Its catalog and how to reach S3 the environment says.</param>
    /// <param name="step">From 1, over both. 0: when the first request has been answered.</param>
    public static async Task RunAsync(string lake, int step)
    {
        var calls = 0;
        var real = LakeStore.OpenOrCreate(LakeLocation.ParseWithEnvironment(lake));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var app = builder.Build();
        app.Use(async (_, next) =>
        {
            await next();
            if (step == 0) Die();
        });
        app.MapIngestion(new LakeStore(real.Location, new ObjectHooks(real.Objects, Around), CatalogHooks.Around(real.Catalog, Around)), TimeProvider.System, new IngestionLimits());
        await app.StartAsync();
        Console.WriteLine(app.Urls.Single());
        await app.WaitForShutdownAsync();

        Task Around(string method, Func<Task> call)
        {
            if (Interlocked.Increment(ref calls) == step) Die();
            return call();
        }
    }

    static void Die() => Process.GetCurrentProcess().Kill();
}

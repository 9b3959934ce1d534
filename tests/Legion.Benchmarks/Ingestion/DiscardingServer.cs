using System.Buffers;
using Legion.Ingestion;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Legion.Benchmarks.Ingestion;

/// <summary>What HTTP alone takes: bodies are read as ingestion reads them, and thrown away.</summary>
static class DiscardingServer
{
    public const string Argument = "discarding-server";

    public static async Task RunAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(options =>
        {
            ConnectionLimits.ApplyTo(options.Limits, new IngestionLimits());
            options.Limits.MaxRequestBodySize = null;
        });
        await using var app = builder.Build();
        app.Run(async context =>
        {
            var buffer = ArrayPool<byte>.Shared.Rent((int)(context.Request.ContentLength ?? 0));
            try
            {
                await context.Request.Body.ReadExactlyAsync(buffer.AsMemory(0, (int)(context.Request.ContentLength ?? 0)));
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
            context.Response.ContentLength = 2;
            await context.Response.WriteAsync("ok");
        });
        await app.StartAsync();
        Console.WriteLine($"listening on {app.Urls.Single()}");
        await app.WaitForShutdownAsync();
    }
}

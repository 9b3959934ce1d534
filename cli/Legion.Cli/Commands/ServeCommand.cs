using System.CommandLine;
using System.Net;
using Legion.Ingestion;
using Legion.Lakehouse;
using Legion.Store;
using Legion.Viewer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Legion.Cli.Commands;

/// <summary><c>legion serve</c>: the service, or one role of it.</summary>
static class ServeCommand
{
    internal const string DefaultUrls = "http://localhost:9020";
    internal const string All = "all";
    const string Ingestion = "ingestion", Viewer = "viewer";

    public static Command Create()
    {
        var urls = new Option<string>("--urls") { Description = "where to listen, separated by ';'", HelpName = "U", DefaultValueFactory = _ => DefaultUrls };
        var role = new Option<string>("--role") { Description = "which part of the service to run", DefaultValueFactory = _ => All };
        role.AcceptOnlyFromAmong(All, Ingestion, Viewer);
        var noAuth = new Option<bool>("--no-auth") { Description = "without sign-in, which is how this version always runs" };

        var command = new Command("serve", "Runs the service.") { urls, role, noAuth };
        var lake = LakeOptions.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var addresses = LoopbackUrls(parsed.GetRequiredValue(urls));
            await using var app = Build(addresses, lake.OpenOrCreate(parsed), parsed.GetRequiredValue(role));
            await StartAsync(app, parsed.GetRequiredValue(urls), cancellation);
            parsed.InvocationConfiguration.Output.WriteLine($"listening on {string.Join(" ", app.Urls)}, lake {lake.Location(parsed)}");
            await app.WaitForShutdownAsync(cancellation);
            return ExitCode.Done;
        });
        return command;
    }

    internal static WebApplication Build(string[] urls, LakeStore lake, string role)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(urls);
        builder.WebHost.ConfigureKestrel(options => options.AddServerHeader = false);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None); // says in a stack trace what StartAsync says in a sentence
        builder.Services.Configure<ConsoleLoggerOptions>(options => options.LogToStandardErrorThreshold = LogLevel.Trace);
        // A page of another site that had its name resolve to this machine must not get in.
        builder.Services.Configure<HostFilteringOptions>(options => options.AllowedHosts = ["localhost", "127.0.0.1", "[::1]"]);

        var app = builder.Build();
        app.UseHostFiltering();
        if (role is All or Ingestion) app.MapIngestion(lake, TimeProvider.System, new IngestionLimits());
        if (role is All or Viewer) app.MapViewer(new Lake(lake));
        return app;
    }

    internal static async Task StartAsync(WebApplication app, string urls, CancellationToken cancellation)
    {
        try
        {
            await app.StartAsync(cancellation);
        }
        catch (IOException cause) when (cause.InnerException is AddressInUseException)
        {
            throw CommandFailure.Failed($"cannot listen on {urls}: the port is in use; stop the program that has it or name another with --urls", cause);
        }
    }

    /// <summary>As long as there is no sign-in, other machines must not reach the service.</summary>
    /// <exception cref="CommandFailure">One is no http URL of this machine's loopback.</exception>
    static string[] LoopbackUrls(string urls)
    {
        var addresses = urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (addresses.Length == 0) throw CommandFailure.Usage($"cannot listen on '{urls}': expected a URL such as {DefaultUrls}");
        for (var i = 0; i < addresses.Length; i++)
        {
            var address = addresses[i];
            if (!Uri.TryCreate(address, UriKind.Absolute, out var url) || url.Scheme != Uri.UriSchemeHttp)
                throw CommandFailure.Usage($"cannot listen on '{address}': expected a URL such as {DefaultUrls}");
            if (url.Host != "localhost" && !(IPAddress.TryParse(url.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip)))
                throw CommandFailure.Usage($"cannot listen on '{address}': there is no sign-in yet, so only localhost is served; use {DefaultUrls}");
            // Kestrel picks a free port for an address only, as localhost may be two.
            if (url is { Host: "localhost", Port: 0 }) addresses[i] = "http://127.0.0.1:0";
        }
        return addresses;
    }
}

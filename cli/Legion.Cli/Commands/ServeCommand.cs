using System.CommandLine;
using Legion.Cli.Serving;
using Legion.Ingestion;
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
    internal const string DefaultUrls = ServedAddresses.Default;
    internal const string All = "all";
    const string Ingestion = "ingestion", Viewer = "viewer";

    public static Command Create()
    {
        var urls = new Option<string>("--urls") { Description = "where to listen, separated by ';'", HelpName = "U", DefaultValueFactory = _ => DefaultUrls };
        var role = new Option<string>("--role") { Description = "which part of the service to run", DefaultValueFactory = _ => All };
        role.AcceptOnlyFromAmong(All, Ingestion, Viewer);
        var auth = new Option<bool>("--auth") { Description = "keys are needed on this machine, too" };
        var noAuth = new Option<bool>("--no-auth") { Description = "no keys are needed, whoever can reach the service" };

        var command = new Command("serve", "Runs the service. Only this machine is served without keys; make keys with `legion keys create`.") { urls, role, auth, noAuth };
        var lake = LakeOptions.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            if (parsed.GetValue(auth) && parsed.GetValue(noAuth)) throw CommandFailure.Usage("--auth and --no-auth contradict each other; leave one out");
            var addresses = ServedAddresses.Parse(parsed.GetRequiredValue(urls));
            var store = lake.OpenOrCreate(parsed);
            var keys = parsed.GetValue(noAuth) || addresses.AreLoopback && !parsed.GetValue(auth) ? null : new KeyRing(store.Catalog, TimeProvider.System);
            if (keys is not null && !addresses.AreLoopback) await RequireKeyAsync(store, parsed.GetRequiredValue(urls), cancellation);
            await using var app = Build(addresses, store, parsed.GetRequiredValue(role), keys);
            await StartAsync(app, parsed.GetRequiredValue(urls), cancellation);
            var output = parsed.InvocationConfiguration.Output;
            output.WriteLine($"listening on {string.Join(" ", app.Urls)}, lake {lake.Location(parsed)}");
            if (keys is null) output.WriteLine(addresses.AreLoopback ? "no key is needed, as only this machine is served" : "no key is needed: whoever can reach this address can read and write the lake");
            await app.WaitForShutdownAsync(cancellation);
            return ExitCode.Done;
        });
        return command;
    }

    /// <param name="keys">Null where no key is needed.</param>
    internal static WebApplication Build(ServedAddresses addresses, LakeStore lake, string role, KeyRing? keys)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(addresses.Urls);
        builder.WebHost.ConfigureKestrel(options => options.AddServerHeader = false);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None); // says in a stack trace what StartAsync says in a sentence
        builder.Services.Configure<ConsoleLoggerOptions>(options => options.LogToStandardErrorThreshold = LogLevel.Trace);
        // A page of another site that had its name resolve to this machine must not get in. Other machines know this one by names that nobody knows here.
        builder.Services.Configure<HostFilteringOptions>(options => options.AllowedHosts = addresses.AreLoopback ? ["localhost", "127.0.0.1", "[::1]"] : ["*"]);

        var app = builder.Build();
        app.UseHostFiltering();
        if (keys is not null) AccessGate.Use(app, keys);
        if (role is All or Ingestion) app.MapIngestion(lake, TimeProvider.System, new IngestionLimits());
        if (role is All or Viewer) app.MapViewer(lake);
        if (role is All or Viewer && keys is not null) app.MapSignIn(keys);
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

    /// <summary>Where everybody may knock and nobody can come in, something was forgotten.</summary>
    static async Task RequireKeyAsync(LakeStore store, string urls, CancellationToken cancellation)
    {
        var nowNs = (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
        if (!(await store.Catalog.ReadKeysAsync(null, cancellation)).Any(key => key.IsUsable(nowNs)))
            throw CommandFailure.Usage($"cannot listen on {urls}: other machines could reach it, and the lake has no key; make one with `legion keys create --role admin --lake {store.Location}`, or say --no-auth");
    }
}

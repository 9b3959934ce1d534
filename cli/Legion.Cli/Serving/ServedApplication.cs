using Legion.Cli.Serving.Metrics;
using Legion.Cli.Serving.Tls;
using Legion.Cli.Serving.Tokens;
using Legion.Ingestion;
using Legion.Lakehouse;
using Legion.Store;
using Legion.Viewer;
using Legion.Viewer.Flight;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Legion.Cli.Serving;

/// <summary>The service: its routes over one lake, and what stands before them.</summary>
static class ServedApplication
{
    public static WebApplication Build(ServiceSettings settings, LakeStore lake)
    {
        // Settings are read at the start alone. The host would watch the whole working folder for them, and with it a lake that lies there.
        var builder = WebApplication.CreateSlimBuilder(["--hostBuilder:reloadConfigOnChange=false"]);
        var drain = new Drain(settings.DrainDelay, settings.DrainTimeout);
        var arrivals = new ArrivalNotice();
        var replay = new ErasureReplay(lake, TimeProvider.System);
        builder.WebHost.UseUrls([.. settings.Addresses.Urls, .. settings.Exports.Urls, .. settings.Flight.Urls]);
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            ConnectionLimits.ApplyTo(options.Limits, settings.Limits);
            options.ConfigureEndpointDefaults(listen =>
            {
                if (listen.IPEndPoint is { } address && (settings.Exports.GrpcPorts.Contains(address.Port) || settings.Flight.GrpcPorts.Contains(address.Port))) listen.Protocols = HttpProtocols.Http2;
            });
        });
        if (settings.Certificate is { } certificate) UseTls(builder, certificate);
        UseProxies(builder, settings.Proxies);
        if (settings.RecordsItself) builder.AddSelfRecording(lake, "legion serve", sentence => Console.Error.WriteLine($"legion: the service's recording of itself: {sentence}"));
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None); // says in a stack trace what StartAsync says in a sentence
        builder.Services.Configure<ConsoleLoggerOptions>(options => options.LogToStandardErrorThreshold = LogLevel.Trace);
        // A page of another site that had its name resolve to this machine must not get in. Other machines know this one by names that nobody knows here.
        builder.Services.Configure<HostFilteringOptions>(options => options.AllowedHosts = settings.IsLoopback ? ["localhost", "127.0.0.1", "[::1]"] : ["*"]);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = settings.DrainTimeout);
        builder.Services.AddSingleton<IHostLifetime, EndsWhenTold>();
        builder.Services.AddSingleton(drain);
        builder.Services.AddSingleton<PrometheusMetrics>();
        builder.Services.AddSingleton<IssuerDocuments>();
        builder.Services.AddHostedService(services => new ErasureLoop(lake, replay, TimeProvider.System, services.GetRequiredService<ILogger<ErasureLoop>>()));
        builder.Services.AddHostedService(services => new SweepLoop(lake, TimeProvider.System, services.GetRequiredService<ILogger<SweepLoop>>()));

        if (settings.Role.Shows()) LeaveThreads();
        if (settings.Role.Shows()) builder.Services.AddHostedService(services => new UpkeepLoop(lake, TimeProvider.System, services.GetRequiredService<ILogger<UpkeepLoop>>()));
        if (settings.Role.Shows()) builder.Services.AddViewer(lake, Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "Legion.Cli.exe" : "Legion.Cli"), settings.Sql, Notebooks.ReadReport);
        if (settings.Role.Shows()) builder.Services.AddFlight();
        if (settings.Role.Shows())
            builder.Services.AddHostedService(services => new ArrivalLoop(
                new ArrivalWork(lake, TimeProvider.System, settings.Redaction), arrivals, TimeProvider.System, services.GetRequiredService<ILogger<ArrivalLoop>>()));

        if (settings.Role.Shows()) builder.Services.AddHostedService(services => new GlobalLoop(lake, TimeProvider.System, services.GetRequiredService<ILogger<GlobalLoop>>()));

        var app = builder.Build();
        if (settings.Proxies.Count > 0) app.UseForwardedHeaders();
        app.UseHostFiltering();
        app.UseHsts();
        drain.Use(app);
        var credentials = settings.IsGuarded ? CredentialsOf(settings, lake, app.Services) : null;
        if (credentials is not null) AccessGate.Use(app, credentials);
        replay.Use(app);

        var readiness = new Readiness(lake, TimeProvider.System, app.Services.GetRequiredService<ILogger<Readiness>>());
        app.MapOperation(readiness, drain, app.Services.GetRequiredService<PrometheusMetrics>());
        if (settings.Role.Ingests()) app.MapIngestion(lake, TimeProvider.System, settings.Limits, arrivals);
        if (settings.Role.Shows()) app.MapViewer();
        if (settings.Role.Shows()) app.MapFlight();
        if (settings.Role.Shows() && credentials is not null) app.MapSignIn(credentials.FindAsync, credentials.NoteSignInAsync);
        return app;
    }

    /// <summary>
    /// Builds of partitions keep a thread for a second at a time, as many of them as there are processors, and the pool has no more threads at first: what is answered meanwhile
    /// would wait until it adds some, half a second for each. (Of 20 scrolls through logs the slowest took 0.4 to 2.6 s on two processors; with these, 0.2 s at most.)
    /// </summary>
    static void LeaveThreads()
    {
        ThreadPool.GetMinThreads(out var workers, out var completions);
        ThreadPool.SetMinThreads(Math.Max(workers, 2 * Environment.ProcessorCount + 8), completions);
    }

    static void UseTls(WebApplicationBuilder builder, CertificateFile certificate)
    {
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(options => options.ConfigureHttpsDefaults(https =>
        {
            var log = options.ApplicationServices.GetRequiredService<ILogger<CertificateFile>>();
            https.ServerCertificateSelector = (_, _) => certificate.Current(log).TargetCertificate;
            https.OnAuthenticate = (_, handshake) =>
            {
                // The selector's answer would leave out the certificates between.
                handshake.ServerCertificateSelectionCallback = null;
                handshake.ServerCertificateContext = certificate.Current(log);
            };
        }));
    }

    /// <summary>What comes from elsewhere says what it likes of itself.</summary>
    static void UseProxies(WebApplicationBuilder builder, IReadOnlyList<System.Net.IPNetwork> proxies) => builder.Services.Configure<ForwardedHeadersOptions>(options =>
    {
        options.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
        options.ForwardLimit = null;
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var proxy in proxies) options.KnownIPNetworks.Add(proxy);
    });

    static Credentials CredentialsOf(ServiceSettings settings, LakeStore lake, IServiceProvider services)
    {
        var tokens = settings.Issuers.Count == 0 ? null
            : new TokenRing(settings.Issuers, services.GetRequiredService<IssuerDocuments>(), settings.Clock, services.GetRequiredService<ILogger<TokenRing>>());
        return new Credentials(new KeyRing(lake.Catalog, settings.Clock), tokens, new SignInAudit(lake.Catalog, settings.Clock, services.GetRequiredService<ILogger<SignInAudit>>()));
    }

    /// <exception cref="CommandFailure">Another program has the port.</exception>
    public static async Task StartAsync(WebApplication app, string urls, CancellationToken cancellation)
    {
        try
        {
            await app.StartAsync(cancellation);
        }
        catch (IOException cause) when (cause.InnerException is AddressInUseException)
        {
            throw CommandFailure.Failed($"cannot listen on {urls}: the port is in use; stop the program that has it or name another with --urls, --otlp-urls or --flight-urls", cause);
        }
    }

    /// <summary>Ends the service so that no request that was taken goes without its answer.</summary>
    /// <param name="hurry">Ends the waiting.</param>
    public static async Task EndAsync(WebApplication app, CancellationToken hurry = default)
    {
        await app.Services.GetRequiredService<Drain>().RunAsync(TimeProvider.System, hurry);
        await app.StopAsync(hurry);
    }

    /// <summary>In place of the host's own answer to signals, which would stop it at once.</summary>
    sealed class EndsWhenTold : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

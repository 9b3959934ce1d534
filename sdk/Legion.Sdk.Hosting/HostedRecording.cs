using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Legion.Sdk.Hosting;

/// <summary>The host's recording. Made before the first logger, so that the container, which disposes in reverse order, ends it after the last.</summary>
sealed class HostedRecording : IDisposable
{
    // Null where the program had begun to record before: it is then its own to end.
    readonly Recording? recording;

    public HostedRecording(IServiceProvider provider, Func<LegionOptions, LegionOptions>? configure)
    {
        Options = HostConfiguration.Read(provider.GetService<IConfiguration>(), provider.GetService<IHostEnvironment>());
        if (configure is not null) Options = configure(Options);
        if (Recording.Current is not null) return;
        var telemetry = Options.Telemetry;
        if (telemetry is { Endpoint: null, File: null, Sink: null }) telemetry = telemetry with { Endpoint = HostConfiguration.LocalServer };
        recording = Telemetry.Start(telemetry);
    }

    public LegionOptions Options { get; }

    public void Dispose() => recording?.Dispose();
}

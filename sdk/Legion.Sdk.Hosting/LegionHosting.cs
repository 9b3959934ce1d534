using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Legion.Sdk.Hosting;

/// <summary>Lets a host record itself: its logs, its activities, its meters and the runtime's counters.</summary>
public static class LegionHosting
{
    /// <summary>ASP.NET Core names its requests by their routes and tags them only where this is set to false; the program may have set it itself.</summary>
    const string PlainRequests = "Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData";

    /// <summary>
    /// Records the host from when its container is built until it is disposed, last of all. The configuration's section <c>Legion</c> says where to:
    /// <c>Endpoint</c> (unless told otherwise <c>http://localhost:9020</c>) or <c>File</c>, <c>ApiKey</c>, <c>Spool</c> (empty for none), <c>MinimumLevel</c>, <c>Levels</c> by target,
    /// <c>Properties</c> of the process, <c>IncludeScopes</c>, <c>IncludeTraceIds</c>, <c>CommandKey</c>, and <c>Sampling</c> with the members of <see cref="Sampling"/>. Without levels of its own those of <c>Logging:LogLevel</c> count.
    /// </summary>
    /// <param name="configure">Changes what the configuration says: <c>options => options with { ... }</c>.</param>
    public static IHostApplicationBuilder AddLegion(this IHostApplicationBuilder builder, Func<LegionOptions, LegionOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddLegion(configure);
        return builder;
    }

    /// <summary>The same for a host that is built in another way.</summary>
    /// <param name="configure">Changes what the configuration says: <c>options => options with { ... }</c>.</param>
    public static IServiceCollection AddLegion(this IServiceCollection services, Func<LegionOptions, LegionOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (!AppContext.TryGetSwitch(PlainRequests, out _)) AppContext.SetSwitch(PlainRequests, false);
        services.TryAddSingleton(provider => new HostedRecording(provider, configure));
        services.AddLogging();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ILoggerProvider, LegionLoggerProvider>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, RecordingStart>());
        // What is logged is for the recording's levels to say, which change while the program runs.
        services.Configure<LoggerFilterOptions>(options => options.Rules.Add(new LoggerFilterRule(typeof(LegionLoggerProvider).FullName, null, LogLevel.Trace, null)));
        return services;
    }

    /// <summary>Makes sure that the host records when it starts, also where nothing logs.</summary>
    sealed class RecordingStart(HostedRecording recording) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            GC.KeepAlive(recording);
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

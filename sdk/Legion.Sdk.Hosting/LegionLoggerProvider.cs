using Microsoft.Extensions.Logging;

namespace Legion.Sdk.Hosting;

/// <summary>Records what a host logs; a logger's category is the target.</summary>
[ProviderAlias("Legion")]
sealed class LegionLoggerProvider(HostedRecording recording) : ILoggerProvider, ISupportExternalScope
{
    readonly LogScopes? scopes = recording.Options.IncludeScopes ? new LogScopes() : null;

    public ILogger CreateLogger(string categoryName) => new LegionLogger(LogCategory.Of(categoryName), scopes, recording.Options.IncludeTraceIds);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider)
    {
        if (scopes is not null) scopes.Provider = scopeProvider;
    }

    // The recording is not the provider's to end: other loggers may still log.
    public void Dispose()
    {
    }
}

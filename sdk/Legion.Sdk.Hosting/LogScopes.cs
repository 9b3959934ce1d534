using Microsoft.Extensions.Logging;

namespace Legion.Sdk.Hosting;

/// <summary>The scopes around a log, as properties by their names; scopes that are only a text go by the name <c>scope</c>.</summary>
sealed class LogScopes
{
    [ThreadStatic]
    static List<KeyValuePair<string, object?>>? spare;

    /// <summary>Null until the logger factory has one.</summary>
    public IExternalScopeProvider? Provider { get; set; }

    public void AddTo(ref LogMessage message)
    {
        if (Provider is null) return;
        // Collected first: their own code runs, and may log.
        var found = spare ?? [];
        spare = null;
        Provider.ForEachScope(Collect, found);
        foreach (var (key, value) in found) message.Property(key, value);
        found.Clear();
        spare = found;
    }

    static void Collect(object? scope, List<KeyValuePair<string, object?>> into)
    {
        if (scope is IEnumerable<KeyValuePair<string, object?>> named)
        {
            foreach (var item in named)
                if (item.Key != LogTemplate.OriginalFormat) into.Add(item);
        }
        else if (scope is not null)
        {
            into.Add(new("scope", scope));
        }
    }
}

using Legion.Format;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Legion.Sdk.Hosting;

/// <summary>What a host's configuration and environment say of recording it.</summary>
static class HostConfiguration
{
    const string Section = "Legion";

    /// <summary>Above all levels: nothing is recorded.</summary>
    const Level Nothing = (Level)byte.MaxValue;

    /// <summary>Where <c>legion serve</c> listens unless told otherwise.</summary>
    public static Uri LocalServer { get; } = new("http://localhost:9020");

    /// <exception cref="InvalidOperationException">A value makes no sense.</exception>
    public static LegionOptions Read(IConfiguration? configuration, IHostEnvironment? environment)
    {
        var options = new LegionOptions();
        var properties = new Dictionary<string, Value>();
        if (environment is not null)
        {
            properties["application"] = environment.ApplicationName;
            properties["environment"] = environment.EnvironmentName;
        }
        if (configuration is null) return options with { Telemetry = options.Telemetry with { Properties = properties, MinimumLevel = Level.Info } };

        var legion = configuration.GetSection(Section);
        foreach (var property in legion.GetSection("Properties").GetChildren()) properties[property.Key] = property.Value;
        var (minimum, levels) = ReadLevels(configuration.GetSection("Logging:LogLevel"), legion);
        var telemetry = options.Telemetry;
        if (legion["Spool"] is { } spool) telemetry = telemetry with { Spool = spool.Length > 0 ? spool : null };
        return new LegionOptions
        {
            IncludeScopes = legion["IncludeScopes"] is { } scopes && ReadBool(legion, "IncludeScopes", scopes),
            Telemetry = telemetry with
            {
                Endpoint = legion["Endpoint"] is { Length: > 0 } endpoint ? ReadAddress(legion, endpoint) : null,
                File = legion["File"] is { Length: > 0 } file ? file : null,
                ApiKey = legion["ApiKey"] is { Length: > 0 } key ? key : null,
                Properties = properties,
                MinimumLevel = minimum,
                Levels = levels,
            },
        };
    }

    /// <summary>The section's own levels; beside them, and where it has none, those that the host's other logs have.</summary>
    static (Level Minimum, Dictionary<string, Level> Levels) ReadLevels(IConfigurationSection logging, IConfigurationSection legion)
    {
        var levels = new Dictionary<string, Level>();
        foreach (var entry in logging.GetChildren())
            if (entry.Key != "Default" && entry.Value is { } value) levels[entry.Key] = ReadLevel(entry, value);
        foreach (var entry in legion.GetSection("Levels").GetChildren())
            if (entry.Value is { } value) levels[entry.Key] = ReadLevel(entry, value);
        var minimum = legion["MinimumLevel"] is { } own ? ReadLevel(legion.GetSection("MinimumLevel"), own)
            : logging["Default"] is { } given ? ReadLevel(logging.GetSection("Default"), given)
            : Level.Info;
        return (minimum, levels);
    }

    static Level ReadLevel(IConfigurationSection section, string name) => name.ToUpperInvariant() switch
    {
        "TRACE" => Level.Trace,
        "DEBUG" => Level.Debug,
        "INFO" or "INFORMATION" => Level.Info,
        "WARN" or "WARNING" => Level.Warn,
        "ERROR" => Level.Error,
        "FATAL" or "CRITICAL" => Level.Fatal,
        "NONE" => Nothing,
        _ => throw Wrong(section.Path, name, "one of Trace, Debug, Information, Warning, Error, Critical and None"),
    };

    static bool ReadBool(IConfigurationSection section, string key, string value) =>
        bool.TryParse(value, out var truth) ? truth : throw Wrong($"{section.Path}:{key}", value, "true or false");

    static Uri ReadAddress(IConfigurationSection section, string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var address) ? address : throw Wrong($"{section.Path}:Endpoint", value, "an address such as http://localhost:9020");

    static InvalidOperationException Wrong(string path, string value, string expected) => new($"cannot read configuration '{path}': expected {expected}, saw '{value}'");
}

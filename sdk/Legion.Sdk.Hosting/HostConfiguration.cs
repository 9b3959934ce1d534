using System.Globalization;
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
            IncludeScopes = ReadBool(legion, "IncludeScopes", unlessGiven: false),
            IncludeTraceIds = ReadBool(legion, "IncludeTraceIds", unlessGiven: true),
            Telemetry = telemetry with
            {
                Endpoint = legion["Endpoint"] is { Length: > 0 } endpoint ? ReadAddress(legion, endpoint) : null,
                File = legion["File"] is { Length: > 0 } file ? file : null,
                ApiKey = legion["ApiKey"] is { Length: > 0 } key ? key : null,
                CommandKey = legion["CommandKey"] is { Length: > 0 } command ? command : null,
                Sampling = legion.GetSection("Sampling") is var sampling && sampling.Exists() ? ReadSampling(sampling) : null,
                Redaction = legion.GetSection("Redaction") is var redaction && redaction.Exists() ? ReadRedaction(redaction) : null,
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

    /// <summary>What the section does not name is as in <see cref="Sampling"/> itself.</summary>
    static Sampling ReadSampling(IConfigurationSection section)
    {
        var usual = new Sampling();
        return new Sampling
        {
            SlowFrame = ReadTime(section, "SlowFrame"),
            SlowFrames = ReadTimes(section.GetSection("SlowFrames")),
            SlowSpan = ReadTime(section, "SlowSpan"),
            SlowSpans = ReadTimes(section.GetSection("SlowSpans")),
            Logs = section["Logs"] is { } level ? ReadLevel(section.GetSection("Logs"), level) is var logs && logs != Nothing ? logs : null : usual.Logs,
            Markers = ReadBool(section, "Markers", usual.Markers),
            Margin = ReadTime(section, "Margin") ?? usual.Margin,
            OneIn = (int)(ReadNumber(section, "OneIn", int.MaxValue) ?? usual.OneIn),
            BytesPerSecond = ReadNumber(section, "BytesPerSecond", long.MaxValue),
        };
    }

    static Redaction ReadRedaction(IConfigurationSection section) => new()
    {
        Drop = ReadNames(section.GetSection("Drop")),
        Hash = ReadNames(section.GetSection("Hash")),
        Key = section["Key"],
    };

    static string[] ReadNames(IConfigurationSection section) => [.. section.GetChildren().Select(entry => entry.Value ?? "")];

    static Dictionary<string, TimeSpan> ReadTimes(IConfigurationSection section) =>
        section.GetChildren().ToDictionary(entry => entry.Key, entry => ReadTime(section, entry.Key) ?? TimeSpan.Zero);

    static TimeSpan? ReadTime(IConfigurationSection section, string key) => section[key] is not { Length: > 0 } value ? null
        : TimeSpan.TryParse(value, CultureInfo.InvariantCulture, out var time) ? time
        : throw Wrong($"{section.Path}:{key}", value, "a time such as 00:00:00.050");

    static long? ReadNumber(IConfigurationSection section, string key, long most) => section[key] is not { Length: > 0 } value ? null
        : long.TryParse(value, CultureInfo.InvariantCulture, out var number) && number >= 0 && number <= most ? number
        : throw Wrong($"{section.Path}:{key}", value, "a whole number that is not negative");

    static bool ReadBool(IConfigurationSection section, string key, bool unlessGiven) =>
        section[key] is not { } value ? unlessGiven : bool.TryParse(value, out var truth) ? truth : throw Wrong($"{section.Path}:{key}", value, "true or false");

    static Uri ReadAddress(IConfigurationSection section, string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var address) ? address : throw Wrong($"{section.Path}:Endpoint", value, "an address such as http://localhost:9020");

    static InvalidOperationException Wrong(string path, string value, string expected) => new($"cannot read configuration '{path}': expected {expected}, saw '{value}'");
}

using System.CommandLine;
using System.Security.Cryptography;
using Legion.Format;
using Legion.Store;

namespace Legion.Cli;

/// <summary>The option that says which attributes of OpenTelemetry are not to be written, and what stands in for it. Each command adds its own instance.</summary>
sealed class RedactOption
{
    const string Variable = "LEGION_REDACT", KeyVariable = "LEGION_REDACT_KEY";
    const string Drop = "drop:", Hash = "hash:";

    readonly Option<string?> option = new("--redact")
    {
        Description = $"attributes of OpenTelemetry that are dropped or hashed before they are stored: drop:NAME,...;hash:NAME,... (default: {Variable}). Hashes are keyed by {KeyVariable}, or by a secret that the lake keeps",
        HelpName = "RULES",
    };

    public static RedactOption AddTo(Command command)
    {
        var redact = new RedactOption();
        command.Add(redact.option);
        return redact;
    }

    /// <exception cref="CommandFailure">The rules make no sense.</exception>
    public async Task<Redaction> ReadAsync(ParseResult parsed, LakeStore lake, CancellationToken cancellation)
    {
        var redaction = Parse(parsed.GetValue(option) ?? Environment.GetEnvironmentVariable(Variable) ?? "");
        if (redaction.Hash.Count > 0)
            redaction = redaction with
            {
                Key = Environment.GetEnvironmentVariable(KeyVariable) is { Length: > 0 } key ? key
                    : await lake.Catalog.AddRedactionKeyAsync(Tenant.Default, RandomNumberGenerator.GetHexString(64, lowercase: true), cancellation),
            };
        try
        {
            redaction.Check();
            return redaction;
        }
        catch (ArgumentException cause)
        {
            throw CommandFailure.Usage($"cannot use the rules of {option.Name}: {cause.Message}", cause);
        }
    }

    internal static Redaction Parse(string text)
    {
        var (drop, hash) = (new List<string>(), new List<string>());
        foreach (var rule in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var names = rule.StartsWith(Drop, StringComparison.Ordinal) ? drop : rule.StartsWith(Hash, StringComparison.Ordinal) ? hash
                : throw CommandFailure.Usage($"cannot use '{rule}' as --redact: expected {Drop}NAME,... or {Hash}NAME,...");
            names.AddRange(rule[Drop.Length..].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        }
        return new Redaction { Drop = drop, Hash = hash };
    }
}

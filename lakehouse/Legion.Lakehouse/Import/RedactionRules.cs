using System.Security.Cryptography;
using Legion.Format;
using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>Rules of what is dropped or hashed before it is stored, as text: <c>drop:NAME,...;hash:NAME,...</c>.</summary>
public static class RedactionRules
{
    /// <summary>Names of the environment variables that hold the rules, and the key of hashes, where nothing else does.</summary>
    public const string Variable = "LEGION_REDACT", KeyVariable = "LEGION_REDACT_KEY";

    const string Drop = "drop:", Hash = "hash:";

    /// <summary>The rules, with the key of their hashes: that of the environment, or a secret that the lake keeps.</summary>
    /// <param name="text">Null: what the environment says.</param>
    /// <exception cref="FormatException">The rules make no sense.</exception>
    public static async Task<Redaction> ReadAsync(string? text, LakeStore lake, CancellationToken cancellation = default)
    {
        var redaction = Parse(text ?? Environment.GetEnvironmentVariable(Variable) ?? "");
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
            throw new FormatException($"cannot use these rules of redaction: {cause.Message}", cause);
        }
    }

    /// <exception cref="FormatException">A rule is none.</exception>
    public static Redaction Parse(string text)
    {
        var (drop, hash) = (new List<string>(), new List<string>());
        foreach (var rule in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var names = rule.StartsWith(Drop, StringComparison.Ordinal) ? drop : rule.StartsWith(Hash, StringComparison.Ordinal) ? hash
                : throw new FormatException($"cannot use '{rule}' as a rule of redaction: expected {Drop}NAME,... or {Hash}NAME,...");
            names.AddRange(rule[Drop.Length..].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        }
        return new Redaction { Drop = drop, Hash = hash };
    }
}

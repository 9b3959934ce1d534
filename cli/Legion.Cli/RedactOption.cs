using System.CommandLine;
using Legion.Format;
using Legion.Lakehouse;
using Legion.Store;

namespace Legion.Cli;

/// <summary>The option that says which attributes of OpenTelemetry are not to be written, and what stands in for it. Each command adds its own instance.</summary>
sealed class RedactOption
{
    readonly Option<string?> option = new("--redact")
    {
        Description = $"attributes of OpenTelemetry that are dropped or hashed before they are stored: drop:NAME,...;hash:NAME,... (default: {RedactionRules.Variable}). Hashes are keyed by {RedactionRules.KeyVariable}, or by a secret that the lake keeps",
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
        try
        {
            return await RedactionRules.ReadAsync(parsed.GetValue(option), lake, cancellation);
        }
        catch (FormatException cause)
        {
            throw CommandFailure.Usage($"{option.Name}: {cause.Message}", cause);
        }
    }
}

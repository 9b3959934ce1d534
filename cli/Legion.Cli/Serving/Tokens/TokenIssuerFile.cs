using System.Text.Json;
using System.Text.Json.Serialization;
using Legion.Store;

namespace Legion.Cli.Serving.Tokens;

/// <summary>
/// The file of <c>legion serve --oidc</c>: <c>{"issuers": [...]}</c>, each with <c>issuer</c>, <c>audience</c>, <c>role</c>, and where they differ from what is usual
/// <c>metadata</c>, <c>algorithms</c> and <c>tenant</c>. A role or a tenant is <c>{"value": "read"}</c>, <c>{"claim": "tenant"}</c> or <c>{"claim": "groups", "values": {"developers": "read"}}</c>.
/// </summary>
static class TokenIssuerFile
{
    const string Discovery = ".well-known/openid-configuration";

    /// <summary>Those of keys of which one half is public: with one that both sides know, whoever checks tokens could make them.</summary>
    static readonly string[] known = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

    static readonly string[] usual = ["RS256", "ES256", "PS256"];

    static readonly JsonSerializerOptions json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    /// <exception cref="CommandFailure">The file cannot be read, or says something that cannot be.</exception>
    public static IReadOnlyList<TokenIssuer> Read(string path)
    {
        try
        {
            var issuers = (JsonSerializer.Deserialize<Document>(File.ReadAllBytes(path), json) ?? throw new JsonException("expected an object, saw null")).Issuers.Select(Issuer).ToList();
            if (issuers.Count == 0) throw new JsonException("expected at least one issuer");
            if (issuers.GroupBy(issuer => issuer.Name).FirstOrDefault(same => same.Count() > 1) is { } twice) throw new JsonException($"issuer '{twice.Key}' is there twice");
            return issuers;
        }
        catch (JsonException cause)
        {
            throw CommandFailure.Usage($"cannot use '{path}' as --oidc: {cause.Message}", cause);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw CommandFailure.Usage($"cannot read '{path}': {cause.Message}", cause);
        }
    }

    static TokenIssuer Issuer(IssuerEntry entry)
    {
        if (entry.Issuer.Length == 0 || entry.Audience.Length == 0) throw new JsonException("an issuer without a name or an audience would let in what is not meant for this service");
        var algorithms = entry.Algorithms ?? usual;
        if (algorithms.Length == 0 || algorithms.Any(name => !known.Contains(name)))
            throw new JsonException($"issuer '{entry.Issuer}': expected algorithms of {string.Join(", ", known)}");
        var role = Rule(entry, entry.Role, "role", CheckRole);
        return new TokenIssuer(entry.Issuer, entry.Audience, Metadata(entry), algorithms, role, entry.Tenant is { } tenant ? Rule(entry, tenant, "tenant", CheckTenant) : ClaimRule.Always(Tenant.Default.Name));
    }

    static Uri Metadata(IssuerEntry entry)
    {
        var text = entry.Metadata ?? (entry.Issuer.EndsWith('/') ? entry.Issuer : entry.Issuer + "/") + Discovery;
        return Uri.TryCreate(text, UriKind.Absolute, out var address) && IssuerDocuments.MayBeRead(address)
            ? address
            : throw new JsonException($"issuer '{entry.Issuer}': expected its metadata at an address that begins with https, or with http on this machine, saw '{text}'");
    }

    static ClaimRule Rule(IssuerEntry entry, RuleEntry rule, string what, Action<string> check)
    {
        if (rule.Value is null == rule.Claim is null || rule.Claim is null && rule.Values is not null)
            throw new JsonException($"issuer '{entry.Issuer}': expected {what} with a value, or with a claim and perhaps its values");
        try
        {
            if (rule.Value is { } value) check(value);
            foreach (var meaning in rule.Values?.Values ?? Enumerable.Empty<string>()) check(meaning);
        }
        catch (FormatException cause)
        {
            throw new JsonException($"issuer '{entry.Issuer}': {cause.Message}", cause);
        }
        return rule.Value is { } always ? ClaimRule.Always(always) : new ClaimRule(null, rule.Claim!, rule.Values is null ? null : [.. rule.Values]);
    }

    static void CheckRole(string name)
    {
        if (!KeyRoles.TryParse(name, out _)) throw new FormatException($"expected one of the roles {string.Join(", ", Enum.GetValues<KeyRole>().Select(role => role.Name()))}, saw '{name}'");
    }

    static void CheckTenant(string name) => _ = new Tenant(name);

    sealed record Document(IssuerEntry[] Issuers);

    sealed record IssuerEntry(string Issuer, string Audience, RuleEntry Role, RuleEntry? Tenant = null, string? Metadata = null, string[]? Algorithms = null);

    /// <summary>In the order of the file, as the first that fits counts.</summary>
    sealed record RuleEntry(string? Value = null, string? Claim = null, OrderedDictionary<string, string>? Values = null);
}

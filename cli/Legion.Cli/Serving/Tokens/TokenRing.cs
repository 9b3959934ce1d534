using System.Text.Json;
using Legion.Store;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Tokens;

namespace Legion.Cli.Serving.Tokens;

/// <summary>
/// Finds out whose a token is: a JSON Web Token that one of the issuers has signed for this service. Nothing that a token brings along says how it is to be checked:
/// keys come from its issuer's own address by their id, and algorithms from our configuration.
/// </summary>
sealed class TokenRing
{
    /// <summary>Tokens with hundreds of groups have some kilobytes.</summary>
    const int MostCharacters = 16 << 10;

    /// <summary>How far an issuer's clock may be from this one.</summary>
    static readonly TimeSpan skew = TimeSpan.FromMinutes(1);

    /// <summary>Of tokens that say of what kind they are: other kinds are signed with the same keys, and mean something else.</summary>
    static readonly string[] kinds = ["JWT", "at+jwt", "application/at+jwt"];

    readonly Dictionary<string, (TokenIssuer Issuer, IssuerKeys Keys)> issuers;
    readonly TimeProvider clock;
    readonly RefusalLog refusals;
    readonly JsonWebTokenHandler handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = MostCharacters };

    public TokenRing(IEnumerable<TokenIssuer> issuers, IDocumentRetriever documents, TimeProvider clock, ILogger log)
    {
        this.issuers = issuers.ToDictionary(issuer => issuer.Name, issuer => (issuer, new IssuerKeys(issuer, documents, clock, log)), StringComparer.Ordinal);
        this.clock = clock;
        refusals = new RefusalLog(clock, log);
    }

    /// <returns>Null for what is no token, is not signed by one of the issuers for this service, or is not good now: which of these stands in the log alone.</returns>
    /// <exception cref="StoreUnavailableException">The issuer's keys cannot be read.</exception>
    public async Task<Credential?> FindAsync(string text, CancellationToken cancellation)
    {
        try
        {
            return await ReadAsync(text, cancellation);
        }
        catch (InvalidDataException cause)
        {
            refusals.Add(cause.Message);
            return null;
        }
    }

    /// <exception cref="InvalidDataException">It is refused; says why.</exception>
    async Task<Credential> ReadAsync(string text, CancellationToken cancellation)
    {
        var token = Parse(text);
        if (!issuers.TryGetValue(token.Issuer, out var of)) throw new InvalidDataException($"its issuer '{token.Issuer}' is none of those in the configuration");
        var issuer = of.Issuer;
        if (!issuer.Algorithms.Contains(token.Alg)) throw new InvalidDataException($"expected one of the algorithms {string.Join(", ", issuer.Algorithms)}, saw '{token.Alg}'");
        if (token.Kid is not { Length: > 0 } keyId) throw new InvalidDataException("it names no key");
        if (await of.Keys.FindAsync(keyId, cancellation) is not { } key) throw new InvalidDataException($"issuer '{issuer.Name}' has no key '{keyId}'");

        var result = await handler.ValidateTokenAsync(token, ParametersOf(issuer, key));
        if (!result.IsValid) throw new InvalidDataException(result.Exception?.Message ?? "it is not valid", result.Exception);

        using var claims = JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(token.EncodedPayload));
        var role = issuer.Role.Read(claims.RootElement) ?? throw new InvalidDataException($"its claim '{issuer.Role.Claim}' gives it no role");
        var tenant = issuer.Tenant.Read(claims.RootElement) ?? throw new InvalidDataException($"its claim '{issuer.Tenant.Claim}' gives it no tenant");
        if (!KeyRoles.TryParse(role, out var parsed)) throw new InvalidDataException($"'{role}' is no role");
        return new Credential($"token of {token.Subject} from {issuer.Name}", TenantNamed(tenant), parsed);
    }

    static JsonWebToken Parse(string text)
    {
        if (text.Length > MostCharacters) throw new InvalidDataException($"expected at most {MostCharacters} characters, saw {text.Length}");
        try
        {
            var token = new JsonWebToken(text);
            if (token.IsEncrypted) throw new InvalidDataException("it is encrypted");
            // What must be understood and is not.
            if (token.TryGetHeaderValue<object>("crit", out _)) throw new InvalidDataException("it has critical extensions");
            return token;
        }
        catch (Exception cause) when (cause is ArgumentException or SecurityTokenException or JsonException or FormatException)
        {
            throw new InvalidDataException("it is no JSON Web Token", cause);
        }
    }

    static Tenant TenantNamed(string name)
    {
        try
        {
            return new Tenant(name);
        }
        catch (FormatException cause)
        {
            throw new InvalidDataException(cause.Message, cause);
        }
    }

    TokenValidationParameters ParametersOf(TokenIssuer issuer, SecurityKey key) => new()
    {
        ValidIssuer = issuer.Name,
        ValidAudience = issuer.Audience,
        ValidAlgorithms = issuer.Algorithms,
        IssuerSigningKey = key,
        TryAllIssuerSigningKeys = false,
        LifetimeValidator = (notBefore, expires, _, _) => IsGoodNow(notBefore, expires),
        TypeValidator = (kind, _, _) => string.IsNullOrEmpty(kind) || kinds.Contains(kind, StringComparer.OrdinalIgnoreCase) ? kind : throw new SecurityTokenInvalidTypeException($"expected a token of kind {kinds[0]}, saw '{kind}'"),
    };

    bool IsGoodNow(DateTime? notBefore, DateTime? expires)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        return expires is { } end && now < end + skew && (notBefore is not { } begin || now >= begin - skew);
    }
}

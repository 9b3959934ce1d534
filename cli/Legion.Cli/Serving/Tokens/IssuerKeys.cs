using Legion.Store;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Legion.Cli.Serving.Tokens;

/// <summary>
/// The public keys of an issuer. They are read when the first token comes, again from time to time, and when a token names one that is not among them;
/// the latter not as often as anybody who makes up names would like. Where they cannot be read, those known stay good for a day.
/// </summary>
sealed partial class IssuerKeys(TokenIssuer issuer, IDocumentRetriever documents, TimeProvider clock, ILogger log)
{
    /// <summary>After so long a key that the issuer has withdrawn is no longer accepted, as long as the issuer can be asked.</summary>
    static readonly TimeSpan fresh = TimeSpan.FromMinutes(10);

    static readonly TimeSpan leastPause = TimeSpan.FromSeconds(30);

    static readonly TimeSpan longestKept = TimeSpan.FromDays(1);

    const int LeastRsaBits = 2048;

    readonly Lock asking = new();
    Known? known;
    Task<bool> asked = Task.FromResult(true);
    long? askedAt;

    sealed record Known(IReadOnlyDictionary<string, SecurityKey> Keys, long ReadAt);

    /// <returns>Null where the issuer has none of this id.</returns>
    /// <exception cref="StoreUnavailableException">The issuer's keys cannot be read.</exception>
    public async Task<SecurityKey?> FindAsync(string keyId, CancellationToken cancellation)
    {
        var before = Volatile.Read(ref known);
        var isKnown = before?.Keys.ContainsKey(keyId) == true;
        if (isKnown && clock.GetElapsedTime(before!.ReadAt) < fresh) return before.Keys[keyId];

        var refresh = Refresh();
        // Nobody waits for what only might have changed.
        if (isKnown && clock.GetElapsedTime(before!.ReadAt) < longestKept) return before.Keys[keyId];
        var isRead = await refresh.WaitAsync(cancellation);
        var now = Volatile.Read(ref known);
        if (now is not null && clock.GetElapsedTime(now.ReadAt) < longestKept && now.Keys.TryGetValue(keyId, out var key)) return key;
        return isRead ? null : throw new StoreUnavailableException($"cannot read the keys of issuer '{issuer.Name}'");
    }

    /// <summary>Reads the keys, unless that was just done.</summary>
    Task<bool> Refresh()
    {
        lock (asking)
        {
            if (!asked.IsCompleted || askedAt is { } last && clock.GetElapsedTime(last) < leastPause) return asked;
            askedAt = clock.GetTimestamp();
            return asked = ReadAsync();
        }
    }

    /// <returns>False where they cannot be read.</returns>
    async Task<bool> ReadAsync()
    {
        try
        {
            var metadata = await OpenIdConnectConfigurationRetriever.GetAsync(issuer.Metadata.AbsoluteUri, documents, CancellationToken.None);
            if (metadata.Issuer != issuer.Name) throw new InvalidDataException($"expected the metadata of issuer '{issuer.Name}', saw that of '{metadata.Issuer}'");
            var keys = new Dictionary<string, SecurityKey>(StringComparer.Ordinal);
            foreach (var key in metadata.SigningKeys)
                if (key.KeyId is { Length: > 0 } && IsGoodForTokens(key)) keys[key.KeyId] = key;
            Volatile.Write(ref known, new Known(keys, clock.GetTimestamp()));
            return true;
        }
        catch (Exception cause) when (cause is IOException or HttpRequestException or OperationCanceledException or InvalidDataException or InvalidOperationException or ArgumentException)
        {
            // The library wraps what went wrong in an InvalidOperationException, and what cannot be parsed in an ArgumentException.
            NotRead(log, issuer.Name, issuer.Metadata, cause);
            return false;
        }
    }

    /// <summary>A secret that lies in public is none, and a key that is short can be found.</summary>
    static bool IsGoodForTokens(SecurityKey key) => key switch
    {
        JsonWebKey { Kty: JsonWebAlgorithmsKeyTypes.RSA } or RsaSecurityKey => key.KeySize >= LeastRsaBits,
        X509SecurityKey => key.KeySize >= LeastRsaBits,
        JsonWebKey { Kty: JsonWebAlgorithmsKeyTypes.EllipticCurve } or ECDsaSecurityKey => true,
        _ => false,
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "The keys of issuer {Issuer} cannot be read from {Metadata}; its tokens are good as long as their keys are known, a day at most")]
    static partial void NotRead(ILogger log, string issuer, Uri metadata, Exception cause);
}

using Legion.Cli.Serving.Tokens;
using Legion.Store;

namespace Legion.Cli.Serving;

/// <summary>Finds out who shows a key of the catalog's, or a token of an issuer's. What is wrong with the one is none of the other's business.</summary>
/// <param name="tokens">Null where no issuer is trusted.</param>
sealed class Credentials(KeyRing keys, TokenRing? tokens)
{
    /// <returns>Null for what is not accepted, whatever the reason.</returns>
    /// <exception cref="StoreUnavailableException">The catalog, or the issuer, cannot be asked.</exception>
    public Task<Credential?> FindAsync(string text, CancellationToken cancellation) =>
        tokens is null || ApiKey.TryParse(text, out _) ? keys.FindAsync(text, cancellation) : tokens.FindAsync(text, cancellation);
}

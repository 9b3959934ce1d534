using Legion.Cli.Serving.Tokens;
using Legion.Store;
using Microsoft.AspNetCore.Http;

namespace Legion.Cli.Serving;

/// <summary>Finds out who shows a key of the catalog's, or a token of an issuer's. What is wrong with the one is none of the other's business.</summary>
/// <param name="tokens">Null where no issuer is trusted.</param>
sealed class Credentials(KeyRing keys, TokenRing? tokens, SignInAudit audit)
{
    /// <returns>Null for what is not accepted, whatever the reason.</returns>
    /// <exception cref="StoreUnavailableException">The catalog, or the issuer, cannot be asked.</exception>
    public async Task<Credential?> FindAsync(HttpContext context, string text)
    {
        var cancellation = context.RequestAborted;
        if (tokens is null || ApiKey.TryParse(text, out _)) return await keys.FindAsync(text, cancellation);
        var credential = await tokens.FindAsync(text, cancellation);
        if (credential is null) await audit.RefusedAsync(SignInAudit.RefusedToken, null, AddressOf(context), cancellation);
        else await audit.UsedAsync(text, credential, AddressOf(context), cancellation);
        return credential;
    }

    /// <summary>Writes down what the form for browsers came to.</summary>
    /// <exception cref="StoreUnavailableException">Somebody is let in, and that cannot be written down.</exception>
    public Task NoteSignInAsync(HttpContext context, Credential? credential, bool isLetIn) => isLetIn && credential is not null
        ? audit.LetInAsync(credential, AddressOf(context), context.RequestAborted)
        : audit.RefusedAsync(SignInAudit.RefusedSignIn, credential, AddressOf(context), context.RequestAborted);

    static string? AddressOf(HttpContext context) => context.Connection.RemoteIpAddress?.ToString();
}

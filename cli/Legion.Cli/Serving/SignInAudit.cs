using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Legion.Store;
using Microsoft.Extensions.Logging;

namespace Legion.Cli.Serving;

/// <summary>
/// Writes down who signed in with a browser, which tokens are used for the first time, and who tried in vain. A key in a header is no sign-in: who made it is in the audit.
/// </summary>
sealed partial class SignInAudit(ICatalog catalog, TimeProvider clock, ILogger log)
{
    public const string SignedIn = "sign-in", FirstUse = "token.first-use", RefusedSignIn = "sign-in.refused", RefusedToken = "token.refused";

    /// <summary>Anybody may try any number of times: of refusals there is at most one row in this time, which says how many it stands for.</summary>
    static readonly TimeSpan refusalPause = TimeSpan.FromSeconds(10);

    /// <summary>Tokens that are remembered. With one more all are forgotten, and the next use of each is a row again.</summary>
    const int MostTokens = 10_000;

    /// <summary>Of a token's digest: enough to tell one person's tokens apart.</summary>
    const int ShownDigits = 16;

    /// <summary>A token's issuer decides how long its subject is, and the database how long an actor may be.</summary>
    const int MostCharacters = 200;

    readonly ConcurrentDictionary<string, bool> used = new(StringComparer.Ordinal);
    readonly Lock refusing = new();
    long? refusedAt;
    int leftOut;

    /// <summary>Somebody was let in by the form.</summary>
    /// <exception cref="StoreUnavailableException">It cannot be written down.</exception>
    public Task LetInAsync(Credential credential, string? address, CancellationToken cancellation) => AddAsync(SignedIn, credential, "", address, 0, cancellation);

    /// <summary>A good token was shown.</summary>
    /// <exception cref="StoreUnavailableException">It is the first time, and cannot be written down.</exception>
    public async Task UsedAsync(string token, Credential credential, string? address, CancellationToken cancellation)
    {
        // The token itself is a secret.
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
        if (used.ContainsKey(digest)) return;
        await AddAsync(FirstUse, credential, digest[..ShownDigits], address, 0, cancellation);
        if (used.Count >= MostTokens) used.Clear();
        used[digest] = true;
    }

    /// <summary>Somebody was refused. Whether that can be written down changes nothing for him.</summary>
    /// <param name="credential">Where he is known, and may not.</param>
    public async Task RefusedAsync(string action, Credential? credential, string? address, CancellationToken cancellation)
    {
        int others;
        lock (refusing)
        {
            if (refusedAt is { } last && clock.GetElapsedTime(last) < refusalPause)
            {
                leftOut++;
                return;
            }
            (refusedAt, others, leftOut) = (clock.GetTimestamp(), leftOut, 0);
        }
        try
        {
            await AddAsync(action, credential, "", address, others, cancellation);
        }
        catch (StoreUnavailableException cause)
        {
            NotWritten(log, action, cause);
        }
    }

    Task AddAsync(string action, Credential? credential, string subject, string? address, int others, CancellationToken cancellation)
    {
        var detail = new SortedDictionary<string, object?> { ["address"] = address };
        if (others > 0) detail["others"] = others;
        var nowNs = (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
        var holder = credential?.Holder ?? "somebody unknown";
        if (holder.Length > MostCharacters) holder = holder[..MostCharacters];
        // What nobody's key or token asked for is no tenant's.
        return catalog.AddAuditAsync(new AuditRow(nowNs, credential?.Tenant ?? Tenant.System, holder, action, subject, JsonSerializer.Serialize(detail)), cancellation);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Action} could not be written into the audit")]
    static partial void NotWritten(ILogger log, string action, Exception cause);
}

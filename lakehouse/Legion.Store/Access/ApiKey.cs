using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Legion.Store;

/// <summary>
/// A key as its owner has it: <c>lgn_ID_SECRET</c>, 16 and 64 lower hex digits. The id names its row in the catalog, the secret is stored nowhere.
/// </summary>
/// <remarks>
/// Its hash is one SHA-256. Slow hashes make guessing dear where people choose the secret; among 2^256 equally likely ones
/// nobody guesses, and a server that spent a tenth of a second on every key it is shown would be easy to keep busy.
/// </remarks>
public sealed class ApiKey
{
    const string Prefix = "lgn_";
    const int IdBytes = 8, SecretBytes = 32;
    static readonly int TextLength = Prefix.Length + 2 * IdBytes + 1 + 2 * SecretBytes;

    readonly byte[] secret;

    ApiKey(string id, byte[] secret)
    {
        Id = id;
        this.secret = secret;
    }

    public string Id { get; }

    public static ApiKey Create() => new(RandomNumberGenerator.GetHexString(2 * IdBytes, lowercase: true), RandomNumberGenerator.GetBytes(SecretBytes));

    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out ApiKey? key)
    {
        key = null;
        if (text.Length != TextLength || !text.StartsWith(Prefix, StringComparison.Ordinal)) return false;
        var id = text.Slice(Prefix.Length, 2 * IdBytes);
        var secret = text[(Prefix.Length + 2 * IdBytes + 1)..];
        if (text[Prefix.Length + 2 * IdBytes] != '_' || !IsHex(id) || !IsHex(secret)) return false;
        key = new ApiKey(id.ToString(), Convert.FromHexString(secret));
        return true;
    }

    /// <summary>What the catalog keeps of the secret.</summary>
    public byte[] Hash() => SHA256.HashData(secret);

    /// <summary>Takes as long for every hash of the right length.</summary>
    public bool Matches(ReadOnlySpan<byte> hash) => CryptographicOperations.FixedTimeEquals(Hash(), hash);

    /// <summary>The whole key: to be shown to its owner, once.</summary>
    public string Reveal() => $"{Prefix}{Id}_{Convert.ToHexStringLower(secret)}";

    /// <summary>Without the secret, as this ends up in messages.</summary>
    public override string ToString() => $"{Prefix}{Id}_...";

    static bool IsHex(ReadOnlySpan<char> text) => !text.ContainsAnyExcept("0123456789abcdef");
}

using System.Security.Cryptography;
using System.Text;

namespace Legion.Kernel.Jupyter;

/// <summary>HMAC-SHA256 over header, parent header, metadata and content, in lower-case hex. An empty key means no signatures.</summary>
sealed class MessageSignature(string key)
{
    readonly byte[] _key = Encoding.UTF8.GetBytes(key);

    public byte[] Sign(IEnumerable<byte[]> parts)
    {
        if (_key.Length == 0)
            return [];
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        foreach (var part in parts)
            hash.AppendData(part);
        return Encoding.ASCII.GetBytes(Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    public bool Matches(byte[] signature, IEnumerable<byte[]> parts) =>
        CryptographicOperations.FixedTimeEquals(signature, Sign(parts));
}

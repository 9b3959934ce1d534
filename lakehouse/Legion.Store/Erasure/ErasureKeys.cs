using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Legion.Store;

/// <summary>
/// The keys of a tenant's erasures, made when the first one begins: one that hashes what was erased, so that it is known again when it comes late
/// and cannot be read from what remains, and one that signs receipts.
/// </summary>
public sealed record ErasureKeys
{
    const int HashKeyBytes = 32;

    public required ReadOnlyMemory<byte> HashKey { get; init; }

    /// <summary>P-256, as PKCS #8.</summary>
    public required ReadOnlyMemory<byte> SigningKey { get; init; }

    public static ErasureKeys Create()
    {
        using var signing = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new ErasureKeys { HashKey = RandomNumberGenerator.GetBytes(HashKeyBytes), SigningKey = signing.ExportPkcs8PrivateKey() };
    }

    /// <summary>The private key. The caller disposes it.</summary>
    public ECDsa OpenSigningKey()
    {
        var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(SigningKey.Span, out _);
        return key;
    }

    public byte[] DigestOf(Guid processOrBlock) => HMACSHA256.HashData(HashKey.Span, RowReading.Bytes(processOrBlock));

    /// <summary>Of a property and its value. The length in between keeps apart where the one ends and the other begins.</summary>
    public byte[] DigestOf(string property, string value)
    {
        var name = Encoding.UTF8.GetBytes(property);
        var bytes = new byte[4 + name.Length + Encoding.UTF8.GetByteCount(value)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, name.Length);
        name.CopyTo(bytes, 4);
        Encoding.UTF8.GetBytes(value, bytes.AsSpan(4 + name.Length));
        return HMACSHA256.HashData(HashKey.Span, bytes);
    }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string>
    {
        ["hash_key"] = Convert.ToBase64String(HashKey.Span),
        ["signing_key"] = Convert.ToBase64String(SigningKey.Span),
    });

    /// <exception cref="InvalidDataException">The bytes are no keys.</exception>
    public static ErasureKeys FromJson(ReadOnlySpan<byte> json)
    {
        try
        {
            var members = JsonSerializer.Deserialize<Dictionary<string, string>>(json)!;
            return new ErasureKeys { HashKey = Convert.FromBase64String(members["hash_key"]), SigningKey = Convert.FromBase64String(members["signing_key"]) };
        }
        catch (Exception cause) when (cause is JsonException or FormatException or KeyNotFoundException)
        {
            throw new InvalidDataException($"expected the keys of a lake's erasures, saw other bytes: {cause.Message}", cause);
        }
    }
}

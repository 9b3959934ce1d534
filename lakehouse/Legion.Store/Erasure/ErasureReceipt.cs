using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Legion.Store;

/// <summary>What a receipt says. It names the subject by its keyed hash alone: who has the lake can tell whether it is of a process or a value.</summary>
public sealed record ErasureStatement
{
    public required Guid Erasure { get; init; }
    public required string Tenant { get; init; }

    /// <summary><c>process</c> or <c>property</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Name of the property; empty for a process.</summary>
    public required string Property { get; init; }

    /// <summary>64 hexadecimal digits: HMAC-SHA-256 of process, or of property and value, with a key of the lake.</summary>
    public required string Subject { get; init; }

    /// <summary>RFC 3339. From the request on no query shows it.</summary>
    public required string RequestedAt { get; init; }

    public required string FinishedAt { get; init; }
    public required long Processes { get; init; }

    /// <summary>That went or were rewritten; requests that were not blocks yet count as one each.</summary>
    public required long Blocks { get; init; }

    public required long Events { get; init; }

    /// <summary>Blocks that could not be read, and requests that are not blocks yet, may have it and cannot be read: they stay.</summary>
    public required long UnreadableBlocks { get; init; }

    /// <summary>Sentences about what the erasure does not cover.</summary>
    public required IReadOnlyList<string> Limits { get; init; }
}

/// <summary>A statement with the lake's signature: ECDSA over P-256 with SHA-256 of the statement's JSON, without spaces and in the order of its members.</summary>
public sealed record ErasureReceipt
{
    public required ErasureStatement Statement { get; init; }

    /// <summary>The public key, as base64 of its SubjectPublicKeyInfo: that of the lake, if <see cref="IsSignedBy"/> says so.</summary>
    public required string PublicKey { get; init; }

    /// <summary>Base64 of r and s, 32 bytes each.</summary>
    public required string Signature { get; init; }

    public static ErasureReceipt Sign(ErasureStatement statement, ErasureKeys keys)
    {
        using var key = keys.OpenSigningKey();
        return new ErasureReceipt
        {
            Statement = statement,
            PublicKey = Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()),
            Signature = Convert.ToBase64String(key.SignData(Bytes(statement), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)),
        };
    }

    /// <summary>Whether the lake that has these keys signed this very statement.</summary>
    public bool IsSignedBy(ErasureKeys keys)
    {
        using var key = keys.OpenSigningKey();
        var signature = new byte[64];
        return PublicKey == Convert.ToBase64String(key.ExportSubjectPublicKeyInfo())
            && Convert.TryFromBase64String(Signature, signature, out var bytes) && bytes == signature.Length
            && key.VerifyData(Bytes(Statement), signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    public string ToJson() => JsonSerializer.Serialize(this, ReceiptJson.Default.ErasureReceipt);

    /// <exception cref="InvalidDataException">The text is no receipt.</exception>
    public static ErasureReceipt FromJson(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, ReceiptJson.Default.ErasureReceipt) ?? throw new InvalidDataException("expected a receipt of an erasure, saw null");
        }
        catch (JsonException cause)
        {
            throw new InvalidDataException($"expected a receipt of an erasure, saw another text: {cause.Message}", cause);
        }
    }

    static byte[] Bytes(ErasureStatement statement) => JsonSerializer.SerializeToUtf8Bytes(statement, ReceiptJson.Default.ErasureStatement);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ErasureReceipt))]
sealed partial class ReceiptJson : JsonSerializerContext;

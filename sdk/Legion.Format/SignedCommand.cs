using System.Security.Cryptography;
using System.Text.Json;

namespace Legion.Format;

/// <summary>
/// The bytes of a command and the signature over exactly these bytes: ECDSA over P-256 with SHA-256, r and s of 32 bytes each, most significant first.
/// Nobody has checked either before <see cref="IsSignedBy"/> says so.
/// </summary>
public sealed record SignedCommand(ReadOnlyMemory<byte> Payload, ReadOnlyMemory<byte> Signature)
{
    public const int SignatureBytes = 64;

    /// <param name="privateKey">Of P-256.</param>
    public static SignedCommand Sign(RemoteCommand command, ECDsa privateKey)
    {
        var payload = command.ToBytes();
        return new SignedCommand(payload, privateKey.SignData(payload, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
    }

    public bool IsSignedBy(ECDsa publicKey) =>
        Payload.Length <= RemoteCommand.MostBytes && Signature.Length == SignatureBytes
        && publicKey.VerifyData(Payload.Span, Signature.Span, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);

    /// <summary>Names these bytes and no others.</summary>
    public byte[] Digest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Signature.Span);
        hash.AppendData(Payload.Span);
        return hash.GetHashAndReset();
    }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteBase64String("payload", Payload.Span);
        json.WriteBase64String("signature", Signature.Span);
        json.WriteEndObject();
    }

    /// <exception cref="InvalidDataException">The JSON has another form, or a size that none has.</exception>
    public static SignedCommand Read(JsonElement json)
    {
        var command = new SignedCommand(Member(json, "payload"), Member(json, "signature"));
        return command.Payload.Length <= RemoteCommand.MostBytes && command.Signature.Length == SignatureBytes
            ? command
            : throw new InvalidDataException($"signed command: expected at most {RemoteCommand.MostBytes} bytes and a signature of {SignatureBytes}, saw {command.Payload.Length} and {command.Signature.Length}");
    }

    static byte[] Member(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String && member.TryGetBytesFromBase64(out var bytes)
            ? bytes
            : throw new InvalidDataException($"signed command: expected a member '{name}' of base64");
}

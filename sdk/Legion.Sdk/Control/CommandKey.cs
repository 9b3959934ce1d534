using System.Security.Cryptography;

namespace Legion.Sdk;

/// <summary>The public key that remote commands must be signed for.</summary>
static class CommandKey
{
    const string P256 = "1.2.840.10045.3.1.7";
    const string Label = "PUBLIC KEY";

    /// <exception cref="ArgumentException">The text is no public key of P-256.</exception>
    public static void Check(string text) => Read(text).Dispose();

    /// <param name="text">A PEM of SubjectPublicKeyInfo, or its base64.</param>
    /// <exception cref="ArgumentException">It is no public key of P-256.</exception>
    public static ECDsa Read(string text)
    {
        var key = ECDsa.Create();
        try
        {
            if (PemEncoding.TryFind(text, out var fields) && !text.AsSpan()[fields.Label].SequenceEqual(Label))
                throw new CryptographicException($"it is of a {text[fields.Label].ToLowerInvariant()}");
            var bytes = Convert.FromBase64String(PemEncoding.TryFind(text, out fields) ? text[fields.Base64Data] : text);
            key.ImportSubjectPublicKeyInfo(bytes, out _);
            if (key.ExportParameters(includePrivateParameters: false).Curve.Oid.Value != P256) throw new CryptographicException("it is of another curve");
            return key;
        }
        catch (Exception cause) when (cause is CryptographicException or FormatException)
        {
            key.Dispose();
            throw new ArgumentException($"expected the public key of a P-256 pair as CommandKey, in PEM or the base64 of its SubjectPublicKeyInfo: {cause.Message}", nameof(text));
        }
    }
}

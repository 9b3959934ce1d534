using System.Security.Cryptography;

namespace Legion.Cli.Control;

/// <summary>The private key that remote commands are signed with, in a file that its owner alone may read.</summary>
static class CommandKeyFile
{
    const string P256 = "1.2.840.10045.3.1.7";

    /// <summary>Makes a pair and writes its private key to a new file.</summary>
    /// <returns>The public key: base64 of its SubjectPublicKeyInfo, on one line.</returns>
    public static string Create(string path)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            using var file = new StreamWriter(path, options);
            file.WriteLine(key.ExportPkcs8PrivateKeyPem());
        }
        catch (IOException) when (File.Exists(path))
        {
            throw CommandFailure.Failed($"cannot write a new key to '{path}': the file exists; name another, or delete it if no program has its public key");
        }
        return Convert.ToBase64String(key.ExportSubjectPublicKeyInfo());
    }

    /// <exception cref="CommandFailure">There is no such file, or no private key of P-256 in it.</exception>
    public static ECDsa Read(string path)
    {
        if (!File.Exists(path)) throw CommandFailure.NotFound($"cannot sign with '{path}': no such file; make one with `legion verbosity --new-key {path}`");
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(path));
            if (key.ExportParameters(includePrivateParameters: true).Curve.Oid.Value == P256) return key;
        }
        catch (Exception cause) when (cause is ArgumentException or CryptographicException)
        {
            // Said below.
        }
        key.Dispose();
        throw CommandFailure.Usage($"cannot sign with '{path}': expected a private key of P-256 in PEM; make one with `legion verbosity --new-key FILE`");
    }
}

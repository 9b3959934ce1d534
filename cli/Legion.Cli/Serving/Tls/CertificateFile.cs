using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;

namespace Legion.Cli.Serving.Tls;

/// <summary>
/// The certificate of the service, and those that lead to it, as they lie in files: PEM with the key in a file of its own or in the same, or PKCS#12.
/// Files that change are read again, by the next connections; where they then cannot be used, the certificate before stays.
/// </summary>
sealed partial class CertificateFile
{
    /// <summary>Of the environment variable with the password of a PKCS#12 file: a command line is for everybody to see.</summary>
    public const string PasswordVariable = "LEGION_CERTIFICATE_PASSWORD";

    /// <summary>How often connections have the files looked at.</summary>
    static readonly TimeSpan pause = TimeSpan.FromSeconds(1);

    readonly string path;
    readonly string? keyPath;
    readonly TimeProvider clock;
    readonly Lock reading = new();
    SslStreamCertificateContext current;
    DateTime writtenAt;
    long lookedAt;

    /// <param name="keyPath">Null where the key is in the same file.</param>
    /// <exception cref="CommandFailure">There is no certificate with its key.</exception>
    public CertificateFile(string path, string? keyPath, TimeProvider clock)
    {
        (this.path, this.keyPath, this.clock) = (path, keyPath, clock);
        try
        {
            writtenAt = WrittenAt();
            current = Read();
        }
        catch (Exception cause) when (IsRefusal(cause))
        {
            throw CommandFailure.Usage($"cannot use certificate '{path}': {cause.Message}", cause);
        }
        lookedAt = clock.GetTimestamp();
    }

    /// <summary>What the next connection is to show.</summary>
    public SslStreamCertificateContext Current(ILogger log)
    {
        lock (reading)
        {
            if (clock.GetElapsedTime(lookedAt) < pause) return current;
            lookedAt = clock.GetTimestamp();
            try
            {
                var now = WrittenAt();
                if (now == writtenAt) return current;
                current = Read();
                writtenAt = now;
            }
            catch (Exception cause) when (IsRefusal(cause))
            {
                // Half of it may be written yet: the next look tries again.
                NotRead(log, path, cause);
            }
            return current;
        }
    }

    static bool IsRefusal(Exception cause) => cause is CryptographicException or IOException or UnauthorizedAccessException;

    DateTime WrittenAt() => keyPath is null || File.GetLastWriteTimeUtc(path) > File.GetLastWriteTimeUtc(keyPath) ? File.GetLastWriteTimeUtc(path) : File.GetLastWriteTimeUtc(keyPath);

    SslStreamCertificateContext Read()
    {
        var all = new X509Certificate2Collection();
        X509Certificate2 own;
        if (X509Certificate2.GetCertContentType(path) == X509ContentType.Pfx)
        {
            all.AddRange(X509CertificateLoader.LoadPkcs12CollectionFromFile(path, Environment.GetEnvironmentVariable(PasswordVariable)));
            own = all.FirstOrDefault(one => one.HasPrivateKey) ?? throw new CryptographicException("expected a certificate with its key, saw none");
        }
        else
        {
            own = X509Certificate2.CreateFromPemFile(path, keyPath);
            all.ImportFromPemFile(path);
        }
        return SslStreamCertificateContext.Create(own, all, offline: true);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The certificate {Path} has changed and cannot be used; the one before stays")]
    static partial void NotRead(ILogger log, string path, Exception cause);
}

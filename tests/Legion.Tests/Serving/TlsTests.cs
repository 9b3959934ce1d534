using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Legion.Cli;
using Legion.Cli.Serving;
using Legion.Cli.Serving.Tls;
using Legion.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Legion.Tests.Serving;

/// <summary>The service over https, with a certificate made here.</summary>
public sealed class TlsTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("legion-test-").FullName;
    readonly ManualClock clock = new();

    string CertificatePath => Path.Combine(folder, "own.pem");

    string KeyPath => Path.Combine(folder, "own.key");

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task ANewCertificateIsShownToTheNextConnection()
    {
        using var lake = new TestLake();
        var first = Write("first");
        var file = new CertificateFile(CertificatePath, KeyPath, clock);
        var settings = new ServiceSettings { Addresses = new ServedAddresses(["https://127.0.0.1:0"], AreLoopback: false, NeedCertificate: true), Certificate = file };
        await using var app = ServedApplication.Build(settings, lake.Store);
        await app.StartAsync(Cancellation);
        var url = new Uri(app.Urls.Single());
        Assert.Equal(first, await ShownAsync(url));

        var second = Write("second");
        Assert.Equal(first, await ShownAsync(url));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(second, await ShownAsync(url));

        // Half-written: the one before stays.
        File.WriteAllText(KeyPath, "-----BEGIN PRIVATE KEY-----");
        File.SetLastWriteTimeUtc(KeyPath, DateTime.UtcNow.AddHours(1));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(second, await ShownAsync(url));

        using var handler = new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, shown, _, _) => shown!.GetCertHashString() == second } };
        using var client = new HttpClient(handler) { BaseAddress = url, DefaultRequestHeaders = { Host = "lake.example" } };
        using var answer = await client.GetAsync("/health", Cancellation);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.StartsWith("max-age=", answer.Headers.GetValues("Strict-Transport-Security").Single(), StringComparison.Ordinal);
        using var stranger = new HttpClient { BaseAddress = url };
        await Assert.ThrowsAsync<HttpRequestException>(() => stranger.GetAsync("/health", Cancellation));
    }

    [Fact]
    public void Pkcs12IsReadToo()
    {
        using var made = Make("own");
        var path = Path.Combine(folder, "own.pfx");
        File.WriteAllBytes(path, made.Export(X509ContentType.Pkcs12));
        Assert.Equal(made.GetCertHashString(), new CertificateFile(path, null, clock).Current(NullLogger.Instance).TargetCertificate.GetCertHashString());
    }

    [Fact]
    public void WhatIsNoCertificateIsSaidInASentence()
    {
        Assert.StartsWith($"cannot use certificate '{CertificatePath}': ", Assert.Throws<CommandFailure>(() => new CertificateFile(CertificatePath, null, clock)).Message, StringComparison.Ordinal);
        File.WriteAllText(CertificatePath, "nothing");
        Assert.StartsWith($"cannot use certificate '{CertificatePath}': ", Assert.Throws<CommandFailure>(() => new CertificateFile(CertificatePath, null, clock)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https needs a certificate", "--urls", "https://127.0.0.1:0")]
    [InlineData("of no use without an address of https", "--urls", "http://127.0.0.1:0", "--certificate", "a.pem")]
    [InlineData("of no use without --certificate", "--certificate-key", "a.pem")]
    [InlineData("as --proxy", "--proxy", "somewhere")]
    public async Task OptionsThatContradictEachOtherCreateNoLake(string expected, params string[] options)
    {
        var lake = Path.Combine(folder, "lake");
        var outcome = await Cli.LegionProgram.RunAsync(["serve", "--lake", lake, .. options]);
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(expected, outcome.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(lake));
    }

    [Fact]
    public async Task ARefusedServiceCreatesNoLake()
    {
        var lake = Path.Combine(folder, "lake");
        var outcome = await Cli.LegionProgram.RunAsync("serve", "--lake", lake, "--urls", "http://0.0.0.0:0");
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("the lake has no key", outcome.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(lake));
    }

    /// <returns>The hash of what was written.</returns>
    string Write(string name)
    {
        using var certificate = Make(name);
        File.WriteAllText(CertificatePath, certificate.ExportCertificatePem());
        File.WriteAllText(KeyPath, certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        return certificate.GetCertHashString();
    }

    static X509Certificate2 Make(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    static async Task<string> ShownAsync(Uri url)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(url.Host, url.Port, Cancellation);
        await using var stream = new SslStream(client.GetStream());
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "127.0.0.1", RemoteCertificateValidationCallback = (_, _, _, _) => true }, Cancellation);
        return stream.RemoteCertificate!.GetCertHashString();
    }
}

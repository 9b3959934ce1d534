using Microsoft.IdentityModel.Protocols;

namespace Legion.Cli.Serving.Tokens;

/// <summary>Reads what issuers publish: from where nobody on the way can have changed it, within a time and a size, and from nowhere that they send us on to.</summary>
sealed class IssuerDocuments : IDocumentRetriever, IDisposable
{
    const int MostBytes = 1 << 20;

    static readonly TimeSpan longest = TimeSpan.FromSeconds(10);

    readonly HttpClient client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = longest, MaxResponseContentBufferSize = MostBytes };

    public static bool MayBeRead(Uri address) => address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp && address.IsLoopback;

    /// <exception cref="HttpRequestException">It cannot be read.</exception>
    public Task<string> GetDocumentAsync(string address, CancellationToken cancel) => Uri.TryCreate(address, UriKind.Absolute, out var uri) && MayBeRead(uri)
        ? client.GetStringAsync(uri, cancel)
        : throw new HttpRequestException($"expected an address that begins with https, or with http on this machine, saw '{address}'");

    public void Dispose() => client.Dispose();
}

using System.Net;

namespace Legion.Cli.Serving;

/// <summary>Where the service listens.</summary>
/// <param name="AreLoopback">Whether only this machine can reach all of them.</param>
/// <param name="NeedCertificate">Whether one of them is of https.</param>
sealed record ServedAddresses(string[] Urls, bool AreLoopback, bool NeedCertificate = false)
{
    internal const string Default = "http://localhost:9020";

    /// <exception cref="CommandFailure">One is no http or https URL of an address of this machine.</exception>
    public static ServedAddresses Parse(string text)
    {
        var urls = text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (urls.Length == 0) throw CommandFailure.Usage($"cannot listen on '{text}': expected a URL such as {Default}");
        var (areLoopback, needCertificate) = (true, false);
        for (var i = 0; i < urls.Length; i++)
        {
            if (!Uri.TryCreate(urls[i], UriKind.Absolute, out var url) || url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps)
                throw CommandFailure.Usage($"cannot listen on '{urls[i]}': expected a URL such as {Default}");
            var isLocalhost = url.Host == "localhost";
            // Kestrel takes any other name for "all addresses of this machine", which nobody who writes a name means.
            if (!IPAddress.TryParse(url.Host.Trim('[', ']'), out var address) && !isLocalhost)
                throw CommandFailure.Usage($"cannot listen on '{urls[i]}': expected localhost or an address; http://0.0.0.0:{url.Port} is all of this machine's");
            needCertificate |= url.Scheme == Uri.UriSchemeHttps;
            areLoopback &= isLocalhost || IPAddress.IsLoopback(address!);
            // Kestrel picks a free port for an address only, as localhost may be two.
            if (isLocalhost && url.Port == 0) urls[i] = $"{url.Scheme}://127.0.0.1:0";
        }
        return new ServedAddresses(urls, areLoopback, needCertificate);
    }
}

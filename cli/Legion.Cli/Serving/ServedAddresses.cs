using System.Net;

namespace Legion.Cli.Serving;

/// <summary>Where the service listens.</summary>
/// <param name="AreLoopback">Whether only this machine can reach all of them.</param>
sealed record ServedAddresses(string[] Urls, bool AreLoopback)
{
    internal const string Default = "http://localhost:9020";

    /// <exception cref="CommandFailure">One is no http URL of an address of this machine.</exception>
    public static ServedAddresses Parse(string text)
    {
        var urls = text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (urls.Length == 0) throw CommandFailure.Usage($"cannot listen on '{text}': expected a URL such as {Default}");
        var areLoopback = true;
        for (var i = 0; i < urls.Length; i++)
        {
            if (!Uri.TryCreate(urls[i], UriKind.Absolute, out var url) || url.Scheme != Uri.UriSchemeHttp)
                throw CommandFailure.Usage($"cannot listen on '{urls[i]}': expected a URL such as {Default}");
            var isLocalhost = url.Host == "localhost";
            // Kestrel takes any other name for "all addresses of this machine", which nobody who writes a name means.
            if (!IPAddress.TryParse(url.Host.Trim('[', ']'), out var address) && !isLocalhost)
                throw CommandFailure.Usage($"cannot listen on '{urls[i]}': expected localhost or an address; http://0.0.0.0:{url.Port} is all of this machine's");
            areLoopback &= isLocalhost || IPAddress.IsLoopback(address!);
            // Kestrel picks a free port for an address only, as localhost may be two.
            if (isLocalhost && url.Port == 0) urls[i] = "http://127.0.0.1:0";
        }
        return new ServedAddresses(urls, areLoopback);
    }
}

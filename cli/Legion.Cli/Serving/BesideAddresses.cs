namespace Legion.Cli.Serving;

/// <summary>Where the service listens beside its own addresses: for exporters of OpenTelemetry, and for clients of Arrow Flight. Every address answers every route that its protocol allows.</summary>
/// <param name="Urls">Those for gRPC included, as the server writes them.</param>
/// <param name="GrpcPorts">Those that speak HTTP/2 alone: without TLS nobody can offer both.</param>
sealed record BesideAddresses(string[] Urls, bool AreLoopback, IReadOnlySet<int> GrpcPorts)
{
    const string GrpcScheme = "grpc://";

    /// <summary>The ports that exporters send to unless they are told otherwise.</summary>
    internal const string OtlpDefault = "http://localhost:4318;grpc://localhost:4317";

    internal const string FlightDefault = "grpc://localhost:9021";

    internal const string NoneName = "none";

    public static BesideAddresses None { get; } = new([], AreLoopback: true, new HashSet<int>());

    /// <param name="text">URLs separated by ';', of http or grpc; or none.</param>
    /// <exception cref="CommandFailure">One is no such URL of an address of this machine.</exception>
    public static BesideAddresses Parse(string text)
    {
        if (text == NoneName) return None;
        var ports = new HashSet<int>();
        var urls = text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        for (var i = 0; i < urls.Length; i++)
        {
            if (!urls[i].StartsWith(GrpcScheme, StringComparison.OrdinalIgnoreCase)) continue;
            urls[i] = Uri.UriSchemeHttp + "://" + urls[i][GrpcScheme.Length..];
            if (!Uri.TryCreate(urls[i], UriKind.Absolute, out var url) || url.Port is 0 or 80)
                throw CommandFailure.Usage($"cannot listen on '{text}' for gRPC: expected a port, as in grpc://localhost:4317");
            ports.Add(url.Port);
        }
        var served = ServedAddresses.Parse(string.Join(';', urls));
        if (served.Urls.Select(url => new Uri(url).Port).Count(ports.Contains) > ports.Count)
            throw CommandFailure.Usage($"cannot listen on '{text}': gRPC needs a port of its own");
        return new BesideAddresses(served.Urls, served.AreLoopback, ports);
    }
}

using System.CommandLine;
using System.Net;
using Legion.Cli.Commands;
using Legion.Cli.Serving.Tls;
using Legion.Cli.Serving.Tokens;

namespace Legion.Cli.Serving;

/// <summary>The options of <c>legion serve</c>, in the order of its help: where it listens, who may come in, how it ends.</summary>
sealed class ServeOptions
{
    static readonly TimeSpan longestDrain = TimeSpan.FromMinutes(10);

    readonly Option<string> urls = new("--urls") { Description = "where to listen, separated by ';': http or https", HelpName = "U", DefaultValueFactory = _ => ServedAddresses.Default };
    readonly Option<string?> otlpUrls = new("--otlp-urls")
    {
        Description = $"where to listen for exporters of OpenTelemetry, separated by ';', or {BesideAddresses.NoneName} (default: {BesideAddresses.OtlpDefault}, where --urls is left out)", HelpName = "U",
    };

    readonly Option<string?> flightUrls = new("--flight-urls")
    {
        Description = $"where to listen for clients of Arrow Flight, as grpc://address:port, or {BesideAddresses.NoneName}; addresses of https take them as well (default: {BesideAddresses.FlightDefault}, where --urls is left out)", HelpName = "U",
    };

    readonly Option<string> role = new("--role") { Description = "which part of the service to run", DefaultValueFactory = _ => ServiceRole.All.Name() };

    readonly Option<string?> certificate = new("--certificate")
    {
        Description = $"for https: the certificate and those that lead to it, as PEM or PKCS#12 (password: {CertificateFile.PasswordVariable}); read again when it changes", HelpName = "FILE",
    };

    readonly Option<string?> certificateKey = new("--certificate-key") { Description = "the certificate's key as PEM, where it is not in the same file", HelpName = "FILE" };

    readonly Option<string[]> proxies = new("--proxy")
    {
        Description = "proxies whose X-Forwarded-For and X-Forwarded-Proto are believed: addresses, or networks such as 10.0.0.0/8", HelpName = "A", AllowMultipleArgumentsPerToken = true,
    };

    readonly Option<bool> auth = new("--auth") { Description = "keys are needed on this machine, too" };
    readonly Option<bool> noAuth = new("--no-auth") { Description = "no keys are needed, whoever can reach the service" };

    readonly Option<string?> oidc = new("--oidc")
    {
        Description = "tokens are accepted beside keys: a JSON file that names their OpenID Connect issuers (see cli/Legion.Cli/Serving/README.md)", HelpName = "FILE",
    };

    readonly Option<bool> noSelfRecording = new("--no-self-recording") { Description = "the service does not record itself into its lake" };

    readonly Option<string> drainDelay = new("--drain-delay")
    {
        Description = "at the end, how long requests are still taken while /ready says 503: as long as a load balancer takes to see it", HelpName = "T", DefaultValueFactory = _ => "0s",
    };

    readonly Option<string> drainTimeout = new("--drain-timeout") { Description = "at the end, how long requests that run may take", HelpName = "T", DefaultValueFactory = _ => "30s" };

    readonly LimitOptions limits;
    readonly SqlLimitOptions sql;

    ServeOptions(Command command)
    {
        role.AcceptOnlyFromAmong([.. Enum.GetValues<ServiceRole>().Select(role => role.Name())]);
        foreach (var option in (Option[])[urls, otlpUrls, flightUrls, role, certificate, certificateKey, proxies, auth, noAuth, oidc, noSelfRecording, drainDelay, drainTimeout]) command.Add(option);
        limits = LimitOptions.AddTo(command);
        sql = SqlLimitOptions.AddTo(command);
    }

    public static ServeOptions AddTo(Command command) => new(command);

    /// <summary>Where to listen, as it was said.</summary>
    public string Urls(ParseResult parsed) => parsed.GetRequiredValue(urls);

    /// <exception cref="CommandFailure">They make no sense, or a file that they name does not.</exception>
    public ServiceSettings Settings(ParseResult parsed)
    {
        var guard = parsed.GetValue(auth) ? auth.Name : parsed.GetValue(oidc) is not null ? oidc.Name : null;
        if (guard is not null && parsed.GetValue(noAuth)) throw CommandFailure.Usage($"{guard} and {noAuth.Name} contradict each other; leave one out");
        var addresses = ServedAddresses.Parse(Urls(parsed));
        var served = Enum.GetValues<ServiceRole>().Single(one => one.Name() == parsed.GetRequiredValue(role));
        var exports = BesideAddresses.Parse(parsed.GetValue(otlpUrls) ?? (Urls(parsed) == ServedAddresses.Default && served.Ingests() ? BesideAddresses.OtlpDefault : BesideAddresses.NoneName));
        var flight = BesideAddresses.Parse(parsed.GetValue(flightUrls) ?? (Urls(parsed) == ServedAddresses.Default && served.Shows() ? BesideAddresses.FlightDefault : BesideAddresses.NoneName));
        return new ServiceSettings
        {
            Addresses = addresses,
            Exports = exports,
            Flight = flight,
            Role = served,
            Limits = limits.Read(parsed),
            Sql = sql.Read(parsed),
            Certificate = Certificate(parsed, addresses.NeedCertificate || exports.Urls.Concat(flight.Urls).Any(url => url.StartsWith(Uri.UriSchemeHttps + ":", StringComparison.OrdinalIgnoreCase))),
            Proxies = [.. (parsed.GetValue(proxies) ?? []).Select(ParseProxy)],
            IsGuarded = guard is not null || !(addresses.AreLoopback && exports.AreLoopback && flight.AreLoopback) && !parsed.GetValue(noAuth),
            Issuers = parsed.GetValue(oidc) is { } file ? TokenIssuerFile.Read(file) : [],
            RecordsItself = !parsed.GetValue(noSelfRecording),
            DrainDelay = TimeOption.Duration(parsed, drainDelay, longestDrain),
            DrainTimeout = TimeOption.Duration(parsed, drainTimeout, longestDrain),
        };
    }

    CertificateFile? Certificate(ParseResult parsed, bool isNeeded) => (parsed.GetValue(certificate), parsed.GetValue(certificateKey), isNeeded) switch
    {
        (null, null, false) => null,
        (null, _, true) => throw CommandFailure.Usage($"cannot listen on {Urls(parsed)}: https needs a certificate; name one with {certificate.Name}"),
        (null, _, _) => throw CommandFailure.Usage($"{certificateKey.Name} is of no use without {certificate.Name}"),
        (_, _, false) => throw CommandFailure.Usage($"{certificate.Name} is of no use without an address of https in {urls.Name}"),
        var (path, key, _) => new CertificateFile(path, key, TimeProvider.System),
    };

    static IPNetwork ParseProxy(string text)
    {
        if (IPAddress.TryParse(text, out var address)) return new IPNetwork(address, address.GetAddressBytes().Length * 8);
        return IPNetwork.TryParse(text, out var network) ? network : throw CommandFailure.Usage($"cannot use '{text}' as --proxy: expected an address, or a network such as 10.0.0.0/8");
    }
}

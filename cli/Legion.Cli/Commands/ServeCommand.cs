using System.CommandLine;
using Legion.Cli.Serving;
using Legion.Cli.Serving.Tokens;
using Legion.Lakehouse;
using Legion.Store;

namespace Legion.Cli.Commands;

/// <summary><c>legion serve</c>: the service, or one role of it.</summary>
static class ServeCommand
{
    internal const string Name = "serve";
    internal const string DefaultUrls = ServedAddresses.Default;

    static readonly TimeSpan longestDrain = TimeSpan.FromMinutes(10);

    public static Command Create()
    {
        var urls = new Option<string>("--urls") { Description = "where to listen, separated by ';'", HelpName = "U", DefaultValueFactory = _ => DefaultUrls };
        var otlpUrls = new Option<string?>("--otlp-urls")
        {
            Description = $"where to listen for exporters of OpenTelemetry, separated by ';', or {ExportAddresses.NoneName} (default: {ExportAddresses.Default}, where --urls is left out)", HelpName = "U",
        };
        var role = new Option<string>("--role") { Description = "which part of the service to run", DefaultValueFactory = _ => RoleName(ServiceRole.All) };
        role.AcceptOnlyFromAmong([.. Enum.GetValues<ServiceRole>().Select(RoleName)]);
        var auth = new Option<bool>("--auth") { Description = "keys are needed on this machine, too" };
        var noAuth = new Option<bool>("--no-auth") { Description = "no keys are needed, whoever can reach the service" };
        var oidc = new Option<string?>("--oidc") { Description = "tokens are accepted beside keys: a JSON file that names their OpenID Connect issuers (see cli/Legion.Cli/Serving/README.md)", HelpName = "FILE" };
        var drainDelay = new Option<string>("--drain-delay")
        {
            Description = "at the end, how long requests are still taken while /ready says 503: as long as a load balancer takes to see it", HelpName = "T", DefaultValueFactory = _ => "0s",
        };
        var drainTimeout = new Option<string>("--drain-timeout") { Description = "at the end, how long requests that run may take", HelpName = "T", DefaultValueFactory = _ => "30s" };

        var command = new Command(Name, "Runs the service. Only this machine is served without keys; make keys with `legion keys create`.") { urls, otlpUrls, role, auth, noAuth, oidc, drainDelay, drainTimeout };
        var limits = LimitOptions.AddTo(command);
        var redact = RedactOption.AddTo(command);
        var lake = LakeOptions.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var guard = parsed.GetValue(auth) ? auth.Name : parsed.GetValue(oidc) is not null ? oidc.Name : null;
            if (guard is not null && parsed.GetValue(noAuth)) throw CommandFailure.Usage($"{guard} and {noAuth.Name} contradict each other; leave one out");
            var addresses = ServedAddresses.Parse(parsed.GetRequiredValue(urls));
            var served = Enum.GetValues<ServiceRole>().Single(one => RoleName(one) == parsed.GetRequiredValue(role));
            var exports = ExportAddresses.Parse(parsed.GetValue(otlpUrls) ?? (parsed.GetRequiredValue(urls) == DefaultUrls && served.Ingests() ? ExportAddresses.Default : ExportAddresses.NoneName));
            var areLoopback = addresses.AreLoopback && exports.AreLoopback;
            var store = lake.OpenOrCreate(parsed);
            var settings = new ServiceSettings
            {
                Addresses = addresses,
                Exports = exports,
                Redaction = await redact.ReadAsync(parsed, store, cancellation),
                IsGuarded = guard is not null || !areLoopback && !parsed.GetValue(noAuth),
                Issuers = parsed.GetValue(oidc) is { } file ? TokenIssuerFile.Read(file) : [],
                Role = served,
                Limits = limits.Read(parsed),
                DrainDelay = ParseTime(parsed, drainDelay),
                DrainTimeout = ParseTime(parsed, drainTimeout),
            };
            if (settings.IsGuarded && settings.Issuers.Count == 0 && !areLoopback) await RequireKeyAsync(store, parsed.GetRequiredValue(urls), cancellation);
            using var end = new EndSignal();
            await using var app = ServedApplication.Build(settings, store);
            await ServedApplication.StartAsync(app, string.Join(' ', addresses.Urls.Concat(exports.Urls)), cancellation);
            var output = parsed.InvocationConfiguration.Output;
            output.WriteLine($"listening on {string.Join(" ", app.Urls.Except(exports.Urls))}, lake {lake.Location(parsed)}");
            if (exports.Urls.Length > 0) output.WriteLine($"exporters of OpenTelemetry may send to {string.Join(" ", exports.Urls)}");
            if (!settings.IsGuarded) output.WriteLine(areLoopback ? "no key is needed, as only this machine is served" : "no key is needed: whoever can reach this address can read and write the lake");
            await end.Told;
            await ServedApplication.EndAsync(app, end.Hurry);
            return ExitCode.Done;
        });
        return command;
    }

    static string RoleName(ServiceRole role) => role switch
    {
        ServiceRole.All => "all",
        ServiceRole.Ingestion => "ingestion",
        ServiceRole.Viewer => "viewer",
        _ => throw new ArgumentOutOfRangeException(nameof(role), role, null),
    };

    static TimeSpan ParseTime(ParseResult parsed, Option<string> option)
    {
        var text = parsed.GetRequiredValue(option);
        return TimeText.TryParseDurationNs(text, out var ns) && ns >= 0 && TimeSpan.FromTicks(ns / TimeSpan.NanosecondsPerTick) is var time && time <= longestDrain
            ? time
            : throw CommandFailure.Usage($"cannot use '{text}' as {option.Name}: expected a time such as 5s, at most {longestDrain.TotalMinutes} minutes");
    }

    /// <summary>Where everybody may knock and nobody can come in, something was forgotten.</summary>
    static async Task RequireKeyAsync(LakeStore store, string urls, CancellationToken cancellation)
    {
        var nowNs = (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
        if (!(await store.Catalog.ReadKeysAsync(null, cancellation)).Any(key => key.IsUsable(nowNs)))
            throw CommandFailure.Usage($"cannot listen on {urls}: other machines could reach it, and the lake has no key; make one with `legion keys create --role admin --lake {store.Location}`, or say --no-auth");
    }
}

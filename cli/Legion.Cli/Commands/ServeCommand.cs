using System.CommandLine;
using Legion.Cli.Serving;
using Legion.Store;

namespace Legion.Cli.Commands;

/// <summary><c>legion serve</c>: the service, or one role of it.</summary>
static class ServeCommand
{
    internal const string Name = "serve";
    internal const string DefaultUrls = ServedAddresses.Default;

    public static Command Create()
    {
        var command = new Command(Name, "Runs the service. Only this machine is served without keys; make keys with `legion keys create`.");
        var options = ServeOptions.AddTo(command);
        var redact = RedactOption.AddTo(command);
        var lake = LakeOptions.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var (settings, urls) = (options.Settings(parsed), options.Urls(parsed));
            // Before anything is created, as nothing should be where the service then does not run.
            if (settings.IsGuarded && settings.Issuers.Count == 0 && !settings.IsLoopback) await RequireKeyAsync(lake.Location(parsed), urls, cancellation);
            using var end = new EndSignal();
            var store = lake.OpenOrCreate(parsed);
            var (exports, flight) = (settings.Exports.Urls, settings.Flight.Urls);
            await using var app = ServedApplication.Build(settings with { Redaction = await redact.ReadAsync(parsed, store, cancellation) }, store);
            await ServedApplication.StartAsync(app, string.Join(' ', [urls, .. exports, .. flight]), cancellation);
            var output = parsed.InvocationConfiguration.Output;
            output.WriteLine($"listening on {string.Join(" ", app.Urls.Except([.. exports, .. flight]))}, lake {lake.Location(parsed)}");
            if (exports.Length > 0) output.WriteLine($"exporters of OpenTelemetry may send to {string.Join(" ", exports)}");
            if (flight.Length > 0) output.WriteLine($"clients of Arrow Flight may ask {string.Join(" ", flight.Select(url => "grpc" + url[url.IndexOf(':')..]))}");
            if (!settings.IsGuarded) output.WriteLine(settings.IsLoopback ? "no key is needed, as only this machine is served" : "no key is needed: whoever can reach this address can read and write the lake");
            await end.Told;
            await ServedApplication.EndAsync(app, end.Hurry);
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>Where everybody may knock and nobody can come in, something was forgotten.</summary>
    static async Task RequireKeyAsync(LakeLocation location, string urls, CancellationToken cancellation)
    {
        if (!await HasKeyAsync(location, cancellation))
            throw CommandFailure.Usage($"cannot listen on {urls}: other machines could reach it, and the lake has no key; make one with `legion keys create --role admin --lake {location}`, or say --no-auth");
    }

    static async Task<bool> HasKeyAsync(LakeLocation location, CancellationToken cancellation)
    {
        var nowNs = (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
        try
        {
            return (await LakeStore.Open(location).Catalog.ReadKeysAsync(null, cancellation)).Any(key => key.IsUsable(nowNs));
        }
        catch (LakeNotFoundException)
        {
            return false;
        }
    }
}

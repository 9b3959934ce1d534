using System.CommandLine;
using Legion.Cli.Control;
using Legion.Format;
using Legion.Lakehouse;

namespace Legion.Cli.Commands;

/// <summary><c>legion verbosity PROCESS-FILTER LEVEL --ttl 10m</c>: makes living processes log more or less for a while, by a signed command that the service hands to them.</summary>
static class VerbosityCommand
{
    const string KeyVariable = "LEGION_COMMAND_KEY";

    /// <summary>While somebody watches, blocks are cut at this age, so that what is seen is hardly older.</summary>
    static readonly TimeSpan WatchedBlockAge = TimeSpan.FromSeconds(1);

    public static Command Create()
    {
        var filter = new Argument<string?>("PROCESS-FILTER") { Description = "a process id, or \"property = value\" for all living processes that have it", Arity = ArgumentArity.ZeroOrOne };
        var level = new Argument<string?>("LEVEL") { Description = "logs below it are not recorded: trace, debug, info, warn, error or fatal", Arity = ArgumentArity.ZeroOrOne };
        var ttl = new Option<string?>("--ttl") { Description = "how long it holds, at most 15m; then it reverts by itself", HelpName = "10m" };
        var url = new Option<string>("--url") { Description = "the service that the processes send to", HelpName = "U", DefaultValueFactory = _ => ServeCommand.DefaultUrls };
        var key = new Option<string?>("--key") { Description = $"the private key, in PEM (default: {KeyVariable})", HelpName = "FILE" };
        var target = new Option<string[]>("--target") { Description = "for this target alone; may be given more than once", HelpName = "NAME", DefaultValueFactory = _ => [] };
        var all = new Option<bool>("--no-sampling") { Description = "sends meanwhile what the program's sampling would leave out" };
        var newKey = new Option<string?>("--new-key") { Description = "writes a new private key to FILE and prints the public key for the programs' CommandKey", HelpName = "FILE" };

        var command = new Command("verbosity", "Makes living processes log more or less for a while.") { filter, level, ttl, url, key, target, all, newKey };
        command.SetAction(async (parsed, cancellation) =>
        {
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(newKey) is { } file)
            {
                if (parsed.GetValue(filter) is not null) throw CommandFailure.Usage("--new-key makes a key and does nothing else; leave PROCESS-FILTER and LEVEL out");
                output.WriteLine(CommandKeyFile.Create(file));
                return ExitCode.Done;
            }
            if (parsed.GetValue(filter) is not { } text || parsed.GetValue(level) is not { } named || parsed.GetValue(ttl) is not { } time)
                throw CommandFailure.Usage("expected PROCESS-FILTER, LEVEL and --ttl; see `legion verbosity --help`");

            var processes = ProcessFilter.Parse(text);
            var (minimum, targets) = (ParseLevel(named), parsed.GetRequiredValue(target));
            var said = new RemoteCommand
            {
                ProcessId = default,
                Number = 0,
                TimeToLive = ParseTimeToLive(time),
                MinimumLevel = targets.Length == 0 ? minimum : null,
                Levels = targets.Distinct().ToDictionary(name => name, _ => minimum),
                Sampling = parsed.GetValue(all) ? false : null,
                BlockAge = WatchedBlockAge,
            };
            using var privateKey = CommandKeyFile.Read(parsed.GetValue(key) ?? (Environment.GetEnvironmentVariable(KeyVariable) is { Length: > 0 } path ? path
                : throw CommandFailure.Usage($"expected --key or {KeyVariable} to name the private key; make one with `legion verbosity --new-key FILE`")));
            using var service = ServiceClient.Parse(parsed.GetRequiredValue(url));
            var told = 0;
            foreach (var process in await service.FindAsync(processes, cancellation))
            {
                var number = (ulong)DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
                if (!await service.TryPostAsync(SignedCommand.Sign(said with { ProcessId = process, Number = number }, privateKey), cancellation)) continue;
                output.WriteLine(process);
                told++;
            }
            return told > 0 ? ExitCode.Done : throw CommandFailure.NotFound($"no living process is '{text}'; see `legion processes`");
        });
        return command;
    }

    static Level ParseLevel(string text) => Enum.TryParse<Level>(text, ignoreCase: true, out var level) && Enum.IsDefined(level)
        ? level
        : throw CommandFailure.Usage($"cannot use '{text}' as a level: expected {string.Join(", ", Enum.GetNames<Level>()).ToLowerInvariant()}");

    static TimeSpan ParseTimeToLive(string text) =>
        TimeText.TryParseDurationNs(text, out var ns) && TimeSpan.FromTicks(ns / 100) is var time && time >= TimeSpan.FromMilliseconds(1) && time <= RemoteCommand.LongestTimeToLive
            ? time
            : throw CommandFailure.Usage($"cannot use '{text}' as --ttl: expected a time such as 90s or 10m, at most {RemoteCommand.LongestTimeToLive.TotalMinutes}m");
}

using Legion.Format;

namespace Legion.Sdk;

/// <summary>Carries out remote commands, each until its time is over or another takes its place; then what the program's options say holds again. Asked by the flusher at each pass.</summary>
sealed class RemoteControl(CommandInbox inbox, CommandVerifier verifier, TelemetryOptions options, TimeProvider clock, SelfLog selfLog)
{
    RemoteCommand? current;
    long since;

    /// <summary>Carries out commands that are signed for the key in the options.</summary>
    public static RemoteControl Of(CommandInbox inbox, Guid processId, TelemetryOptions options, SelfLog selfLog) =>
        new(inbox, new CommandVerifier(processId, CommandKey.Read(options.CommandKey!), TimeProvider.System, selfLog), options, TimeProvider.System, selfLog);

    /// <summary>Age at which blocks are cut.</summary>
    public TimeSpan BlockAge => current?.BlockAge ?? options.BlockAge;

    /// <summary>Whether what sampling would leave out may be left out.</summary>
    public bool IsSampling => current?.Sampling ?? true;

    public void Pass()
    {
        foreach (var signed in inbox.TakeAll())
        {
            if (verifier.Accept(signed) is not { } command) continue;
            (current, since) = (command, clock.GetTimestamp());
            Verbosity.Set(command.MinimumLevel ?? options.MinimumLevel, Levels(command));
            selfLog.Report($"remote command {command.Number} holds for {command.TimeToLive.TotalSeconds:0.###} s");
        }
        if (current is null || clock.GetElapsedTime(since) < current.TimeToLive) return;
        selfLog.Report($"remote command {current.Number} has expired: the program's own options hold again");
        current = null;
        Verbosity.Set(options.MinimumLevel, options.Levels);
    }

    /// <summary>The command's levels, and of the program's own those that it does not speak of.</summary>
    Dictionary<string, Level> Levels(RemoteCommand command)
    {
        var levels = new Dictionary<string, Level>(options.Levels);
        foreach (var (target, level) in command.Levels) levels[target] = level;
        return levels;
    }
}

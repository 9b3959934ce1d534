using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using Legion.Cli.Commands;
using Legion.Store;

namespace Legion.Cli;

/// <summary>
/// The <c>legion</c> command: one file per command in <c>Commands</c>, listed here.
/// This is where what went wrong becomes one sentence on stderr and an exit code; commands throw.
/// </summary>
static class CommandLine
{
    /// <summary>No <see cref="RootCommand"/>, which would call itself by the program's file.</summary>
    static Command Root() => new("legion", "Legion Performance Analytics: record cheap, read maybe.")
    {
        new HelpOption(),
        new VersionOption(),
        DemoCommand.Create(),
        ServeCommand.Create(),
        QueryCommand.Create(),
        ProcessesCommand.Create(),
        MaterializeCommand.Create(),
        ImportCommand.Create(),
        ExportCommand.Create(),
        SpoolCommand.Create(),
        GenerateCommand.Create(),
        LakeCommand.Create(),
        EraseCommand.Create(),
        KeysCommand.Create(),
        VerbosityCommand.Create(),
        NotebookCommand.Create(),
        ReportCommand.Create(),
        KernelCommand.Create(),
        BenchCommand.Create(),
        TestCommand.Create(),
    };

    /// <summary>Reads a command line without running it.</summary>
    public static ParseResult Parse(string[] arguments) => Root().Parse(arguments);

    public static async Task<int> RunAsync(string[] arguments)
    {
        var parsed = Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            var seen = parsed.UnmatchedTokens.Count > 0 ? $"unrecognized command or argument '{parsed.UnmatchedTokens[0]}'" : string.Join(' ', parsed.Errors[0].Message.TrimEnd('.').Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            Report($"{seen}; see `{Name(parsed.CommandResult)} --help`");
            return ExitCode.Usage;
        }
        try
        {
            return await parsed.InvokeAsync(Configuration(parsed));
        }
        catch (CommandFailure failure)
        {
            Report(failure.Message);
            return failure.ExitCode;
        }
        catch (LakeNotFoundException cause)
        {
            Report(cause.Message);
            return ExitCode.NotFound;
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            Report(cause.Message);
            return ExitCode.Failed;
        }
        catch (OperationCanceledException)
        {
            Report("cancelled");
            return ExitCode.Failed;
        }
    }

    /// <summary>A service hears itself that it is told to end, and finishes what it does first; other commands have the two seconds that the library gives.</summary>
    static InvocationConfiguration Configuration(ParseResult parsed)
    {
        var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false };
        if (parsed.CommandResult.Command.Name == ServeCommand.Name) configuration.ProcessTerminationTimeout = null;
        return configuration;
    }

    static string Name(CommandResult command) => command.Parent is CommandResult parent ? $"{Name(parent)} {command.Command.Name}" : command.Command.Name;

    static void Report(string sentence) => Console.Error.WriteLine("legion: " + sentence);
}

namespace Legion.Cli;

/// <summary>Ends a command with an exit code and one sentence that says what was seen and what to do.</summary>
sealed class CommandFailure : Exception
{
    CommandFailure(int exitCode, string sentence, Exception? cause) : base(sentence, cause) => ExitCode = exitCode;

    public int ExitCode { get; }

    public static CommandFailure Failed(string sentence, Exception? cause = null) => new(Cli.ExitCode.Failed, sentence, cause);
    public static CommandFailure Usage(string sentence, Exception? cause = null) => new(Cli.ExitCode.Usage, sentence, cause);
    public static CommandFailure NotFound(string sentence, Exception? cause = null) => new(Cli.ExitCode.NotFound, sentence, cause);
}

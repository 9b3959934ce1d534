namespace Legion.Cli;

/// <summary>What scripts rely on.</summary>
static class ExitCode
{
    public const int Done = 0;

    /// <summary>The work failed.</summary>
    public const int Failed = 1;

    /// <summary>The command was used wrongly: trying again as it is cannot help.</summary>
    public const int Usage = 2;

    /// <summary>What was named does not exist.</summary>
    public const int NotFound = 3;
}

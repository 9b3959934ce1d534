namespace Legion.Cli.Control;

/// <summary>The key that the command line shows to a service. It comes from the environment, as arguments are everybody's to see.</summary>
static class ServiceKey
{
    public const string Variable = "LEGION_API_KEY";

    /// <returns>Null where there is none.</returns>
    /// <exception cref="CommandFailure">It cannot stand in a header.</exception>
    public static string? Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } key) return null;
        return key.AsSpan().ContainsAnyExceptInRange(' ', '~') ? throw CommandFailure.Usage($"cannot use the key in {Variable}: expected visible ASCII characters") : key;
    }
}

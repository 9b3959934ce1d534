using Legion.Store;

namespace Legion.Cli.Commands;

/// <summary>A tenant that an option names.</summary>
static class CommandTenant
{
    /// <exception cref="CommandFailure">The text is no tenant's name.</exception>
    public static Tenant Parse(string text)
    {
        try
        {
            return new Tenant(text);
        }
        catch (FormatException cause)
        {
            throw CommandFailure.Usage(cause.Message, cause);
        }
    }
}

using System.CommandLine;
using Legion.Store;

namespace Legion.Cli.Commands;

/// <summary>The option that says whose data a command is about. Each command adds its own instance.</summary>
sealed class CommandTenant
{
    readonly Option<string> option;

    CommandTenant(string description) => option = new("--tenant") { Description = description, HelpName = "T", DefaultValueFactory = _ => Tenant.Default.Name };

    public static CommandTenant AddTo(Command command, string description = "whose data")
    {
        var tenant = new CommandTenant(description);
        command.Add(tenant.option);
        return tenant;
    }

    /// <exception cref="CommandFailure">The text is no tenant's name.</exception>
    public Tenant Read(ParseResult parsed)
    {
        try
        {
            return new Tenant(parsed.GetRequiredValue(option));
        }
        catch (FormatException cause)
        {
            throw CommandFailure.Usage(cause.Message, cause);
        }
    }
}

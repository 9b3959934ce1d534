using System.CommandLine;
using Legion.Store;

namespace Legion.Cli;

/// <summary>The options <c>--lake</c> and <c>--catalog</c>, and what stands in for them. Each command adds its own instance.</summary>
sealed class LakeOptions
{
    const string CatalogVariable = "LEGION_CATALOG";

    readonly Option<string?> lake = new("--lake")
    {
        Description = $"the lake: DIR or file:DIR (default: {LakeLocation.Variable}, or legion/lake in the user's data folder)",
        HelpName = "L",
    };

    readonly Option<string?> catalog = new("--catalog")
    {
        Description = $"the catalog of a lake that is no folder (default: {CatalogVariable})",
        HelpName = "C",
    };

    public static LakeOptions AddTo(Command command)
    {
        var options = new LakeOptions();
        command.Add(options.lake);
        command.Add(options.catalog);
        return options;
    }

    /// <exception cref="CommandFailure">The options name no lake that can be opened.</exception>
    public LakeLocation Location(ParseResult parsed)
    {
        LakeLocation location;
        try
        {
            location = LakeLocation.Parse(parsed.GetValue(lake) ?? LakeLocation.DefaultText);
        }
        catch (FormatException cause)
        {
            throw CommandFailure.Usage(cause.Message, cause);
        }
        if ((parsed.GetValue(catalog) ?? Variable(CatalogVariable)) is { } named)
            throw CommandFailure.Usage($"cannot use catalog '{named}': a lake in a folder has its catalog inside; leave --catalog and {CatalogVariable} out");
        return location;
    }

    /// <summary>Opens the lake to read it.</summary>
    /// <exception cref="LakeNotFoundException">There is none.</exception>
    public LakeStore Open(ParseResult parsed) => LakeStore.Open(Location(parsed));

    /// <summary>Opens the lake to write to it, and creates it where there is none.</summary>
    public LakeStore OpenOrCreate(ParseResult parsed) => LakeStore.OpenOrCreate(Location(parsed));

    static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}

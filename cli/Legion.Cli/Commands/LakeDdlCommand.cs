using System.CommandLine;
using Legion.Lakehouse;
using Legion.Store;

namespace Legion.Cli.Commands;

/// <summary><c>legion lake ddl</c>: how other engines read the views' files.</summary>
static class LakeDdlCommand
{
    public static Command Create()
    {
        var engine = new Option<string>("--engine") { Description = "for which engine", DefaultValueFactory = _ => TableDefinition.Athena };
        engine.AcceptOnlyFromAmong(TableDefinition.Athena, TableDefinition.Trino, TableDefinition.Spark);
        var view = new Option<string?>("--view") { Description = "of one view alone (default: all that have files)", HelpName = "V" };
        var command = new Command("ddl", "Prints table definitions for other engines, over manifests that name the current files of each view from then on.") { engine, view };
        var tenantOption = CommandTenant.AddTo(command);
        var lakeOptions = LakeOptions.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var tenant = tenantOption.Read(parsed);
            var views = Views.All.Where(one => one.Source == ViewSource.Blocks).ToArray();
            if (parsed.GetValue(view) is { } name)
                views = [views.FirstOrDefault(one => one.Name == name) ?? throw CommandFailure.NotFound($"there are no files of a view '{name}' for other engines (views: {string.Join(", ", views.Select(one => one.Name))})")];
            var lake = lakeOptions.Open(parsed);
            var manifests = new PublishedManifests(lake, tenant);
            foreach (var one in views)
            {
                await manifests.PublishAsync(one.Name, one.SchemaVersion, cancellation);
                parsed.InvocationConfiguration.Output.WriteLine(new TableDefinition(one, lake.Location, tenant).Of(parsed.GetRequiredValue(engine)));
            }
            return ExitCode.Done;
        });
        return command;
    }
}

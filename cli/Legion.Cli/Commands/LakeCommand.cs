using System.CommandLine;
using System.Text.Json;
using Legion.Store;

namespace Legion.Cli.Commands;

/// <summary><c>legion lake ...</c>: administration.</summary>
static class LakeCommand
{
    public static Command Create() => new("lake", "Looks after a lake.") { Info(), LakeVerifyCommand.Create(), LakeDdlCommand.Create(), LakeSweepCommand.Create(), LakeCompactCommand.Create(), LakeRetentionCommand.Create(), LakePolicyCommand.Create(), LakeBackupCommand.CreateBackup(), LakeBackupCommand.CreateRestore() };

    static Command Info()
    {
        var json = new Option<bool>("--json") { Description = "one JSON object" };
        var command = new Command("info", "Says how much the lake holds of a tenant.") { json };
        var tenantOption = CommandTenant.AddTo(command);
        var lake = LakeOptions.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var tenant = tenantOption.Read(parsed);
            var store = lake.Open(parsed);
            var totals = await store.Catalog.ReadTotalsAsync(tenant, cancellation);
            var arrivals = await store.Catalog.ReadArrivalTotalsAsync(tenant, cancellation);
            Print(parsed.InvocationConfiguration.Output, store.Location, totals, arrivals, parsed.GetValue(json));
            return ExitCode.Done;
        });
        return command;
    }

    static void Print(TextWriter output, LakeLocation location, LakeTotals totals, ArrivalTotals arrivals, bool asJson)
    {
        (string Name, long Value)[] values =
        [
            ("processes", totals.Processes),
            ("streams", totals.Streams),
            ("blocks", totals.Blocks),
            ("events", totals.Events),
            ("bytes", totals.BlockBytes),
            ("raw_bytes", totals.RawBytes),
            ("objects", totals.Objects),
            ("partitions", totals.Partitions),
            ("partition_bytes", totals.PartitionBytes),
            ("arrivals", arrivals.Waiting),
            ("failed_arrivals", arrivals.Failed),
        ];
        if (asJson)
        {
            output.WriteLine(JsonSerializer.Serialize(values.Select(value => KeyValuePair.Create(value.Name, (object)value.Value))
                .Prepend(KeyValuePair.Create("lake", (object)location.ToString())).ToDictionary()));
            return;
        }
        output.WriteLine($"{"lake",-16}{location}");
        foreach (var (name, value) in values) output.WriteLine($"{name,-16}{value:N0}");
    }
}

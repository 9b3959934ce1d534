using System.CommandLine;
using System.Text.Json;
using Legion.Format;
using Legion.Store;

namespace Legion.Cli.Commands;

/// <summary><c>legion lake retention</c>: for how long a tenant's data is kept.</summary>
static class LakeRetentionCommand
{
    static readonly string[] classes = [.. Enum.GetValues<StreamClass>().Select(StoreNames.Class)];

    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "an array with one object a rule" };
        var command = new Command("retention", "Lists for how many days what is kept; a signal without a rule is kept for good.") { Set(), Run(), json };
        var lake = LakeOptions.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var rules = await lake.Open(parsed).Catalog.ReadRetentionAsync(null, cancellation);
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json)) output.WriteLine(JsonSerializer.Serialize(rules.Select(rule => new { tenant = rule.Tenant.Name, signal = StoreNames.Class(rule.Class), days = rule.Days })));
            else foreach (var rule in rules) output.WriteLine($"{rule.Tenant}  {StoreNames.Class(rule.Class),-6}  {rule.Days} days");
            return ExitCode.Done;
        });
        return command;
    }

    static Command Set()
    {
        var signal = new Option<string>("--signal") { Description = "which class of streams", Required = true };
        signal.AcceptOnlyFromAmong(classes);
        var days = new Option<string>("--days") { Description = "for how many days, today included; `all` for good", HelpName = "N", Required = true };
        var command = new Command("set", "Says for how many days a signal is kept.") { signal, days };
        var tenant = CommandTenant.AddTo(command);
        var lake = LakeOptions.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var streamClass = Enum.GetValues<StreamClass>().Single(one => StoreNames.Class(one) == parsed.GetRequiredValue(signal));
            await lake.OpenOrCreate(parsed).Catalog.SetRetentionAsync(tenant.Read(parsed), streamClass, ParseDays(parsed.GetRequiredValue(days)), cancellation);
            return ExitCode.Done;
        });
        return command;
    }

    static Command Run()
    {
        var json = new Option<bool>("--json") { Description = "one JSON object" };
        var command = new Command("run", "Drops what is older than it is kept. Services do it once a day.") { json };
        var lake = LakeOptions.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            RetentionTotals totals;
            using (var progress = new CountLine("objects deleted")) totals = await new RetentionRun(lake.Open(parsed), TimeProvider.System).RunAsync(progress, cancellation);
            parsed.InvocationConfiguration.Output.WriteLine(parsed.GetValue(json)
                ? JsonSerializer.Serialize(new { processes = totals.Processes, blocks = totals.Blocks, bytes = totals.Bytes, objects = totals.Objects, buckets = totals.Buckets })
                : FormattableString.Invariant($"dropped {totals.Blocks:N0} blocks ({totals.Bytes:N0} bytes) in {totals.Objects:N0} objects, {totals.Processes:N0} processes and {totals.Buckets:N0} days of the database"));
            return ExitCode.Done;
        });
        return command;
    }

    static int? ParseDays(string text) => text == "all" ? null
        : int.TryParse(text, out var days) && days is >= 1 and <= RetentionRule.MostDays ? days
        : throw CommandFailure.Usage($"cannot use '{text}' as --days: expected 1 to {RetentionRule.MostDays}, or all");
}

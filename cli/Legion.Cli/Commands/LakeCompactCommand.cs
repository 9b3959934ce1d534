using System.CommandLine;
using System.Text.Json;
using Legion.Lakehouse;

namespace Legion.Cli.Commands;

/// <summary><c>legion lake compact</c>: puts small partitions of neighbouring slots into one further file. Services do it by themselves.</summary>
static class LakeCompactCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "one JSON object" };
        var command = new Command("compact", "Puts rows of small partitions that lie next to each other into one further file, so that queries open fewer.") { json };
        var lake = LakeOptions.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            CompactionTotals totals;
            using (var progress = new CountLine("files written")) totals = await new PartitionCompaction(lake.Open(parsed), TimeProvider.System).RunAsync(progress, cancellation);
            parsed.InvocationConfiguration.Output.WriteLine(parsed.GetValue(json)
                ? JsonSerializer.Serialize(new { partitions = totals.Partitions, files = totals.Files, bytes = totals.Bytes })
                : FormattableString.Invariant($"compacted {totals.Partitions:N0} partitions into {totals.Files:N0} files ({totals.Bytes:N0} bytes)"));
            return ExitCode.Done;
        });
        return command;
    }
}

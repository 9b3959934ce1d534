using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Legion.Cli.Query;
using Legion.Lakehouse;

namespace Legion.Cli.Commands;

/// <summary><c>legion materialize VIEW</c>: builds what is missing or stale.</summary>
static class MaterializeCommand
{
    public static Command Create()
    {
        var view = new Argument<string>("VIEW") { Description = "spans, log_entries, measures, problems or events.TYPE" };
        var process = new Option<string?>("--process") { Description = "of one process (default: all)", HelpName = "P" };
        var global = new Option<bool>("--global") { Description = "of log_entries, measures or frames, the files of many processes, and what sums them up; of span_rollups the sums that policies ask for" };
        var json = new Option<bool>("--json") { Description = "one JSON object" };
        var command = new Command("materialize", "Builds partitions of a view.") { view, process, global, json };
        var tenantOption = CommandTenant.AddTo(command);
        var lakeOptions = LakeOptions.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var tenant = tenantOption.Read(parsed);
            var name = parsed.GetRequiredValue(view);
            var lake = new Lake(lakeOptions.Open(parsed), tenant);
            using var progress = new ProgressLine();
            var watch = Stopwatch.StartNew();
            BuildTotals totals;
            try
            {
                if (parsed.GetValue(global))
                {
                    if (parsed.GetValue(process) is { } named) throw CommandFailure.Usage($"cannot build files of many processes for process '{named}' alone: leave out --process or --global");
                    totals = await lake.MaterializeGlobalAsync(name, cancellation) ?? throw CommandFailure.Failed($"cannot build files of {name}: another program, such as a service of this lake, is about it");
                }
                else totals = await lake.MaterializeAsync(name, ProcessId(parsed.GetValue(process)), progress, cancellation);
            }
            catch (NotInLakeException cause)
            {
                throw CommandFailure.NotFound(cause.Message, cause);
            }
            progress.Dispose();
            var seconds = Math.Round(watch.Elapsed.TotalSeconds, 3);
            parsed.InvocationConfiguration.Output.WriteLine(parsed.GetValue(json)
                ? JsonSerializer.Serialize(new { view = name, rows = totals.BuiltRows, bytes = totals.BuiltBytes, seconds, built = totals.Built, reused = totals.Reused })
                : FormattableString.Invariant($"{name}: {totals.BuiltRows:N0} rows, {totals.BuiltBytes:N0} bytes in {totals.Built} partitions, {seconds} seconds; {totals.Reused} were current"));
            return ExitCode.Done;
        });
        return command;
    }

    static Guid? ProcessId(string? text) => text is null ? null
        : Guid.TryParse(text, out var id) ? id
        : throw CommandFailure.NotFound($"there is no process '{text}': a process id is a UUID, `legion processes` lists them");
}

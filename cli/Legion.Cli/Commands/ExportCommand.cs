using System.CommandLine;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;

namespace Legion.Cli.Commands;

/// <summary><c>legion export PROCESS</c>: a process as a file of another tool.</summary>
static class ExportCommand
{
    public static Command Create()
    {
        var process = new Argument<string>("PROCESS") { Description = "the process's id" };
        var to = new Option<ExportFormat>("--to")
        {
            Description = "perfetto: all of it, as JSON trace events, which Chrome opens, too; speedscope: spans of threads; parquet or csv: the rows of one view", HelpName = "TOOL", Required = true,
        };
        var file = new Option<string>("--out") { Description = "the file to write; one of that name is replaced", HelpName = "FILE", Required = true };
        var view = new Option<string>("--view") { Description = "for parquet and csv: which view", HelpName = "V", DefaultValueFactory = _ => Views.Spans.Name };
        var command = new Command("export", "Writes a process into a file that other tools open. It is written as it is read, so that its size does not matter.") { process, to, file, view };
        var tenantOption = CommandTenant.AddTo(command);
        var lakeOptions = LakeOptions.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            if (!Guid.TryParseExact(parsed.GetRequiredValue(process), "D", out var id)) throw CommandFailure.Usage($"cannot export '{parsed.GetRequiredValue(process)}': expected a process's id; `legion processes` lists them");
            await using var audited = new AuditedLake(lakeOptions.Open(parsed), tenantOption.Read(parsed), parsed.InvocationConfiguration.Error);
            try
            {
                await ProcessExport.WriteAsync(audited.Lake, id, parsed.GetRequiredValue(to), parsed.GetRequiredValue(file), parsed.GetRequiredValue(view), cancellation: cancellation);
            }
            catch (NotInLakeException cause)
            {
                throw CommandFailure.NotFound(cause.Message, cause);
            }
            catch (QueryException cause)
            {
                throw CommandFailure.Failed(cause.Message, cause);
            }
            return ExitCode.Done;
        });
        return command;
    }
}

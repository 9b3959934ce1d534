using System.CommandLine;
using Legion.Cli.Export;
using Legion.Cli.Query;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;

namespace Legion.Cli.Commands;

/// <summary><c>legion export PROCESS</c>: a process as a file of another tool.</summary>
static class ExportCommand
{
    const string Perfetto = "perfetto", Speedscope = "speedscope", Parquet = "parquet", Csv = "csv";

    public static Command Create()
    {
        var process = new Argument<string>("PROCESS") { Description = "the process's id" };
        var to = new Option<string>("--to")
        {
            Description = $"{Perfetto}: all of it, as JSON trace events, which Chrome opens, too; {Speedscope}: spans of threads; {Parquet} or {Csv}: the rows of one view", HelpName = "TOOL", Required = true,
        };
        to.AcceptOnlyFromAmong(Perfetto, Speedscope, Parquet, Csv);
        var file = new Option<string>("--out") { Description = "the file to write; one of that name is replaced", HelpName = "FILE", Required = true };
        var view = new Option<string>("--view") { Description = $"for {Parquet} and {Csv}: which view", HelpName = "V", DefaultValueFactory = _ => Views.Spans.Name };
        var command = new Command("export", "Writes a process into a file that other tools open. It is written as it is read, so that its size does not matter.") { process, to, file, view };
        var tenantOption = CommandTenant.AddTo(command);
        var lakeOptions = LakeOptions.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            if (!Guid.TryParseExact(parsed.GetRequiredValue(process), "D", out var id)) throw CommandFailure.Usage($"cannot export '{parsed.GetRequiredValue(process)}': expected a process's id; `legion processes` lists them");
            await using var audited = new AuditedLake(lakeOptions.Open(parsed), tenantOption.Read(parsed), parsed.InvocationConfiguration.Error);
            var lake = audited.Lake;
            var path = Path.GetFullPath(parsed.GetRequiredValue(file));
            // Under another name until it is whole.
            var part = $"{path}.{Guid.NewGuid():N}.part";
            try
            {
                var exported = await ExportedProcess.FindAsync(lake, id, cancellation);
                await using (var output = new FileStream(part, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16))
                    await WriteAsync(lake, exported, parsed.GetRequiredValue(to), parsed.GetRequiredValue(view), output, cancellation);
                File.Move(part, path, overwrite: true);
            }
            catch (NotInLakeException cause)
            {
                throw CommandFailure.NotFound(cause.Message, cause);
            }
            catch (QueryException cause)
            {
                throw CommandFailure.Failed(cause.Message, cause);
            }
            finally
            {
                if (File.Exists(part)) File.Delete(part);
            }
            return ExitCode.Done;
        });
        return command;
    }

    static async Task WriteAsync(Lake lake, ExportedProcess exported, string tool, string view, Stream output, CancellationToken cancellation)
    {
        switch (tool)
        {
            case Perfetto:
                using (var trace = new ChromeTrace(exported, output)) await trace.WriteAsync(cancellation);
                break;
            case Speedscope:
                using (var profile = new SpeedscopeFile(exported, output)) await profile.WriteAsync(cancellation);
                break;
            default:
                var options = new QueryOptions { Parameters = new Dictionary<string, object?> { ["process"] = exported.Process.ProcessId } };
                using (var result = await lake.QueryAsync($"SELECT * FROM {Quoted(view)} WHERE process_id = $process", options, cancellation))
                await using (var text = new StreamWriter(output, leaveOpen: true))
                    await ResultWriter.WriteAsync(result, tool, text, output, cancellation);
                break;
        }
    }

    static string Quoted(string view)
    {
        var prefix = Views.EventsSchema + ".";
        return view.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) ? $"{Views.EventsSchema}.{Name(view[prefix.Length..])}" : Name(view);

        static string Name(string name) => $"\"{name.Replace("\"", "\"\"")}\"";
    }
}

using System.CommandLine;
using System.Text.Json;
using Legion.Lakehouse;
using Legion.Store;

namespace Legion.Cli.Commands;

/// <summary><c>legion import FILE</c>: appends a recording, what OpenTelemetry exported, or a trace of Chrome to a lake on the path that ingestion takes.</summary>
static class ImportCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "a .legion recording; export requests of OpenTelemetry in JSON, one, or one after the other as a collector's file exporter writes them; or JSON trace events of Chrome, which many tools write" };
        var json = new Option<bool>("--json") { Description = "one JSON object with the process ids and what became of the blocks" };
        var command = new Command("import", "Appends a recording, exports of OpenTelemetry or a trace of Chrome to the lake and prints each process id, a line each.") { file, json };
        var redact = RedactOption.AddTo(command);
        var lake = LakeOptions.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var path = parsed.GetRequiredValue(file);
            if (!File.Exists(path)) throw CommandFailure.NotFound($"cannot import '{path}': no such file");
            var store = lake.OpenOrCreate(parsed);
            var import = new FileImport(store, TimeProvider.System, await redact.ReadAsync(parsed, store, cancellation));
            ImportReport report;
            try
            {
                report = await import.AppendAsync(path, cancellation);
            }
            catch (InvalidDataException cause)
            {
                throw CommandFailure.Failed(cause.Message, cause);
            }
            Print(parsed.InvocationConfiguration.Output, report, parsed.GetValue(json));
            return report.Missing is null ? ExitCode.Done : throw CommandFailure.Failed($"imported '{path}' in part: {report.Missing}");
        });
        return command;
    }

    static void Print(TextWriter output, ImportReport report, bool asJson)
    {
        if (!asJson)
        {
            foreach (var process in report.Processes) output.WriteLine(process);
            return;
        }
        output.WriteLine(JsonSerializer.Serialize(new { processes = report.Processes, blocks = Enum.GetValues<BlockCode>().ToDictionary(code => code.ToString().ToLowerInvariant(), code => report.Blocks.GetValueOrDefault(code)) }));
    }
}

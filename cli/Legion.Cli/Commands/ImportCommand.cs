using System.CommandLine;
using System.Text.Json;
using Legion.Cli.Import;
using Legion.Store;

namespace Legion.Cli.Commands;

/// <summary><c>legion import FILE</c>: appends a recording to a lake, on the path that ingestion takes.</summary>
static class ImportCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "a .legion recording" };
        var json = new Option<bool>("--json") { Description = "one JSON object with the process ids and what became of the blocks" };
        var command = new Command("import", "Appends a recording to the lake and prints each process id, a line each.") { file, json };
        var lake = LakeOptions.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var path = parsed.GetRequiredValue(file);
            if (!File.Exists(path)) throw CommandFailure.NotFound($"cannot import '{path}': no such file");
            using var recording = RecordingFile.Open(path);
            var import = new RecordingImport(lake.OpenOrCreate(parsed));
            var damage = await import.AppendAsync(recording, cancellation);
            Print(parsed.InvocationConfiguration.Output, import, parsed.GetValue(json));
            if (damage is not null) throw CommandFailure.Failed($"imported '{path}' in part: {damage}");
            return ExitCode.Done;
        });
        return command;
    }

    static void Print(TextWriter output, RecordingImport import, bool asJson)
    {
        if (!asJson)
        {
            foreach (var process in import.Processes) output.WriteLine(process);
            return;
        }
        output.WriteLine(JsonSerializer.Serialize(new
        {
            processes = import.Processes,
            blocks = Enum.GetValues<BlockCode>().ToDictionary(code => code.ToString().ToLowerInvariant(), import.Count),
        }));
    }
}

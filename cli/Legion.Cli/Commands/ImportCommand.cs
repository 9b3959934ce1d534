using System.CommandLine;
using System.Text.Json;
using Legion.Cli.Import;
using Legion.Cli.Import.Chrome;
using Legion.Format;
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
            if (ExportFile.IsChromeTrace(path)) return await ImportTraceAsync(parsed, path, store, await redact.ReadAsync(parsed, store, cancellation), parsed.GetValue(json), cancellation);
            if (ExportFile.IsJson(path)) return await ImportExportsAsync(parsed, path, store, await redact.ReadAsync(parsed, store, cancellation), parsed.GetValue(json), cancellation);
            using var recording = RecordingFile.Open(path);
            var import = new RecordingImport(store);
            var damage = await import.AppendAsync(recording, cancellation);
            Print(parsed.InvocationConfiguration.Output, import.Processes, import.Count, parsed.GetValue(json));
            return damage is null ? ExitCode.Done : throw CommandFailure.Failed($"imported '{path}' in part: {damage}");
        });
        return command;
    }

    static async Task<int> ImportExportsAsync(ParseResult parsed, string path, LakeStore store, Redaction redaction, bool asJson, CancellationToken cancellation)
    {
        var import = new ExportImport(store, TimeProvider.System, redaction);
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var damage = await import.AppendAsync(file, cancellation);
        Print(parsed.InvocationConfiguration.Output, import.Processes, import.Count, asJson);
        return damage is null ? ExitCode.Done : throw CommandFailure.Failed($"imported '{path}' in part: {damage}");
    }

    static async Task<int> ImportTraceAsync(ParseResult parsed, string path, LakeStore store, Redaction redaction, bool asJson, CancellationToken cancellation)
    {
        var import = new ChromeImport(store, redaction);
        string? fault;
        try
        {
            fault = await import.AppendAsync(path, cancellation);
        }
        catch (InvalidDataException cause)
        {
            throw CommandFailure.Failed($"cannot import '{path}': {cause.Message}", cause);
        }
        Print(parsed.InvocationConfiguration.Output, import.Processes, import.Count, asJson);
        return fault is null ? ExitCode.Done : throw CommandFailure.Failed($"imported '{path}' in part: {fault}");
    }

    static void Print(TextWriter output, IReadOnlyList<Guid> processes, Func<BlockCode, long> count, bool asJson)
    {
        if (!asJson)
        {
            foreach (var process in processes) output.WriteLine(process);
            return;
        }
        output.WriteLine(JsonSerializer.Serialize(new { processes, blocks = Enum.GetValues<BlockCode>().ToDictionary(code => code.ToString().ToLowerInvariant(), count) }));
    }
}

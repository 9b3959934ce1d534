using System.CommandLine;
using Legion.Kernel;
using Legion.Kernel.Cells;

namespace Legion.Cli.Commands;

/// <summary><c>legion notebook run FILE</c>: executes a notebook without Jupyter.</summary>
static class NotebookCommand
{
    public static Command Create() => new("notebook", "Notebooks without Jupyter.") { Run() };

    static Command Run()
    {
        var file = new Argument<string>("FILE") { Description = "a notebook (.ipynb)" };
        var set = new Option<string[]>("--set") { Description = "sets a C# variable before the notebook runs", HelpName = "name=value", DefaultValueFactory = _ => [] };
        var output = new Option<string?>("--out") { Description = "writes the notebook with its outputs as one HTML file that needs no other", HelpName = "FILE.html" };
        var command = new Command("run", "Executes a notebook from its first cell to its last.") { file, set, output };
        command.SetAction(async (parsed, cancellation) =>
        {
            await ExecuteAsync(parsed.GetRequiredValue(file), Values(parsed.GetRequiredValue(set)), parsed.GetValue(output), cancellation);
            return ExitCode.Done;
        });
        return command;
    }

    /// <exception cref="CommandFailure">There is no such notebook, or one of its cells failed.</exception>
    public static async Task ExecuteAsync(string file, IReadOnlyDictionary<string, string> values, string? reportFile, CancellationToken cancellation)
    {
        if (!File.Exists(file)) throw CommandFailure.NotFound($"cannot run '{file}': no such file");
        var showProgress = !Console.IsErrorRedirected;
        var result = await NotebookRunner.RunAsync(new NotebookRun
        {
            File = file,
            Magics = Notebooks.Magics(),
            Modules = Notebooks.Modules(),
            Values = values,
            ReportFile = reportFile,
        }, (cell, cells) => { if (showProgress) Console.Error.Write($"\r\u001b[Kcell {cell} of {cells}"); }, cancellation);
        if (showProgress) Console.Error.Write("\r\u001b[K");
        if (!result.Succeeded) throw CommandFailure.Failed($"cell {result.FailedCell} of '{file}' failed: {Sentence(result.Error!)}");
    }

    static string Sentence(ErrorOutput error) => string.Join(' ', $"{error.Name}: {error.Message}".Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    static Dictionary<string, string> Values(string[] settings)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var setting in settings)
        {
            var equals = setting.IndexOf('=');
            if (equals <= 0) throw CommandFailure.Usage($"cannot set '{setting}': expected name=value");
            values[setting[..equals]] = setting[(equals + 1)..];
        }
        return values;
    }
}

using System.CommandLine;
using System.Globalization;

namespace Legion.Cli.Commands;

/// <summary><c>legion bench</c>: runs the benchmarks that were built beside it.</summary>
static class BenchCommand
{
    public static Command Create()
    {
        var suite = new Argument<string?>("suite") { Arity = ArgumentArity.ZeroOrOne, Description = "sdk, ingestion, lakehouse, query, notebook or viewer (default: all)" };
        suite.AcceptOnlyFromAmong("sdk", "ingestion", "lakehouse", "query", "notebook", "viewer");
        var spans = new Option<double?>("--spans") { Description = "how many spans the large cases use, such as 1e8", HelpName = "N" };
        var lake = new Option<string?>("--lake") { Description = "keeps the lake of the large case of the lakehouse suite here; where it was broken off, the next run goes on", HelpName = "DIR" };
        var json = new Option<bool>("--json") { Description = "one JSON object a line" };

        var command = new Command("bench", "Benchmarks against peers and limits in the same run.") { suite, spans, lake, json };
        command.SetAction((parsed, cancellation) =>
        {
            var arguments = new List<string>();
            if (parsed.GetValue(suite) is { } name) arguments.Add(name);
            if (parsed.GetValue(spans) is { } count) arguments.AddRange(["--spans", count.ToString("R", CultureInfo.InvariantCulture)]);
            if (parsed.GetValue(lake) is { } folder) arguments.AddRange(["--lake", folder]);
            if (parsed.GetValue(json)) arguments.Add("--json");
            return RunAsync(Clone.Find("bench"), arguments, cancellation);
        });
        return command;
    }

    static Task<int> RunAsync(Clone clone, List<string> arguments, CancellationToken cancellation)
    {
        var program = Path.Combine(clone.Folder, "artifacts", "bin", "Legion.Benchmarks", "release", "Legion.Benchmarks");
        if (!File.Exists(program)) throw CommandFailure.NotFound($"cannot run '{program}': it is not built; start as ./legion bench");
        return ChildProcess.RunAsync(program, arguments, Environment.CurrentDirectory, cancellation);
    }
}

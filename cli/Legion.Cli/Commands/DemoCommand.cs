using System.CommandLine;
using System.Diagnostics;
using Legion.Cli.Demo;
using Legion.Cli.Serving;
using Legion.Lakehouse;
using Legion.Store;

namespace Legion.Cli.Commands;

/// <summary><c>legion demo</c>: the main job from end to end, on a lake of its own.</summary>
static class DemoCommand
{
    static readonly string[] MaterializedViews = ["spans", "log_entries", "measures", "events.FrameStats", "problems"];

    const int ShopRequests = 400;

    public static Command Create()
    {
        var folder = new Option<string>("--out") { Description = "where the lake and the report go", HelpName = "DIR", DefaultValueFactory = _ => "out" };
        var command = new Command("demo", "Records a real program, looks at it, and leaves a report and a link.") { folder };
        command.SetAction(async (parsed, cancellation) =>
        {
            await RunAsync(Clone.Find("demo"), Path.GetFullPath(parsed.GetRequiredValue(folder)), parsed.GetRequiredValue(folder), parsed.InvocationConfiguration.Output, cancellation);
            return ExitCode.Done;
        });
        return command;
    }

    static async Task RunAsync(Clone clone, string folder, string shownFolder, TextWriter output, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        var location = LakeLocation.Parse(Path.Combine(folder, "lake"));
        Directory.CreateDirectory(folder);
        await using var service = ServedApplication.Build(new ServiceSettings { Addresses = ServedAddresses.Parse("http://127.0.0.1:0") }, LakeStore.OpenOrCreate(location));
        await ServedApplication.StartAsync(service, "a free port", cancellation);
        var url = service.Urls.Single();

        output.WriteLine("recording the sample, which packs files for ten seconds ...");
        var printed = await RunSampleAsync(clone, "Legion.Sample.Archive", ["--url", url], cancellation);
        var counts = RecordedCounts.Parse(printed.TrimEnd().Split('\n')[^1]);
        Step(output, watch, $"recorded process {counts.ProcessId}");
        await RunSampleAsync(clone, "Legion.Sample.Web", ["--requests", $"{ShopRequests}", "--per-second", "100", $"--Legion:Endpoint={url}"], cancellation);
        Step(output, watch, $"recorded a shop that answers {ShopRequests} requests, for the notebooks on requests and memory");

        var lake = new Lake(LakeStore.Open(location));
        var built = default(BuildTotals);
        foreach (var view in MaterializedViews) built += await lake.MaterializeAsync(view, counts.ProcessId, cancellation: cancellation);
        Step(output, watch, $"materialized {built.BuiltRows:N0} rows");
        await counts.CompareAsync(lake, output, cancellation);

        var report = Path.Combine(folder, "report.html");
        var values = new Dictionary<string, string> { ["lake"] = location.ToString(), ["process"] = counts.ProcessId.ToString() };
        await NotebookCommand.ExecuteAsync(Path.Combine(clone.Folder, "notebooks", "getting-started.ipynb"), values, report, cancellation);
        Step(output, watch, "executed the getting-started notebook");

        var page = $"process/{counts.ProcessId}/timeline";
        await CheckViewerAsync(url, counts.ProcessId, page, cancellation);
        await service.StopAsync(cancellation);
        Step(output, watch, "checked the viewer's link");

        output.WriteLine($"""

            report   {Path.Combine(shownFolder, "report.html")} (opens without any server)
            viewer   ./legion serve --lake {Path.Combine(shownFolder, "lake")}
                     then {ServeCommand.DefaultUrls}/{page}
            """);
    }

    /// <returns>What the sample printed.</returns>
    static async Task<string> RunSampleAsync(Clone clone, string sample, string[] arguments, CancellationToken cancellation)
    {
        var program = Path.Combine(clone.Folder, "artifacts", "bin", sample, "release", sample);
        if (!File.Exists(program)) throw CommandFailure.NotFound($"cannot run '{program}': it is not built; start as ./legion demo");
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, UseShellExecute = false })!;
        try
        {
            var printed = await process.StandardOutput.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);
            return process.ExitCode == 0 ? printed : throw CommandFailure.Failed($"the sample {sample} ended with exit code {process.ExitCode}");
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
    }

    /// <summary>The page, the questions it asks first, and a tile answer.</summary>
    static async Task CheckViewerAsync(string url, Guid process, string page, CancellationToken cancellation)
    {
        using var client = new HttpClient { BaseAddress = new Uri(url) };
        foreach (var path in (string[])[page, $"api/processes/{process}", $"tiles/{process}"])
        {
            using var answer = await client.GetAsync(path, cancellation);
            if (!answer.IsSuccessStatusCode) throw CommandFailure.Failed($"the viewer answered {(int)answer.StatusCode} to {path}: {await answer.Content.ReadAsStringAsync(cancellation)}");
        }
    }

    static void Step(TextWriter output, Stopwatch watch, string done) => output.WriteLine(FormattableString.Invariant($"{watch.Elapsed.TotalSeconds,6:F1} s  {done}"));
}

using System.Diagnostics;
using System.Text.Json;

namespace Legion.Benchmarks;

/// <summary>
/// The kernel as <c>legion kernel install</c> leaves it, driven by Jupyter's own client (kernel_times.py), with nothing else running.
/// Needs Python with jupyter_client; for the flame cell more.
/// </summary>
static class NotebookSuite
{
    const string Bench = "notebook";
    const string Python = "/usr/bin/python3";
    const int Runs = 10;

    public static IEnumerable<BenchmarkRow> Run(BenchmarkSize size)
    {
        if (!File.Exists(Python) || !Succeeds(Python, ["-I", "-c", "import jupyter_client"]))
        {
            Console.Error.WriteLine($"the suite 'notebook' needs {Python} with jupyter_client: left out");
            yield break;
        }
        var folder = Directory.CreateTempSubdirectory("legion-bench-");
        try
        {
            Environment.SetEnvironmentVariable("JUPYTER_DATA_DIR", folder.FullName);
            Environment.SetEnvironmentVariable("XDG_DATA_HOME", folder.FullName);
            var root = RepositoryRoot.Of(AppContext.BaseDirectory);
            ProgramOutput.Of(Path.Combine(root, "artifacts", "bin", "Legion.Cli", "release", "Legion.Cli"), ["kernel", "install"]);
            // The first start reads the program from the disk, which says more of the disk.
            var script = Path.Combine(root, "tests", "Legion.Benchmarks", "kernel_times.py");
            ProgramOutput.Of(Python, ["-I", "-B", script]);
            var runs = Enumerable.Range(0, Runs).Select(_ => JsonDocument.Parse(ProgramOutput.Of(Python, ["-I", "-B", script])).RootElement).ToList();
            BenchmarkRow Row(string name, string time, double target) =>
                BenchmarkRow.Of(Bench, name, "ms", runs.Select(run => run.GetProperty(time).GetDouble()).ToList(), Aim.AtMost, target);
            yield return Row("kernel-ready", "ready", 700);
            yield return Row("first-cell", "firstCell", 1500);
            yield return Row("later-cell", "laterCell", 30);
            yield return Row("first-completion", "firstCompletion", 1200);
            yield return Row("later-completion", "laterCompletion", 100);
            if (ViewerSuite.Chromium(root) is not { } chromium || !Succeeds(Python, ["-I", "-c", "import notebook"]))
            {
                Console.Error.WriteLine("the flame cell needs Jupyter Notebook, Chromium and the packages of web-viewer/app (npm ci): left out");
                yield break;
            }
            foreach (var row in FlameCellTimes.Run(root, Python, chromium, size))
                yield return row;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static bool Succeeds(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}

using System.Diagnostics;
using System.Text.Json;
using Legion.Lakehouse.Graphs;

namespace Legion.Benchmarks;

/// <summary>
/// From a link to the first meaningful paint of its flame chart, in a real browser before the real service on loopback:
/// once with nothing materialized, then with everything there. Needs Chromium and the viewer's npm packages.
/// Before that, the layout of a call graph.
/// </summary>
static class ViewerSuite
{
    const string Bench = "viewer";
    const int Runs = 5;

    public static IEnumerable<BenchmarkRow> Run(BenchmarkSize size)
    {
        yield return GraphLayout("calls", cycles: false);
        yield return GraphLayout("tangle", cycles: true);
        var spans = Math.Min(size.Spans, 1_000_000);
        var root = RepositoryRoot.Of(AppContext.BaseDirectory);
        if (Chromium(root) is not { } chromium)
        {
            Console.Error.WriteLine("the suite 'viewer' needs Chromium and the packages of web-viewer/app (npm ci): left out");
            yield break;
        }
        double[] cold = new double[Runs], warm = new double[Runs], sharp = new double[Runs];
        for (var run = 0; run < Runs; run++)
        {
            using var lake = new GeneratedLake(spans);
            using var service = new Service(root, lake.Folder);
            using var answer = JsonDocument.Parse(ProgramOutput.Of("node", [Path.Combine(root, "web-viewer", "app", "tests", "browser", "firstView.mjs"), chromium, service.Address, lake.ProcessId.ToString()]));
            double Read(string visit, string what) => answer.RootElement.GetProperty(visit).GetProperty(what).GetDouble();
            (cold[run], warm[run], sharp[run]) = (Read("cold", "first"), Read("warm", "first"), Read("warm", "sharp"));
        }
        yield return BenchmarkRow.Of(Bench, $"first-view-cold-{spans}-spans", "ms", cold, Aim.AtMost, 500);
        yield return BenchmarkRow.Of(Bench, $"first-view-{spans}-spans", "ms", warm, Aim.AtMost, 250);
        yield return BenchmarkRow.Of(Bench, $"sharp-view-{spans}-spans", "ms", sharp);
    }

    /// <summary>Places of a graph of 10,000 functions and 50,000 calls, on one thread.</summary>
    /// <param name="cycles">Whether any function may call any other, which makes one large cycle of most; otherwise few call back, as in real programs.</param>
    static BenchmarkRow GraphLayout(string name, bool cycles)
    {
        var random = new Random(1);
        var edges = new GraphEdge[CallGraph.UsualEdges];
        for (var edge = 0; edge < edges.Length; edge++)
        {
            var (from, to) = (random.Next(CallGraph.UsualNodes), random.Next(CallGraph.UsualNodes));
            // Callees are mostly a little further down, and some are called from everywhere.
            if (!cycles) (from, to) = random.Next(100) == 0 ? (Math.Max(from, to), Math.Min(from, to)) : (from, Math.Min(CallGraph.UsualNodes - 1, from + 1 + (int)((CallGraph.UsualNodes - from) * Math.Pow(random.NextDouble(), 3))));
            edges[edge] = new(from, to);
        }
        var milliseconds = new double[Runs];
        for (var run = -1; run < Runs; run++)
        {
            var watch = Stopwatch.StartNew();
            var points = LayeredLayout.Of(CallGraph.UsualNodes, edges).Points();
            milliseconds[Math.Max(run, 0)] = watch.Elapsed.TotalMilliseconds;
            if (points.Distinct().Count() != points.Length) throw new InvalidOperationException("two functions have one place");
        }
        return BenchmarkRow.Of(Bench, $"graph-layout-{name}-10k-50k", "ms", milliseconds, Aim.AtMost, 2000);
    }

    /// <summary>Where Chromium is; null where it or what drives it is missing.</summary>
    public static string? Chromium(string root) => !Directory.Exists(Path.Combine(root, "web-viewer", "app", "node_modules", "playwright-core")) ? null
        : new[] { Environment.GetEnvironmentVariable("CHROMIUM"), "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }.FirstOrDefault(File.Exists);

    /// <summary><c>legion serve</c> on a free port of loopback.</summary>
    sealed class Service : IDisposable
    {
        readonly Process process;

        public Service(string root, string lake)
        {
            var program = Path.Combine(root, "artifacts", "bin", "Legion.Cli", "release", "Legion.Cli");
            process = Process.Start(new ProcessStartInfo(program, ["serve", "--no-self-recording", "--lake", lake, "--urls", "http://127.0.0.1:0"]) { RedirectStandardOutput = true })!;
            // "listening on http://127.0.0.1:1234, lake /folder"
            Address = process.StandardOutput.ReadLine()!.Split(' ')[2].TrimEnd(',');
        }

        public string Address { get; }

        public void Dispose()
        {
            process.Kill();
            process.WaitForExit();
            process.Dispose();
        }
    }
}

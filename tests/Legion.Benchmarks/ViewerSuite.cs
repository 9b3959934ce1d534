using System.Diagnostics;
using System.Text.Json;
using Legion.Lakehouse.Graphs;

namespace Legion.Benchmarks;

/// <summary>
/// From a link to the first meaningful paint of its flame chart, in a real browser before the real service on loopback:
/// once with nothing materialized, then with everything there; and from an event of a program to the line of log on the screen. Needs Chromium and the viewer's npm packages.
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
        var root = RepositoryRoot.Of(AppContext.BaseDirectory);
        if (Chromium(root) is not { } chromium)
        {
            Console.Error.WriteLine("the suite 'viewer' needs Chromium and the packages of web-viewer/app (npm ci): left out");
            yield break;
        }
        foreach (var row in LiveView.Run(root, chromium)) yield return row;
        foreach (var row in FirstView(root, chromium, 1_000_000, null)) yield return row;
        if (size.Spans > 1_000_000)
            foreach (var row in FirstView(root, chromium, size.Spans, size.Folder)) yield return row;
        foreach (var row in LogScroll(root, chromium, 1_000_000, null)) yield return row;
        if (size.Spans > 1_000_000)
            foreach (var row in LogScroll(root, chromium, size.Spans, size.Folder is { } folder ? folder + "-logs" : null)) yield return row;
    }

    /// <summary>Visits of one process: the first finds nothing materialized, the others find what it left.</summary>
    static IEnumerable<BenchmarkRow> FirstView(string root, string chromium, long spans, string? folder)
    {
        using var lake = new GeneratedLake(spans, threads: 6, folder);
        lake.DropPartitions();
        using var service = new ServedLake(root, lake.Folder);
        using var answer = JsonDocument.Parse(ProgramOutput.Of("node", [Path.Combine(root, "web-viewer", "app", "tests", "browser", "firstView.mjs"), chromium, service.Address, lake.ProcessId.ToString(), $"{Runs + 1}"]));
        JsonElement[] visits = [.. answer.RootElement.EnumerateArray()];
        double[] Of(string what) => [.. visits.Skip(1).Select(visit => visit.GetProperty(what).GetDouble())];
        double[] All(string what) => [.. visits.Skip(1).SelectMany(visit => visit.GetProperty(what).EnumerateArray().Select(run => run.GetDouble()))];
        var targets = ViewTargets.Of(spans);
        yield return BenchmarkRow.Of(Bench, $"first-view-cold-{spans}-spans", "ms", [visits[0].GetProperty("first").GetDouble()], Aim.AtMost, targets.ColdMs);
        yield return BenchmarkRow.Of(Bench, $"sharp-view-cold-{spans}-spans", "ms", [visits[0].GetProperty("sharp").GetDouble()]);
        yield return BenchmarkRow.Of(Bench, $"first-view-{spans}-spans", "ms", Of("first"), Aim.AtMost, targets.FirstMs);
        yield return BenchmarkRow.Of(Bench, $"sharp-view-{spans}-spans", "ms", Of("sharp"));
        yield return BenchmarkRow.Of(Bench, $"sharp-after-zoom-{spans}-spans", "ms", All("zooms"), Aim.AtMost, targets.ZoomMs);
        yield return BenchmarkRow.Of(Bench, $"view-kb-{spans}-spans", "kB", [.. Of("bytes").Select(bytes => bytes / 1e3)], Aim.AtMost, targets.Kilobytes);
        yield return BenchmarkRow.Of(Bench, $"statistics-{spans}-spans", "ms", All("statistics"), Aim.AtMost, targets.StatisticsMs);
        yield return BenchmarkRow.Of(Bench, $"browser-memory-{spans}-spans", "MB", [.. Of("memory").Select(bytes => bytes / 1e6)], Aim.AtMost, 250);
    }

    /// <summary>Places of the logs of one process, in any order: the first visit finds nothing materialized, the second what it left.</summary>
    static IEnumerable<BenchmarkRow> LogScroll(string root, string chromium, long lines, string? folder)
    {
        using var lake = new GeneratedLake(0, folder: folder, logs: lines);
        lake.DropPartitions();
        using var service = new ServedLake(root, lake.Folder);
        using var answer = JsonDocument.Parse(ProgramOutput.Of("node", [Path.Combine(root, "web-viewer", "app", "tests", "browser", "logScroll.mjs"), chromium, service.Address, lake.ProcessId.ToString(), "2"]));
        JsonElement[] visits = [.. answer.RootElement.EnumerateArray()];
        double[] Of(JsonElement visit) => [.. visit.GetProperty("scrolls").EnumerateArray().Select(scroll => scroll.GetDouble())];
        static double P95(double[] milliseconds) => milliseconds.Order().ElementAt((int)(0.95 * milliseconds.Length));
        yield return BenchmarkRow.Of(Bench, $"logs-open-cold-{lines}-lines", "ms", [visits[0].GetProperty("opened").GetDouble()]);
        yield return BenchmarkRow.Of(Bench, $"logs-scroll-cold-{lines}-lines", "ms", Of(visits[0]));
        yield return BenchmarkRow.Of(Bench, $"logs-open-{lines}-lines", "ms", [visits[1].GetProperty("opened").GetDouble()]);
        yield return BenchmarkRow.Of(Bench, $"logs-scroll-{lines}-lines", "ms", Of(visits[1]));
        yield return BenchmarkRow.Of(Bench, $"logs-scroll-p95-{lines}-lines", "ms", [P95(Of(visits[1]))], Aim.AtMost, 100);
        yield return BenchmarkRow.Of(Bench, $"logs-rows-in-page-{lines}-lines", "rows", [visits.Max(visit => visit.GetProperty("rows").GetDouble())], Aim.AtMost, 200);
    }

    /// <summary>What a view is to take at most, by the number of spans: the plan has them for 10^6, 10^8 and 10^9.</summary>
    sealed record ViewTargets(double ColdMs, double FirstMs, double ZoomMs, double Kilobytes, double StatisticsMs)
    {
        public static ViewTargets Of(long spans) => spans <= 1_000_000 ? new(500, 250, 150, 50, 50) : spans <= 100_000_000 ? new(2000, 500, 200, 200, 150) : new(5000, 1000, 250, 200, 300);
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
}

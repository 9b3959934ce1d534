using System.Diagnostics;
using System.Globalization;
using Legion.Format;
using Legion.Sdk;
using Legion.Store;

namespace Legion.Benchmarks;

/// <summary>From a line of log in a program to the screen of somebody who looks at the end of its logs: recorded, sent to the real service, stored, told to the page, asked for and drawn.</summary>
static class LiveView
{
    const int Lines = 60;

    /// <summary>Between two lines: no divisor of how often the recording passes or the service looks.</summary>
    static readonly TimeSpan between = TimeSpan.FromMilliseconds(433);

    public static IEnumerable<BenchmarkRow> Run(string root, string chromium)
    {
        var folder = Directory.CreateTempSubdirectory("legion-bench-").FullName;
        try
        {
            LakeStore.OpenOrCreate(LakeLocation.Parse(folder));
            using var service = new ServedLake(root, folder);
            var rows = new List<BenchmarkRow>();
            foreach (var (age, name) in ((TimeSpan, string)[])[(new TelemetryOptions().BlockAge, ""), (TimeSpan.FromSeconds(2), "-block-age-2s")])
            {
                var milliseconds = Seen(root, chromium, service.Address, age);
                rows.Add(BenchmarkRow.Of("viewer", $"event-to-screen{name}", "ms", milliseconds));
                rows.Add(BenchmarkRow.Of("viewer", $"event-to-screen{name}-p95", "ms", [milliseconds.Order().ElementAt((int)(0.95 * milliseconds.Count))], Aim.AtMost, 5000));
            }
            return rows;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static List<double> Seen(string root, string chromium, string address, TimeSpan blockAge)
    {
        using var recording = Telemetry.Start(new TelemetryOptions { Endpoint = new Uri(address), Spool = null, BlockAge = blockAge });
        Telemetry.Log(Level.Info, "begin");
        WaitFor(address, recording.ProcessId);
        var script = Path.Combine(root, "web-viewer", "app", "tests", "browser", "liveView.mjs");
        using var looking = Process.Start(new ProcessStartInfo("node", [script, chromium, address, recording.ProcessId.ToString()]) { RedirectStandardOutput = true })!;
        if (looking.StandardOutput.ReadLine() != "looking") throw new InvalidOperationException("the page does not show the logs");
        var told = new double[Lines];
        for (var line = 0; line < Lines; line++)
        {
            told[line] = (DateTime.UtcNow - DateTime.UnixEpoch).TotalMilliseconds;
            Telemetry.Log(Level.Info, string.Create(CultureInfo.InvariantCulture, $"tick {line}"));
            Thread.Sleep(between);
        }
        Telemetry.Log(Level.Info, "end");
        var milliseconds = new List<double>();
        while (looking.StandardOutput.ReadLine() is { } seen)
        {
            var words = seen.Split(' ');
            milliseconds.Add(double.Parse(words[1], CultureInfo.InvariantCulture) - told[int.Parse(words[0], CultureInfo.InvariantCulture)]);
        }
        looking.WaitForExit();
        return milliseconds.Count == Lines ? milliseconds : throw new InvalidOperationException($"of {Lines} lines {milliseconds.Count} were seen");
    }

    /// <summary>Until its first line is stored.</summary>
    static void WaitFor(string address, Guid process)
    {
        using var client = new HttpClient { BaseAddress = new Uri(address) };
        for (var attempt = 0; attempt < 100; attempt++)
        {
            if (client.GetAsync($"/api/processes/{process}/logs").GetAwaiter().GetResult() is { IsSuccessStatusCode: true } answer
                && answer.Content.ReadAsStringAsync().GetAwaiter().GetResult().Contains("begin", StringComparison.Ordinal)) return;
            Thread.Sleep(100);
        }
        throw new InvalidOperationException("the service has nothing of the recording");
    }
}

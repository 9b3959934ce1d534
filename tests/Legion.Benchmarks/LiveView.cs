using System.Diagnostics;
using System.Globalization;
using Legion.Format;
using Legion.Sdk;
using Legion.Store;

namespace Legion.Benchmarks;

/// <summary>From a line of log in a program to the screen of somebody who looks at the end of its logs: recorded, sent to the real service, stored, told to the page, asked for and drawn.</summary>
static class LiveView
{
    /// <summary>Until the recording has heard that somebody watches: it hears so with what it sends, and its blocks may be this old before.</summary>
    static readonly TimeSpan unheard = new TelemetryOptions().BlockAge + TimeSpan.FromSeconds(2);

    const int Lines = 100;

    /// <summary>Between two lines: no divisor of how often the recording passes or the service looks.</summary>
    static readonly TimeSpan between = TimeSpan.FromMilliseconds(433);

    public static IEnumerable<BenchmarkRow> Run(string root, string chromium)
    {
        var folder = Directory.CreateTempSubdirectory("legion-bench-").FullName;
        try
        {
            LakeStore.OpenOrCreate(LakeLocation.Parse(folder));
            using var service = new ServedLake(root, folder);
            var milliseconds = Seen(root, chromium, service.Address);
            var first = (int)(unheard / between) + 1;
            var watched = milliseconds[first..];
            return
            [
                BenchmarkRow.Of("viewer", "event-to-screen-until-heard", "ms", milliseconds[..first]),
                BenchmarkRow.Of("viewer", "event-to-screen", "ms", watched),
                BenchmarkRow.Of("viewer", "event-to-screen-p95", "ms", [watched.Order().ElementAt((int)(0.95 * watched.Length))], Aim.AtMost, 5000),
            ];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <returns>By line.</returns>
    static double[] Seen(string root, string chromium, string address)
    {
        using var recording = Telemetry.Start(new TelemetryOptions { Endpoint = new Uri(address), Spool = null });
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
        var milliseconds = Enumerable.Repeat(double.NaN, Lines).ToArray();
        while (looking.StandardOutput.ReadLine() is { } seen)
        {
            var words = seen.Split(' ');
            var line = int.Parse(words[0], CultureInfo.InvariantCulture);
            milliseconds[line] = double.Parse(words[1], CultureInfo.InvariantCulture) - told[line];
        }
        looking.WaitForExit();
        var unseen = milliseconds.Count(double.IsNaN);
        return unseen == 0 ? milliseconds : throw new InvalidOperationException($"of {Lines} lines {unseen} were not seen");
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

using System.Text.Json;

namespace Legion.Cli.Testing;

/// <summary>The C# tests, as they were built with the running program.</summary>
static class DotnetTests
{
    /// <summary>Microsoft.Testing.Platform's exit code for "zero tests ran", which is how a filter that matches nothing ends.</summary>
    const int NoTests = 8;

    /// <summary>All of it takes some half an hour on two cores, and more on slow ones; a test that hangs must not hang whoever waits for the count.</summary>
    const string Timeout = "60m";

    /// <param name="failures">Takes a line for each test that failed.</param>
    public static async Task<TestCounts> RunAsync(Clone clone, string reports, string? filter, List<string> failures, CancellationToken cancellation)
    {
        List<string> arguments =
        [
            "test", "--no-build", "--configuration", "Release", "--solution", clone.Solution,
            "--results-directory", reports, "--report-xunit-ctrf", "--report-xunit-ctrf-filename", "dotnet.json",
            "--timeout", Timeout,
        ];
        if (filter is not null) arguments.AddRange(["--filter-method", $"*{filter}*"]);
        var exitCode = await ChildProcess.RunAsync("dotnet", arguments, clone.Folder, cancellation);
        var report = Path.Combine(reports, "dotnet.json");
        if (exitCode == NoTests && filter is not null) return default;
        return TestCounts.Checked("dotnet test", Read(report, failures), exitCode != 0);
    }

    /// <summary>Reads a report in the Common Test Report Format; null where it is missing or unreadable.</summary>
    internal static TestCounts? Read(string report, List<string> failures)
    {
        if (!File.Exists(report)) return null;
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(report));
            var results = json.RootElement.GetProperty("results");
            if (results.TryGetProperty("tests", out var tests))
                foreach (var test in tests.EnumerateArray())
                    if (test.GetProperty("status").GetString() is "failed" or "other")
                        failures.Add(TestCounts.Failure(test.GetProperty("name").GetString(), test.TryGetProperty("message", out var message) ? message.GetString() : null));
            var summary = results.GetProperty("summary");
            int Count(string name) => summary.GetProperty(name).GetInt32();
            return new TestCounts(Count("passed"), Count("failed") + Count("other"), Count("skipped") + Count("pending"));
        }
        catch (Exception cause) when (cause is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }
}

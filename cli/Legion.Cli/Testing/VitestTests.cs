using System.Text.Json;
using System.Text.RegularExpressions;

namespace Legion.Cli.Testing;

/// <summary>The TypeScript tests: of the viewer, and of the files that deploy the service.</summary>
static class VitestTests
{
    /// <summary>Folders with npm packages, and their scripts that run tests: in Node, and in a real browser.</summary>
    public static IReadOnlyList<(string Folder, string Script)> Suites { get; } = [("web-viewer/app", "test"), ("web-viewer/app", "test:browser"), ("tests/deploy", "test")];

    /// <param name="failures">Takes a line for each test that failed.</param>
    public static async Task<TestCounts> RunAsync(Clone clone, string reports, string folder, string script, string? filter, List<string> failures, CancellationToken cancellation)
    {
        var package = Path.Combine(clone.Folder, folder);
        if (!await InstalledAsync(package, cancellation)) return TestCounts.Checked("npm ci", null, runnerFailed: true);

        var report = Path.Combine(reports, $"vitest-{folder.Replace('/', '-')}-{script.Replace(':', '-')}.json");
        List<string> arguments = ["run", script, "--", "--reporter=default", "--reporter=json", $"--outputFile.json={report}"];
        if (filter is not null) arguments.AddRange(["--testNamePattern", Regex.Escape(filter)]);
        var exitCode = await ChildProcess.RunAsync("npm", arguments, package, cancellation);
        return TestCounts.Checked($"npm run {script} in {folder}", Read(report, filter, failures), exitCode != 0);
    }

    /// <summary>Installs the packages of the lock file unless they are there.</summary>
    static async Task<bool> InstalledAsync(string package, CancellationToken cancellation)
    {
        var installed = Path.Combine(package, "node_modules", ".package-lock.json");
        if (File.Exists(installed) && File.GetLastWriteTimeUtc(installed) >= File.GetLastWriteTimeUtc(Path.Combine(package, "package-lock.json"))) return true;
        return await ChildProcess.RunAsync("npm", ["ci", "--no-audit", "--no-fund"], package, cancellation) == 0;
    }

    /// <summary>
    /// Reads a report of Vitest's; null where it is missing or unreadable.
    /// Vitest reports what a filter leaves out as skipped: with one, only names that contain it count.
    /// A file that fails before its first test counts as one failed test.
    /// </summary>
    internal static TestCounts? Read(string report, string? filter, List<string> failures)
    {
        if (!File.Exists(report)) return null;
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(report));
            var counts = default(TestCounts);
            foreach (var file in json.RootElement.GetProperty("testResults").EnumerateArray())
            {
                var tests = file.GetProperty("assertionResults");
                if (tests.GetArrayLength() == 0 && file.GetProperty("status").GetString() == "failed")
                {
                    counts += new TestCounts(0, 1, 0);
                    failures.Add(TestCounts.Failure(Text(file, "name"), Text(file, "message")));
                }
                foreach (var test in tests.EnumerateArray())
                {
                    var name = test.GetProperty("fullName").GetString()!;
                    if (filter is not null && !name.Contains(filter, StringComparison.Ordinal)) continue;
                    var one = One(test.GetProperty("status").GetString());
                    counts += one;
                    if (one.Failed > 0) failures.Add(TestCounts.Failure(name, test.TryGetProperty("failureMessages", out var messages) ? string.Join(' ', messages.EnumerateArray()) : null));
                }
            }
            return counts;
        }
        catch (Exception cause) when (cause is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }

    static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() : null;

    static TestCounts One(string? status) => status switch
    {
        "passed" => new TestCounts(1, 0, 0),
        "failed" => new TestCounts(0, 1, 0),
        _ => new TestCounts(0, 0, 1),
    };
}

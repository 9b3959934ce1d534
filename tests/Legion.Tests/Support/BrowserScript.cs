using System.Diagnostics;
using System.Text.Json;
using Legion.Tests.Format;

namespace Legion.Tests.Support;

/// <summary>Runs the scripts that drive a real browser.</summary>
static class BrowserScript
{
    static readonly string App = Path.Combine(RepositoryTree.Root, "web-viewer", "app");

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Where a browser is. The test is skipped where there is none, or nothing to drive it with.</summary>
    public static string Chromium()
    {
        var chromium = new[] { Environment.GetEnvironmentVariable("CHROMIUM"), "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }.FirstOrDefault(File.Exists);
        Assert.SkipWhen(chromium is null, "no Chromium is installed");
        Assert.SkipUnless(Directory.Exists(Path.Combine(App, "node_modules", "playwright-core")), "the viewer's npm packages are not installed");
        return chromium!;
    }

    /// <summary>Runs a script of the viewer's browser tests. Its pictures stay in <c>out</c>.</summary>
    /// <param name="plan">Told the folder of the pictures; gives what the script reads.</param>
    /// <returns>What it printed.</returns>
    public static async Task<string> RunAsync(string name, Func<string, object> plan)
    {
        var pictures = Directory.CreateDirectory(Path.Combine(RepositoryTree.Root, "out", "viewer-journey")).FullName;
        var file = Path.Combine(pictures, name + ".json");
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(plan(pictures)), Cancellation);
        using var node = Process.Start(new ProcessStartInfo("node", [Path.Combine(App, "tests", "browser", name + ".mjs"), file]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (said, errors) = (node.StandardOutput.ReadToEndAsync(Cancellation), node.StandardError.ReadToEndAsync(Cancellation));
        await node.WaitForExitAsync(Cancellation);
        Assert.True(node.ExitCode == 0, await errors);
        return (await said).Trim();
    }
}

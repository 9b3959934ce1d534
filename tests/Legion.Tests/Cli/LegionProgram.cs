using System.Diagnostics;

namespace Legion.Tests.Cli;

/// <summary>The built command line, run as a program of its own.</summary>
static class LegionProgram
{
    static readonly string Executable = Path.Combine(AppContext.BaseDirectory, "Legion.Cli");

    /// <summary>What a finished run left.</summary>
    public sealed record Outcome(int ExitCode, string Output, string Error);

    public static Process Start(params IEnumerable<string> arguments) => Start([], arguments);

    public static Task<Outcome> RunAsync(params IEnumerable<string> arguments) => RunAsync([], arguments);

    /// <param name="environment">As for a start.</param>
    public static async Task<Outcome> RunAsync((string Name, string Value)[] environment, params IEnumerable<string> arguments)
    {
        using var process = Start(environment, arguments);
        var cancellation = TestContext.Current.CancellationToken;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(cancellation), process.StandardError.ReadToEndAsync(cancellation));
        await process.WaitForExitAsync(cancellation);
        return new Outcome(process.ExitCode, await output, await error);
    }

    /// <param name="environment">Variables to set; none of Legion's own is inherited.</param>
    public static Process Start((string Name, string Value)[] environment, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Executable, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Remove("LEGION_LAKE");
        start.Environment.Remove("LEGION_CATALOG");
        start.Environment.Remove("LEGION_API_KEY");
        start.Environment["LEGION_CACHE"] = Path.Combine(Path.GetTempPath(), "legion-test-cache");
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return Process.Start(start)!;
    }
}

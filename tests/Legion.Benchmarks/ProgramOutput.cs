using System.Diagnostics;

namespace Legion.Benchmarks;

/// <summary>What a program prints.</summary>
static class ProgramOutput
{
    /// <exception cref="InvalidOperationException">It ended with an error, of which it has said itself what it is.</exception>
    public static string Of(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} ended with {process.ExitCode}");
    }
}

using System.Diagnostics;

namespace Legion.Benchmarks;

/// <summary><c>legion serve</c> on a free port of loopback.</summary>
sealed class ServedLake : IDisposable
{
    readonly Process process;

    public ServedLake(string root, string lake)
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

using System.Diagnostics;
using System.Globalization;

namespace Legion.Benchmarks.Ingestion;

/// <summary>A server in a process of its own, which prints where it listens. It goes when this does.</summary>
sealed class ServedIngestion : IDisposable
{
    readonly Process process;

    ServedIngestion(Process process, Uri address) => (this.process, Address) = (process, address);

    public Uri Address { get; }

    /// <summary>Most memory that it ever had, in MiB.</summary>
    public double PeakMemoryMiB => Status("VmHWM:") / 1024.0;

    public double MemoryMiB => Status("VmRSS:") / 1024.0;

    public int Handles => Directory.GetFiles($"/proc/{process.Id}/fd").Length;

    /// <summary><c>legion serve --role ingestion</c> over a lake in a folder.</summary>
    public static ServedIngestion Serve(string lake, params string[] options) =>
        Start("Legion.Cli", ["serve", "--role", "ingestion", "--no-self-recording", "--lake", lake, "--urls", "http://127.0.0.1:0", .. options]);

    /// <summary>The same server, whose only route reads bodies and discards them.</summary>
    public static ServedIngestion Discard() => Start("Legion.Benchmarks", [DiscardingServer.Argument]);

    static ServedIngestion Start(string program, string[] arguments)
    {
        var file = Path.Combine(AppContext.BaseDirectory, "..", "..", program, "release", program);
        var process = Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true })!;
        // "listening on http://127.0.0.1:1234, lake /folder"
        var line = process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"cannot use '{file}': it ended before it listened");
        return new ServedIngestion(process, new Uri(line.Split(' ')[2].TrimEnd(',')));
    }

    public void Dispose()
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
    }

    long Status(string name) => long.Parse(File.ReadLines($"/proc/{process.Id}/status").Single(line => line.StartsWith(name, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture);
}

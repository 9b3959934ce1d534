using System.Diagnostics;
using System.Globalization;

namespace Legion.Tests.Support;

/// <summary>How the victim records and dies.</summary>
/// <param name="Cause">By the name of one of its causes of death.</param>
/// <param name="PauseMs">Milliseconds between a thread's steps.</param>
sealed record VictimLife(string Cause, int Milliseconds, int Seed, int PauseMs = 0, int MemoryMiB = 32, int SpoolMiB = 512);

/// <summary>What is left of a victim.</summary>
/// <param name="Told">Events that each thread had recorded, as it said itself.</param>
sealed record Died(Guid ProcessId, string Spool, long[] Told, string Error, int ExitCode);

/// <summary>The program that records until it dies, run as a process of its own.</summary>
static class VictimProgram
{
    public const int Threads = 3;

    const int ProgressBytesOfThread = 64;

    public static readonly string Executable = Path.Combine(BuildFolder(), "Legion.Victim", Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')), "Legion.Victim");

    public static async Task<Died> RunAsync(Uri endpoint, string spool, VictimLife life, CancellationToken cancellation)
    {
        var progress = Path.GetTempFileName();
        try
        {
            object[] values = [Threads, life.Cause, life.Milliseconds, life.Seed, life.PauseMs, life.MemoryMiB, life.SpoolMiB];
            var start = new ProcessStartInfo(Executable, [endpoint.AbsoluteUri, spool, progress, .. values.Select(value => Convert.ToString(value, CultureInfo.InvariantCulture)!)])
            {
                RedirectStandardOutput = true, RedirectStandardError = true,
            };
            if (life.Cause == "ManagedMemory") start.Environment["DOTNET_GCHeapHardLimit"] = "0x4000000";
            using var process = Process.Start(start)!;
            var error = process.StandardError.ReadToEndAsync(cancellation);
            var id = await process.StandardOutput.ReadLineAsync(cancellation);
            await process.WaitForExitAsync(cancellation);
            Assert.True(Guid.TryParse(id, out var processId), $"the victim said '{id}': {await error}");
            var counts = await File.ReadAllBytesAsync(progress, cancellation);
            return new Died(processId, spool, [.. Enumerable.Range(0, Threads).Select(thread => BitConverter.ToInt64(counts, thread * ProgressBytesOfThread))], await error, process.ExitCode);
        }
        finally
        {
            File.Delete(progress);
        }
    }

    /// <summary>The folder that holds each project's output.</summary>
    static string BuildFolder() => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", ".."));
}

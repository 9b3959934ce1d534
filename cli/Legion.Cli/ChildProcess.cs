using System.ComponentModel;
using System.Diagnostics;

namespace Legion.Cli;

/// <summary>Runs another program on this one's terminal.</summary>
static class ChildProcess
{
    /// <returns>Its exit code.</returns>
    /// <exception cref="CommandFailure">There is no such program.</exception>
    public static async Task<int> RunAsync(string program, IEnumerable<string> arguments, string folder, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, UseShellExecute = false };
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception cause)
        {
            throw CommandFailure.Failed($"cannot start '{program}': {cause.Message}", cause);
        }
        using (process)
        {
            try
            {
                await process.WaitForExitAsync(cancellation);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                throw;
            }
            return process.ExitCode;
        }
    }
}

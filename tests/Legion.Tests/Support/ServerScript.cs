using System.Diagnostics;
using Legion.Tests.Format;

namespace Legion.Tests.Support;

/// <summary>A server that a script beside this file runs for as long as its standard input is open, and takes away and gives back where it is told to.</summary>
/// <param name="refusal">Why there is no server; null where there is one.</param>
sealed class ServerScript(Process process, string? refusal) : IAsyncDisposable
{
    public string? Refusal => refusal;

    /// <summary>Ends when the server answers, or cannot be had.</summary>
    public static async Task<ServerScript> StartAsync(string name, params string[] arguments)
    {
        var process = Process.Start(new ProcessStartInfo("bash", [Path.Combine(RepositoryTree.Root, "tests", "Legion.Tests", "Support", name), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var error = process.StandardError.ReadToEndAsync();
        return new ServerScript(process, await process.StandardOutput.ReadLineAsync() == "ready" ? null : (await error).Trim());
    }

    /// <summary>SIGKILL: connections break, and new ones are refused.</summary>
    public Task KillAsync() => TellAsync("kill");

    /// <summary>The server again, over what it had on disk.</summary>
    public Task StartAgainAsync() => TellAsync("start");

    /// <summary>SIGSTOP: connections stay open, and nothing is answered.</summary>
    public Task FreezeAsync() => TellAsync("freeze");

    public Task ThawAsync() => TellAsync("thaw");

    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close(); // which ends the server
        await process.WaitForExitAsync();
        process.Dispose();
    }

    async Task TellAsync(string command)
    {
        await process.StandardInput.WriteLineAsync(command);
        await process.StandardInput.FlushAsync();
        Assert.Equal("ready", await process.StandardOutput.ReadLineAsync());
    }
}

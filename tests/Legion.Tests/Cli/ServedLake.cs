using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Legion.Tests.Cli;

/// <summary><c>legion serve</c> on a free port, until it is disposed or killed.</summary>
sealed class ServedLake : IDisposable
{
    readonly Process process;

    ServedLake(Process process, Uri url)
    {
        this.process = process;
        Url = url;
    }

    public Uri Url { get; }

    public static Task<ServedLake> StartAsync(string lake, params IEnumerable<string> more) => StartAsync([], ["--lake", lake, .. more]);

    /// <param name="environment">Variables to set.</param>
    public static Task<ServedLake> StartAsync((string Name, string Value)[] environment, params IEnumerable<string> arguments) => StartAsAsync(environment, ["--no-self-recording", .. arguments]);

    /// <summary>One that records itself into its lake, as services do unless told otherwise.</summary>
    public static Task<ServedLake> StartRecordedAsync(string lake) => StartAsAsync([], ["--lake", lake]);

    static async Task<ServedLake> StartAsAsync((string Name, string Value)[] environment, IEnumerable<string> arguments)
    {
        var process = LegionProgram.Start(environment, ["serve", "--urls", "http://127.0.0.1:0", .. arguments]);
        var line = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        var url = Regex.Match(line ?? "", @"^listening on (http://127\.0\.0\.1:\d+), lake ");
        if (url.Success) return new ServedLake(process, new Uri(url.Groups[1].Value));
        process.Kill();
        throw new InvalidOperationException($"legion serve said '{line}': {await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken)}");
    }

    /// <summary>SIGKILL: nothing is flushed, nothing is finished.</summary>
    public void Kill()
    {
        process.Kill();
        process.WaitForExit();
    }

    /// <summary>SIGTERM: the service is asked to end.</summary>
    public void Terminate()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]);
        kill.WaitForExit();
    }

    /// <returns>The exit code.</returns>
    public async Task<int> WaitForExitAsync()
    {
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode;
    }

    public void Dispose()
    {
        if (!process.HasExited) Kill();
        process.Dispose();
    }
}

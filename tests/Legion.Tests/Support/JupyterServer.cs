using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Legion.Tests.Support;

/// <summary>A real Jupyter Notebook on a loopback port, with a folder of notebooks and our kernel.</summary>
sealed class JupyterServer : IAsyncDisposable
{
    static readonly TimeSpan StopTime = TimeSpan.FromSeconds(20);

    readonly Process _process;
    readonly HttpClient _client = new();

    JupyterServer(Process process, Uri url, string token)
    {
        _process = process;
        Url = url;
        Token = token;
        _client.DefaultRequestHeaders.Authorization = new("token", token);
    }

    public Uri Url { get; }

    public string Token { get; }

    /// <param name="folder">Of the notebooks, and of all that Jupyter writes.</param>
    public static async Task<JupyterServer> StartAsync(DirectoryInfo folder)
    {
        JupyterRun.InstallKernel(folder);
        var (port, token) = (FreePort(), Guid.NewGuid().ToString("N"));
        var start = new ProcessStartInfo(JupyterRun.Python,
        [
            "-m", "notebook", "--no-browser", "--allow-root", "--ip=127.0.0.1", $"--port={port}", "--NotebookApp.port_retries=0",
            $"--NotebookApp.token={token}", $"--notebook-dir={folder.FullName}",
        ])
        { RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = folder.FullName };
        foreach (var variable in (string[])["JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"])
            start.Environment[variable] = folder.FullName;
        var process = Process.Start(start)!;
        var log = new List<string?>();
        while (await process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken) is var line)
        {
            log.Add(line);
            Assert.True(line is not null, string.Join('\n', log));
            if (line.Contains("is running at", StringComparison.Ordinal))
                break;
        }
        // A pipe that nobody reads holds up whoever writes into it.
        _ = process.StandardError.ReadToEndAsync(CancellationToken.None);
        _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        return new(process, new Uri($"http://127.0.0.1:{port}/"), token);
    }

    /// <summary>Stops the kernels, then the server.</summary>
    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(StopTime);
        try
        {
            await _client.PostAsync(new Uri(Url, "api/shutdown"), null, patience.Token);
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }
        _client.Dispose();
        _process.Dispose();
    }

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

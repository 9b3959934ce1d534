using System.Diagnostics;
using Legion.Kernel.Cells;
using Legion.Kernel.Installation;
using Legion.Kernel.Jupyter;
using Legion.Notebook.Grammar;

namespace Legion.Kernel;

/// <summary>The process that Jupyter starts: <c>legion kernel run CONNECTION_FILE</c>.</summary>
public static class KernelProcess
{
    const int PoolThreads = 8;

    /// <summary>Serves one front end until it says shutdown, or until it is gone.</summary>
    /// <param name="connectionFile">Written by Jupyter.</param>
    /// <param name="magics">With the verbs that this program can do.</param>
    /// <exception cref="InvalidDataException">The connection file cannot be used.</exception>
    public static async Task RunAsync(string connectionFile, Magics magics, CancellationToken cancel = default)
    {
        var connection = ConnectionFile.Read(connectionFile);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        _ = StopWithParentAsync(stop);
        using var session = new Session(magics);
        // The compiler holds threads of the pool while it works, and the pool grows by one in half a second: an answer must not wait for that.
        ThreadPool.SetMinThreads(PoolThreads, PoolThreads);
        var serving = new JupyterKernel(connection, session, Kernelspec.ModuleFiles()).RunAsync(stop.Token);
        // Not awaited: it only makes the first cell faster, and shows its failure there. Not before the kernel answers, which waits for the same processors.
        _ = Session.WarmAsync(stop.Token);
        await serving.ConfigureAwait(false);
    }

    // A Jupyter that was killed says no shutdown.
    static async Task StopWithParentAsync(CancellationTokenSource stop)
    {
        if (!int.TryParse(Environment.GetEnvironmentVariable("JPY_PARENT_PID"), out var id))
            return;
        try
        {
            using var parent = Process.GetProcessById(id);
            await parent.WaitForExitAsync(stop.Token).ConfigureAwait(false);
        }
        catch (ArgumentException)
        {
            // It is gone already.
        }
        await stop.CancelAsync().ConfigureAwait(false);
    }
}

using System.Runtime.InteropServices;

namespace Legion.Cli.Serving;

/// <summary>SIGTERM and Ctrl+C: the first asks the service to end, the second to do so without waiting for anybody.</summary>
sealed class EndSignal : IDisposable
{
    readonly TaskCompletionSource told = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly CancellationTokenSource hurry = new();
    readonly PosixSignalRegistration[] registrations;

    public EndSignal() => registrations = [.. ((PosixSignal[])[PosixSignal.SIGTERM, PosixSignal.SIGINT]).Select(signal => PosixSignalRegistration.Create(signal, Take))];

    /// <summary>Done at the first.</summary>
    public Task Told => told.Task;

    /// <summary>Cancelled at the second.</summary>
    public CancellationToken Hurry => hurry.Token;

    public void Dispose()
    {
        foreach (var registration in registrations) registration.Dispose();
        hurry.Dispose();
    }

    void Take(PosixSignalContext context)
    {
        context.Cancel = true;
        if (!told.TrySetResult()) hurry.Cancel();
    }
}

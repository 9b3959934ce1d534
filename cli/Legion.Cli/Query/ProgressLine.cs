using Legion.Lakehouse;

namespace Legion.Cli.Query;

/// <summary>Shows on stderr how far building has come, where that is a terminal; the line is gone at the end.</summary>
sealed class ProgressLine : IProgress<BuildProgress>, IDisposable
{
    readonly Lock gate = new();
    bool shown;

    public void Report(BuildProgress progress)
    {
        if (Console.IsErrorRedirected) return;
        lock (gate)
        {
            Console.Error.Write($"\r\u001b[Kbuilding {progress.View}: {progress.Done} of {progress.Total}");
            shown = true;
        }
    }

    public void Dispose()
    {
        if (shown) Console.Error.Write("\r\u001b[K");
    }
}

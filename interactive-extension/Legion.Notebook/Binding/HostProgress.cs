using System.Diagnostics;
using Legion.Lakehouse;
using Legion.Notebook.Grammar;

namespace Legion.Notebook;

/// <summary>Shows in a notebook how far building has come, and takes the line away at its end.</summary>
sealed class HostProgress(INotebookHost host) : IProgress<BuildProgress>, IDisposable
{
    // What is built faster than somebody reads needs no line.
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(0.7);

    // Each is a message to the front end.
    static readonly TimeSpan Pace = TimeSpan.FromSeconds(0.2);

    readonly Lock _lock = new();
    readonly Stopwatch _sinceBegin = Stopwatch.StartNew();
    TimeSpan _next = Patience;
    bool _isShown;

    public void Report(BuildProgress value)
    {
        lock (_lock)
        {
            if (_sinceBegin.Elapsed < _next)
                return;
            _next = _sinceBegin.Elapsed + Pace;
            _isShown = true;
            host.Report($"building {value.View}: {value.Done} of {value.Total}");
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (_isShown)
                host.Report(null);
            _next = TimeSpan.MaxValue;
        }
    }
}

using DuckDB.NET.Data;

namespace Legion.Lakehouse.Sql;

/// <summary>
/// Breaks a command off when a token is cancelled. The engine forgets an interruption that comes before it begins to run, so that one is made again until the command has ended.
/// </summary>
sealed class QueryInterruption : IDisposable
{
    const int AgainAfterMilliseconds = 10;

    readonly Lock gate = new();
    readonly DuckDBCommand command;
    readonly Timer timer;
    readonly CancellationTokenRegistration registration;
    bool ended;

    public QueryInterruption(DuckDBCommand command, CancellationToken cancellation)
    {
        this.command = command;
        timer = new Timer(_ => Interrupt(), null, Timeout.Infinite, Timeout.Infinite);
        Token = cancellation;
        registration = cancellation.Register(() => timer.Change(0, AgainAfterMilliseconds));
    }

    public CancellationToken Token { get; }

    /// <summary>Afterwards the command is left alone.</summary>
    public void Dispose()
    {
        registration.Dispose();
        lock (gate)
        {
            ended = true;
            timer.Dispose();
        }
    }

    void Interrupt()
    {
        lock (gate)
            if (!ended) command.Cancel();
    }
}

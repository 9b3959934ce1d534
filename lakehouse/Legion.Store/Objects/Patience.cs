namespace Legion.Store;

/// <summary>
/// How long a request may take, counted in the time this program ran: one that was stopped, or whose machine slept, finds out about the server only when it runs again.
/// Counted in tenths, of which a pause takes one, however long it is.
/// </summary>
sealed class Patience : IDisposable
{
    const int Tenths = 10;

    readonly CancellationTokenSource ended;
    readonly ITimer timer;
    readonly TimeSpan tenth;
    int left = Tenths;

    /// <param name="longest">More than zero.</param>
    /// <param name="cancellation">Ends it at once.</param>
    public Patience(TimeSpan longest, TimeProvider time, CancellationToken cancellation)
    {
        ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        tenth = longest / Tenths;
        timer = time.CreateTimer(static patience => ((Patience)patience!).Pass(), this, tenth, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Cancelled once it is over.</summary>
    public CancellationToken Token => ended.Token;

    public void Dispose()
    {
        timer.Dispose();
        ended.Dispose();
    }

    void Pass()
    {
        // Set anew each time: a periodic timer would make up for what it has missed.
        if (--left > 0)
        {
            timer.Change(tenth, Timeout.InfiniteTimeSpan);
            return;
        }
        try
        {
            ended.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The timer fired just when nobody waited any more.
        }
    }
}

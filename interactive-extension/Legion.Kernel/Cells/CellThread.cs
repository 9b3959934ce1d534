namespace Legion.Kernel.Cells;

/// <summary>
/// Runs a cell so that it can be stopped: loops of its own code look for it (<see cref="GuardedCode"/>), outputs end it,
/// and a wait on the cell's thread is broken off.
/// What runs in libraries and native code cannot be stopped: the cell ends without it.
/// </summary>
sealed class CellThread<T>
{
    // Work that looks at its token deserves the time to end by itself.
    static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(300);

    // Code may catch what broke off one wait, and begin the next.
    const int Attempts = 8;

    // Deep recursion is ordinary in notebooks; the default of 8 MB is for servers.
    const int StackBytes = 64 * 1024 * 1024;

    readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Thread _thread;
    readonly Func<Task<T>> _body;
    int _interrupted;

    CellThread(Func<Task<T>> body)
    {
        _body = body;
        _thread = new Thread(Run, StackBytes) { IsBackground = true, Name = "cell" };
    }

    /// <exception cref="OperationCanceledException">The cell was stopped.</exception>
    /// <exception cref="LeftBehindException">It could not be stopped.</exception>
    public static async Task<T> RunAsync(Func<Task<T>> body, CancellationToken interrupt)
    {
        var cell = new CellThread<T>(body);
        cell._thread.Start();
        await using (interrupt.UnsafeRegister(static state => _ = ((CellThread<T>)state!).StopAsync(), cell))
            return await cell._done.Task.ConfigureAwait(false);
    }

    void Run()
    {
        try
        {
            _done.TrySetResult(_body().GetAwaiter().GetResult());
        }
        catch (ThreadInterruptedException)
        {
            _done.TrySetException(new OperationCanceledException());
        }
        catch (Exception e) // The cell's border: whatever it throws is its outcome.
        {
            _done.TrySetException(e);
        }
        finally
        {
            if (Interlocked.Exchange(ref _interrupted, 2) == 1)
                Interruption.End();
        }
    }

    async Task StopAsync()
    {
        Interruption.Begin();
        if (Interlocked.CompareExchange(ref _interrupted, 1, 0) != 0)
            Interruption.End(); // the cell has ended
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            await Task.WhenAny(_done.Task, Task.Delay(Grace)).ConfigureAwait(false);
            if (_done.Task.IsCompleted)
                return;
            _thread.Interrupt();
        }
        // The session goes on without it.
        _done.TrySetException(new LeftBehindException());
    }
}

/// <summary>A cell ended, and the code that it ran did not.</summary>
sealed class LeftBehindException : OperationCanceledException;

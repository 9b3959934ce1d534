using System.Runtime;

namespace Legion.Kernel.Cells;

/// <summary>
/// Runs a cell so that it can be stopped. What begins on the cell's own thread and what goes on after an
/// <c>await</c> can both be aborted in the middle of a loop; a wait on the cell's thread is broken off.
/// What runs on foreign threads (Task.Run), in native code or in a catch block cannot be stopped: the cell ends without it.
/// </summary>
sealed class CellThread<T>
{
    // Work that looks at its token deserves the time to end by itself.
    static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(300);

    // A thread inside a catch or finally block, or in native code, cannot be aborted.
    const int Attempts = 8;

    // Deep recursion is ordinary in notebooks; the default of 8 MB is for servers.
    const int StackBytes = 64 * 1024 * 1024;

    readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly CancellationTokenSource _abort = new();
    readonly Thread _thread;
    readonly Func<Task<T>> _body;

    CellThread(Func<Task<T>> body)
    {
        _body = body;
        _thread = new Thread(Run, StackBytes) { IsBackground = true, Name = "cell" };
    }

    /// <exception cref="OperationCanceledException">The cell was stopped.</exception>
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
            var result = default(T)!;
#pragma warning disable SYSLIB0046 // Aborting is what an interrupted cell is for; it happens inside user code only.
            ControlledExecution.Run(() => result = RunBody(), _abort.Token);
#pragma warning restore SYSLIB0046
            _done.TrySetResult(result);
        }
        catch (ThreadInterruptedException)
        {
            _done.TrySetException(new OperationCanceledException());
        }
        catch (Exception e) // The cell's border: whatever it throws is its outcome.
        {
            _done.TrySetException(e);
        }
    }

    T RunBody()
    {
        SynchronizationContext.SetSynchronizationContext(new AbortableContinuations(_abort.Token));
        return _body().GetAwaiter().GetResult();
    }

    async Task StopAsync()
    {
        await Task.Delay(Grace).ConfigureAwait(false);
        if (_done.Task.IsCompleted)
            return;
        // Aborting waits until the thread is where it can be aborted, so it gets a thread of its own.
        _ = Task.Run(_abort.Cancel);
        for (var attempt = 0; attempt < Attempts && !_done.Task.IsCompleted; attempt++)
        {
            // An abort does not wake a thread that waits; an interrupt does, also one that begins to wait just now.
            _thread.Interrupt();
            await Task.WhenAny(_done.Task, Task.Delay(Grace)).ConfigureAwait(false);
        }
        // Left behind: the session goes on without it.
        _done.TrySetCanceled();
    }

    /// <summary>
    /// Runs continuations on the pool, as they would without it, so that <c>.Result</c> in a cell never waits
    /// for the thread it blocks; but each can be aborted.
    /// </summary>
    sealed class AbortableContinuations(CancellationToken abort) : SynchronizationContext
    {
        public override SynchronizationContext CreateCopy() => this;

        public override void Send(SendOrPostCallback callback, object? state) => callback(state);

        public override void Post(SendOrPostCallback callback, object? state) =>
            ThreadPool.QueueUserWorkItem(_ => Continue(callback, state));

        void Continue(SendOrPostCallback callback, object? state)
        {
            var before = Current;
            SetSynchronizationContext(this);
            try
            {
#pragma warning disable SYSLIB0046
                ControlledExecution.Run(() => callback(state), abort);
#pragma warning restore SYSLIB0046
            }
            catch (OperationCanceledException) when (abort.IsCancellationRequested)
            {
                // Stopped, as it was asked to be; the cell's own thread reports it.
            }
            finally
            {
                SetSynchronizationContext(before);
            }
        }
    }
}

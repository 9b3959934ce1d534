using System.Runtime.CompilerServices;

namespace Legion.Sdk;

/// <content>Locks: only waiting for one is worth an event.</content>
public static partial class Telemetry
{
    /// <summary>Takes the lock of an object, until what this returns is disposed. If another thread has it, the wait is recorded as a span.</summary>
    /// <param name="name">A literal: what is waited for.</param>
    public static LockScope Lock(object gate, string name, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (Monitor.TryEnter(gate)) return new LockScope(gate);
        using (Span(name, file, line)) Monitor.Enter(gate);
        return new LockScope(gate);
    }

    /// <summary>Waits for a handle. If it is not free at once, the wait is recorded as a span.</summary>
    /// <param name="name">A literal: what is waited for.</param>
    /// <returns>False if it was not free within <paramref name="timeout"/>.</returns>
    public static bool Wait(WaitHandle handle, TimeSpan timeout, string name, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (handle.WaitOne(TimeSpan.Zero)) return true;
        using (Span(name, file, line)) return handle.WaitOne(timeout);
    }
}

/// <summary>A lock that is held; disposing it gives it back.</summary>
public readonly ref struct LockScope
{
    readonly object? gate;

    internal LockScope(object gate) => this.gate = gate;

    public void Dispose()
    {
        if (gate is not null) Monitor.Exit(gate);
    }
}

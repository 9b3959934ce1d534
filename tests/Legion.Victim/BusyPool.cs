using Legion.Sdk;

namespace Legion.Victim;

/// <summary>A program whose work waits on all threads of the runtime's pool while it records: nothing that needs one comes to run before it ends.</summary>
static class BusyPool
{
    static readonly TimeSpan enough = TimeSpan.FromSeconds(60);

    /// <summary>Says whether all was stored, how many events were, and whether work of the pool came to run meanwhile.</summary>
    public static void Run(Uri endpoint, string spool, int events)
    {
        ThreadPool.GetMaxThreads(out _, out var ports);
        if (!ThreadPool.SetMinThreads(1, 1) || !ThreadPool.SetMaxThreads(Environment.ProcessorCount, ports)) throw new InvalidOperationException("the pool takes no limits");
        // Not disposed: what waits in the pool asks it to the end.
        var isOver = new ManualResetEventSlim();
        var isServed = false;
        // In order: what is asked for last waits for threads that all the others wait on.
        for (var task = 4 * Environment.ProcessorCount; task > 0; task--) ThreadPool.UnsafeQueueUserWorkItem(_ => isOver.Wait(), null);
        ThreadPool.UnsafeQueueUserWorkItem(_ => Volatile.Write(ref isServed, true), null);
        using var recording = Telemetry.Start(new TelemetryOptions { Endpoint = endpoint, Spool = spool, BlockBytes = 16 << 10 });
        for (var number = 0; number < events; number++) Telemetry.Metric("number", number);
        var isStored = recording.Flush(enough);
        Console.WriteLine($"{isStored} {recording.Statistics.Sink.StoredEvents} {Volatile.Read(ref isServed)}");
        isOver.Set();
    }
}

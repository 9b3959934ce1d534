namespace Legion.Sdk;

/// <summary>The bridges of a recording while it runs, and the one thread that polls for them.</summary>
sealed class RunningBridges : IDisposable
{
    static readonly TimeSpan longestEnd = TimeSpan.FromSeconds(1);

    readonly Bridges chosen;
    readonly SelfLog selfLog;
    readonly ActivityBridge? activities;
    readonly MeterBridge? meters;
    readonly ThrownExceptions? thrown;
    readonly RuntimeCounters? runtime;
    readonly SystemCounters? system;
    readonly ManualResetEvent ending = new(false);
    readonly Thread? polling;

    public RunningBridges(Bridges chosen, SelfLog selfLog)
    {
        this.chosen = chosen;
        this.selfLog = selfLog;
        if (chosen.Runtime || chosen.Exceptions) thrown = new ThrownExceptions(chosen.Exceptions);
        if (chosen.Runtime) runtime = new RuntimeCounters(thrown!);
        if (chosen.System) system = new SystemCounters();
        if (new NamePatterns(chosen.Meters) is { IsEmpty: false } meterNames) meters = new MeterBridge(meterNames);
        if (new NamePatterns(chosen.Activities) is { IsEmpty: false } sources) activities = new ActivityBridge(sources);
        if (meters is null && runtime is null && system is null) return;
        try
        {
            var thread = new Thread(Run) { Name = "legion poll", IsBackground = true };
            thread.Start();
            polling = thread;
        }
        catch (Exception refused) when (refused is OutOfMemoryException or ThreadStartException)
        {
            selfLog.Report($"cannot start the thread that polls, recording no counters and no meters: {refused.Message}");
        }
    }

    /// <summary>Polls for the last time, and lets go of the program's instrumentation.</summary>
    public void Dispose()
    {
        ending.Set();
        // An instrument that does not answer, or that ends the recording itself, does not hold it up.
        if (polling is not null && polling != Thread.CurrentThread && !polling.Join(longestEnd)) selfLog.Report("cannot poll for the last time: an instrument does not answer");
        activities?.Dispose();
        meters?.Dispose();
        thrown?.Dispose();
    }

    void Run()
    {
        var (nextCounters, nextMeters) = (Environment.TickCount64, Environment.TickCount64);
        bool isLast;
        do
        {
            var wait = Math.Min(nextCounters, nextMeters) - Environment.TickCount64;
            isLast = ending.WaitOne((int)Math.Clamp(wait, 0, int.MaxValue));
            var now = Environment.TickCount64;
            if (isLast || now >= nextCounters)
            {
                Poll(PollCounters);
                nextCounters = now + (long)chosen.CounterInterval.TotalMilliseconds;
            }
            if (isLast || now >= nextMeters)
            {
                if (meters is not null) Poll(meters.Poll);
                nextMeters = now + (long)chosen.MeterInterval.TotalMilliseconds;
            }
        }
        while (!isLast);
        system?.Dispose();
    }

    internal void PollCounters()
    {
        runtime?.Poll();
        system?.Poll();
    }

    /// <summary>As on the flush thread, nothing that goes wrong here may end the program: observable instruments are its own code.</summary>
    void Poll(Action poll)
    {
        if (HostCode.Failure(ref poll, static (ref Action poll) => poll()) is { } failure) selfLog.Report("cannot finish a poll", failure);
    }
}

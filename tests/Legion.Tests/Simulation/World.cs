namespace Legion.Tests.Simulation;

/// <summary>
/// One thread, one seed: whatever happens has a time, chance makes the times, and what is next in time runs next.
/// Everything that awaits comes back here, so that the seed alone decides how the parts interleave.
/// </summary>
sealed class World(int seed)
{
    readonly PriorityQueue<(Actor? Owner, Action Action), (TimeSpan At, long Order)> events = new();
    long order;

    public Random Random { get; } = new(seed);

    /// <summary>Since the begin.</summary>
    public TimeSpan Now { get; private set; }

    /// <summary>False in the end, when everything that is still on its way shall arrive.</summary>
    public bool HasFaults { get; set; } = true;

    /// <summary>What nobody expected.</summary>
    public Exception? Failure { get; private set; }

    public bool Chance(double probability) => HasFaults && Random.NextDouble() < probability;

    public void Fail(Exception cause) => Failure ??= cause;

    /// <param name="owner">Where it is dead by then, nothing happens; null: happens in any case.</param>
    public void After(TimeSpan delay, Actor? owner, Action action) => events.Enqueue((owner, action), (Now + delay, order++));

    /// <summary>Some milliseconds; now and then as long as a lease or a night.</summary>
    public TimeSpan Delay() => Random.NextDouble() switch
    {
        < 0.004 when HasFaults => TimeSpan.FromHours(5 + 5 * Random.NextDouble()),
        < 0.02 when HasFaults => TimeSpan.FromSeconds(30 + 300 * Random.NextDouble()),
        _ => TimeSpan.FromMilliseconds(50 * Random.NextDouble()),
    };

    /// <summary>Runs what happens until nothing does, or until then.</summary>
    public void Run(TimeSpan until)
    {
        var before = SynchronizationContext.Current;
        try
        {
            while (Failure is null && events.TryPeek(out _, out var next) && next.At <= until)
            {
                var (owner, action) = events.Dequeue();
                Now = next.At;
                if (owner is { IsAlive: false }) continue;
                SynchronizationContext.SetSynchronizationContext(owner);
                action();
            }
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }
}

/// <summary>A program on some machine: its tasks resume here while it is alive, and never again when it is dead.</summary>
class Actor : SynchronizationContext
{
    /// <param name="skew">How far its clock is ahead.</param>
    public Actor(World world, TimeSpan skew)
    {
        World = world;
        Clock = new SimulatedClock(this, skew);
    }

    public World World { get; }

    public SimulatedClock Clock { get; }

    public bool IsAlive { get; set; } = true;

    /// <summary>Something takes its time; a program may be killed meanwhile.</summary>
    public Task StepAsync(double killedChance = 0)
    {
        var step = new TaskCompletionSource();
        if (World.Chance(killedChance)) IsAlive = false;
        World.After(World.Delay(), this, step.SetResult);
        return step.Task;
    }

    public Task WaitAsync(TimeSpan time)
    {
        var over = new TaskCompletionSource();
        World.After(time, this, over.SetResult);
        return over.Task;
    }

    /// <summary>Begins some work now.</summary>
    public void Begin(Func<Task> work) => World.After(TimeSpan.Zero, this, () => Watch(work));

    public override void Post(SendOrPostCallback d, object? state) => World.After(TimeSpan.Zero, this, () => d(state));

    public override SynchronizationContext CreateCopy() => this;

    async void Watch(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception cause)
        {
            World.Fail(cause);
        }
    }
}

/// <summary>The time of a world as one program's clock shows it.</summary>
sealed class SimulatedClock(Actor owner, TimeSpan skew) : TimeProvider
{
    /// <summary>An hour before midnight, so that the day changes in the middle of things.</summary>
    static readonly DateTimeOffset Begin = new(2026, 1, 1, 23, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => Begin + owner.World.Now + skew;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => owner.World.Now.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new OneTimer(owner, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    sealed class OneTimer(Actor owner, TimerCallback callback, object? state) : ITimer
    {
        int version;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var own = ++version;
            if (dueTime != Timeout.InfiniteTimeSpan) owner.World.After(dueTime, owner, () =>
            {
                if (own == version) callback(state);
            });
            return true;
        }

        public void Dispose() => version++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

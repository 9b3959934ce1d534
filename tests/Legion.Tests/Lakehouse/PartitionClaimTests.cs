using Legion.Lakehouse;
using Legion.Store;
using Legion.Tests.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Lakehouse;

/// <summary>A claim is kept by who works, however long, and is soon free of who was killed.</summary>
public sealed class PartitionClaimTests : IDisposable
{
    static readonly TimeSpan step = TimeSpan.FromSeconds(1);

    readonly MemoryCatalog memory = new($"claims-{Guid.NewGuid():N}");
    readonly SteppedClock clock = new();
    readonly PartitionKey key = new("spans", Guid.CreateVersion7(), 3);

    /// <summary>What a timer sets going runs where it rings, and has ended when the clock stands still again.</summary>
    public PartitionClaimTests() => SynchronizationContext.SetSynchronizationContext(null);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_is_renewed_while_the_work_goes_on()
    {
        var own = await TakeAsync(memory, "a");
        Assert.NotNull(own);
        for (var passed = TimeSpan.Zero; passed < PartitionClaim.Lease * 3; passed += step)
        {
            Assert.Null(await TakeAsync(memory, "b"));
            clock.Advance(step);
        }
        await own.DisposeAsync();
        await using var next = await TakeAsync(memory, "b");
        Assert.NotNull(next);
    }

    [Fact]
    public async Task Who_was_killed_holds_others_up_for_one_lease()
    {
        Assert.True(await memory.ClaimPartitionAsync(Tenant.Default, key, "killed", (long)PartitionClaim.Lease.TotalNanoseconds, NowNs, Cancellation));
        clock.Advance(PartitionClaim.Lease - TimeSpan.FromTicks(1));
        Assert.Null(await TakeAsync(memory, "b"));
        clock.Advance(TimeSpan.FromTicks(1));
        await using var next = await TakeAsync(memory, "b");
        Assert.NotNull(next);
    }

    /// <summary>The database is away for a while, and later somebody else has the claim: neither ends the work.</summary>
    [Fact]
    public async Task A_renewal_that_fails_is_tried_again_and_a_claim_that_is_lost_is_left()
    {
        var (isAway, renewals) = (false, 0);
        var catalog = CatalogHooks.Around(memory, nameof(ICatalog.ClaimPartitionAsync), async call =>
        {
            renewals++;
            if (isAway) throw new StoreUnavailableException("away");
            await call();
        });
        var own = await TakeAsync(catalog, "a");
        Assert.NotNull(own);
        isAway = true;
        clock.Advance(PartitionClaim.Lease / 2);
        isAway = false;
        clock.Advance(PartitionClaim.Lease / 2);
        Assert.Null(await TakeAsync(memory, "b"));

        isAway = true;
        for (var passed = TimeSpan.Zero; passed < PartitionClaim.Lease; passed += step) clock.Advance(step);
        await using var others = await TakeAsync(memory, "b");
        Assert.NotNull(others);
        isAway = false;
        for (var passed = TimeSpan.Zero; passed < PartitionClaim.Lease; passed += step) clock.Advance(step);
        var known = renewals;
        for (var passed = TimeSpan.Zero; passed < PartitionClaim.Lease; passed += step) clock.Advance(step);
        Assert.Equal(known, renewals);
        await own.DisposeAsync();
        Assert.Null(await TakeAsync(memory, "c")); // who lost it does not give up another's
    }

    public void Dispose() => memory.Dispose();

    long NowNs => (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;

    Task<PartitionClaim?> TakeAsync(ICatalog catalog, string claimant) => PartitionClaim.TryTakeAsync(catalog, Tenant.Default, key, claimant, clock, Cancellation);

    /// <summary>A clock whose timers ring as it is moved on, on the thread that moves it.</summary>
    sealed class SteppedClock : TimeProvider
    {
        readonly List<SteppedTimer> timers = [];
        DateTimeOffset now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => now;

        public void Advance(TimeSpan time)
        {
            var until = now + time;
            while (timers.Where(timer => timer.At <= until).MinBy(timer => timer.At) is { } next)
            {
                now = next.At > now ? next.At : now;
                next.Ring();
            }
            now = until;
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = new SteppedTimer(this, callback, state);
            timer.Change(dueTime, period);
            return timer;
        }

        sealed class SteppedTimer(SteppedClock clock, TimerCallback callback, object? state) : ITimer
        {
            public DateTimeOffset At { get; private set; }

            public void Ring()
            {
                clock.timers.Remove(this);
                callback(state);
            }

            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                clock.timers.Remove(this);
                if (dueTime == Timeout.InfiniteTimeSpan) return true;
                At = clock.now + dueTime;
                clock.timers.Add(this);
                return true;
            }

            public void Dispose() => clock.timers.Remove(this);

            public ValueTask DisposeAsync()
            {
                Dispose();
                return ValueTask.CompletedTask;
            }
        }
    }
}

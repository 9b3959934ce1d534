using Legion.Store;

namespace Legion.Tests.Store;

public sealed class PatienceTests
{
    [Fact]
    public void APauseTakesATenthHoweverLongItIs()
    {
        var timers = new TimersByHand();
        using var patience = new Patience(TimeSpan.FromSeconds(10), timers, TestContext.Current.CancellationToken);
        for (var tenth = 1; tenth < 10; tenth++)
        {
            Assert.Equal(TimeSpan.FromSeconds(1), timers.Due);
            timers.Fire(); // as after a second, or after a night
            Assert.False(patience.Token.IsCancellationRequested);
        }
        timers.Fire();
        Assert.True(patience.Token.IsCancellationRequested);
        Assert.Null(timers.Due);
    }

    [Fact]
    public void WhoAsksMayEndIt()
    {
        using var asked = new CancellationTokenSource();
        using var patience = new Patience(TimeSpan.FromSeconds(10), new TimersByHand(), asked.Token);
        asked.Cancel();
        Assert.True(patience.Token.IsCancellationRequested);
    }

    [Fact]
    public void ATimerThatFiresLateHarmsNobody()
    {
        var timers = new TimersByHand();
        using (new Patience(TimeSpan.FromSeconds(10), timers, TestContext.Current.CancellationToken))
            for (var tenth = 1; tenth < 10; tenth++) timers.Fire();
        timers.Fire();
    }

    /// <summary>One timer, which fires when it is told to.</summary>
    sealed class TimersByHand : TimeProvider, ITimer
    {
        Action? callback;

        public TimeSpan? Due { get; private set; }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            this.callback = () => callback(state);
            Change(dueTime, period);
            return this;
        }

        public void Fire()
        {
            Due = null;
            callback!();
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Due = dueTime;
            return true;
        }

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

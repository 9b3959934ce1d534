using Legion.Ingestion;

namespace Legion.Tests.Ingestion;

public class FairTurnsTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WhoSendsLittleWaitsForOneOfWhoSendsMuch()
    {
        var turns = new FairTurns<string>(1);
        await turns.EnterAsync("noisy", 100, Cancellation);
        var order = new List<string>();
        var waiting = new List<Task>();
        for (var i = 0; i < 50; i++) waiting.Add(EnterAsync(turns, "noisy", 100, order));
        waiting.Add(EnterAsync(turns, "quiet", 100, order));
        Assert.Equal(51, turns.Waiting);

        turns.Leave();
        await Task.WhenAll(waiting);

        Assert.True(order.IndexOf("quiet") <= 1, string.Join(' ', order));
        Assert.Equal(0, turns.Waiting);
    }

    [Fact]
    public async Task BytesCountAndNotRequests()
    {
        var turns = new FairTurns<string>(1);
        await turns.EnterAsync("first", 1, Cancellation);
        var order = new List<string>();
        var waiting = new List<Task>();
        for (var i = 0; i < 10; i++) waiting.Add(EnterAsync(turns, "large", 1_000, order));
        for (var i = 0; i < 10; i++) waiting.Add(EnterAsync(turns, "small", 100, order));

        turns.Leave();
        await Task.WhenAll(waiting);

        // Ten small ones weigh as much as one large one.
        Assert.True(order.Take(12).Count(one => one == "small") == 10, string.Join(' ', order));
    }

    [Fact]
    public async Task WhoWasSilentHasSavedNothing()
    {
        var turns = new FairTurns<string>(1);
        for (var i = 0; i < 100; i++)
        {
            await turns.EnterAsync("busy", 100, Cancellation);
            turns.Leave();
        }
        await turns.EnterAsync("busy", 100, Cancellation);
        var order = new List<string>();
        var waiting = new List<Task>();
        for (var i = 0; i < 10; i++)
        {
            waiting.Add(EnterAsync(turns, "new", 100, order));
            waiting.Add(EnterAsync(turns, "busy", 100, order));
        }
        turns.Leave();
        await Task.WhenAll(waiting);
        Assert.InRange(order.Take(10).Count(one => one == "busy"), 4, 6);
    }

    [Fact]
    public async Task WhoHasLeftIsPassedOver()
    {
        var turns = new FairTurns<string>(1);
        await turns.EnterAsync("a", 1, Cancellation);
        using var gone = new CancellationTokenSource();
        var cancelled = turns.EnterAsync("a", 1, gone.Token).AsTask();
        var behind = turns.EnterAsync("a", 1, Cancellation).AsTask();
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);

        turns.Leave();
        await behind;
        turns.Leave();
        await turns.EnterAsync("b", 1, Cancellation);
        Assert.Equal(0, turns.Waiting);
    }

    [Fact]
    public async Task NoMoreThanSoManyHaveATurnAtOnce()
    {
        var turns = new FairTurns<int>(3);
        int at = 0, most = 0;
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(async () =>
        {
            await turns.EnterAsync(i % 7, i, Cancellation);
            var seen = Interlocked.Increment(ref at);
            for (var known = most; seen > known; known = most) Interlocked.CompareExchange(ref most, seen, known);
            await Task.Yield();
            Interlocked.Decrement(ref at);
            turns.Leave();
        }, Cancellation)));
        Assert.InRange(most, 1, 3);
        for (var i = 0; i < 3; i++) Assert.True(turns.EnterAsync(1, 1, Cancellation).IsCompletedSuccessfully);
        Assert.False(turns.EnterAsync(1, 1, Cancellation).IsCompleted);
    }

    /// <summary>Enters, notes that it had its turn, and leaves.</summary>
    static Task EnterAsync(FairTurns<string> turns, string key, long bytes, List<string> order)
    {
        var entering = turns.EnterAsync(key, bytes, Cancellation).AsTask();
        return Pass();

        async Task Pass()
        {
            await entering;
            lock (order) order.Add(key);
            turns.Leave();
        }
    }
}

using Legion.Lakehouse;

namespace Legion.Tests.Lakehouse;

public sealed class BuildTurnsTests
{
    readonly BuildTurns turns = new(2);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WhatIsUrgentGoesFirstAndEachLineInOrder()
    {
        await Task.WhenAll(turns.WaitAsync(false, Cancellation), turns.WaitAsync(false, Cancellation));
        var order = new List<string>();
        async Task TakeAsync(string name, bool isUrgent)
        {
            await turns.WaitAsync(isUrgent, Cancellation);
            lock (order) order.Add(name);
            turns.Release();
        }

        Task[] taken = [TakeAsync("a", false), TakeAsync("b", false), TakeAsync("C", true), TakeAsync("D", true)];
        Assert.All(taken, task => Assert.False(task.IsCompleted));
        turns.Release();
        await Task.WhenAll(taken);
        Assert.Equal(["C", "D", "a", "b"], order);
    }

    [Fact]
    public async Task WhoGivesUpTakesNoTurn()
    {
        await Task.WhenAll(turns.WaitAsync(true, Cancellation), turns.WaitAsync(true, Cancellation));
        using var impatient = new CancellationTokenSource();
        var (left, stays) = (turns.WaitAsync(true, impatient.Token), turns.WaitAsync(false, Cancellation));
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        turns.Release();
        await stays;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => turns.WaitAsync(false, impatient.Token));
        turns.Release();
        turns.Release();
        await Task.WhenAll(turns.WaitAsync(false, Cancellation), turns.WaitAsync(false, Cancellation));
        Assert.False(turns.WaitAsync(false, Cancellation).IsCompleted);
    }
}

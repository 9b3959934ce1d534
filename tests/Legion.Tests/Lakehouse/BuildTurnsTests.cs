using Legion.Lakehouse;

namespace Legion.Tests.Lakehouse;

public sealed class BuildTurnsTests
{
    readonly BuildTurns turns = new(2);
    readonly BuildLine usual = new(isUrgent: false), urgent = new(isUrgent: true);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WhatIsUrgentGoesFirstAndOthersTakeTurns()
    {
        var moment = new BuildLine(isUrgent: false);
        await Task.WhenAll(turns.WaitAsync(usual, Cancellation), turns.WaitAsync(usual, Cancellation));
        var order = new List<string>();
        async Task TakeAsync(string name, BuildLine line)
        {
            await turns.WaitAsync(line, Cancellation);
            lock (order) order.Add(name);
            turns.Release();
        }

        Task[] taken = [TakeAsync("a", usual), TakeAsync("b", usual), TakeAsync("c", usual), TakeAsync("1", moment), TakeAsync("2", moment), TakeAsync("C", urgent), TakeAsync("D", urgent)];
        Assert.All(taken, task => Assert.False(task.IsCompleted));
        turns.Release();
        await Task.WhenAll(taken);
        Assert.Equal(["C", "D", "a", "1", "b", "2", "c"], order);
    }

    [Fact]
    public async Task WhoGivesUpTakesNoTurn()
    {
        await Task.WhenAll(turns.WaitAsync(urgent, Cancellation), turns.WaitAsync(urgent, Cancellation));
        using var impatient = new CancellationTokenSource();
        var (left, stays) = (turns.WaitAsync(urgent, impatient.Token), turns.WaitAsync(usual, Cancellation));
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        turns.Release();
        await stays;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => turns.WaitAsync(usual, impatient.Token));
        turns.Release();
        turns.Release();
        await Task.WhenAll(turns.WaitAsync(usual, Cancellation), turns.WaitAsync(usual, Cancellation));
        Assert.False(turns.WaitAsync(usual, Cancellation).IsCompleted);
    }
}

using Legion.Store;

namespace Legion.Tests.Store;

public sealed class LocalCopiesTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AFetchThatFailsIsTriedAgainByTheNextWhoAsks()
    {
        var copies = LocalCopies.Create();

        await Assert.ThrowsAsync<StoreUnavailableException>(() => copies.FileAsync("a/1", _ => throw new StoreUnavailableException("away"), Cancellation));
        Assert.Equal("abc", await File.ReadAllTextAsync(await copies.FileAsync("a/1", file => File.WriteAllTextAsync(file, "abc"), Cancellation), Cancellation));
    }

    [Fact]
    public async Task WhoGivesUpWaitingDoesNotEndTheFetch()
    {
        var copies = LocalCopies.Create();
        var mayEnd = new TaskCompletionSource();
        using var impatience = new CancellationTokenSource();
        Task FetchAsync(string file) => mayEnd.Task.ContinueWith(_ => File.WriteAllText(file, "abc"), TaskScheduler.Default);

        var impatient = copies.FileAsync("a/1", FetchAsync, impatience.Token);
        var patient = copies.FileAsync("a/1", _ => throw new InvalidOperationException("fetched twice"), Cancellation);
        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        mayEnd.SetResult();

        Assert.Equal("abc", await File.ReadAllTextAsync(await patient, Cancellation));
    }

    [Fact]
    public async Task WhatIsForgottenWhileItIsFetchedLeavesNoFile()
    {
        var copies = LocalCopies.Create();
        var mayEnd = new TaskCompletionSource();
        var fetch = copies.FileAsync("a/1", async file =>
        {
            await mayEnd.Task;
            await File.WriteAllTextAsync(file, "abc");
        }, Cancellation);
        var forgotten = copies.ForgetAsync("a/1");
        mayEnd.SetResult();
        await forgotten;

        Assert.False(File.Exists(await fetch));
    }

    [Fact]
    public void TheFoldersOfProgramsThatWereKilledAreRemovedAndNoOthers()
    {
        var alive = LocalCopies.Create();
        var killed = Directory.CreateTempSubdirectory(Path.GetFileName(alive.Folder)[..^6]).FullName;
        File.WriteAllText(Path.Combine(killed, "lock"), "");
        File.WriteAllText(Path.Combine(killed, "object"), "of a program that is gone");

        LocalCopies.Create();

        Assert.False(Directory.Exists(killed));
        Assert.True(Directory.Exists(alive.Folder));
    }
}

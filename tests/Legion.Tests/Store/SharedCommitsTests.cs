using Legion.Format;
using Legion.Store;

namespace Legion.Tests.Store;

public class SharedCommitsTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WritesThatComeDuringACommitShareTheNext()
    {
        var first = new TaskCompletionSource();
        var groups = new List<int>();
        var commits = new SharedCommits(async writes =>
        {
            lock (groups) groups.Add(writes.Count);
            await first.Task;
        });
        var writes = Enumerable.Range(0, 10).Select(_ => new SharedWrite(_ => Task.CompletedTask)).ToList();
        commits.Add(writes[0]);
        SpinWait.SpinUntil(() => { lock (groups) return groups.Count == 1; });
        foreach (var write in writes.Skip(1)) commits.Add(write);
        first.SetResult();
        await Task.WhenAll(writes.Select(write => write.Committed));
        Assert.Equal([1, 9], groups);
    }

    [Fact]
    public async Task ACommitThatFailsFailsAllItsWrites()
    {
        var commits = new SharedCommits(_ => Task.FromException(new StoreUnavailableException("full")));
        var write = new SharedWrite(_ => Task.CompletedTask);
        commits.Add(write);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => write.Committed);
    }

    /// <summary>In SQLite: what fails leaves nothing behind, and takes nothing from those it shares the transaction with.</summary>
    [Fact]
    public async Task AWriteThatFailsLeavesTheOthersAlone()
    {
        using var lake = new TemporaryLake();
        var recording = new Recording();
        await new BlockAppend(lake.Store, TimeProvider.System).AppendAsync(Tenant.Default, recording.Items(), Cancellation);

        var results = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => Task.Run(async () =>
        {
            byte[] bytes;
            lock (recording) bytes = recording.Block();
            var block = BlockCandidate.Read(bytes).Row($"blocks/{i}", 0);
            // The second object of a bad one cannot be inserted: the first, which could, must go with it.
            NewObject good = new($"blocks/{i}", block.Bytes, 20_000, block.Class, recording.ProcessId, [block]);
            NewObject bad = good with { Key = $"blocks/{i}-bad", Blocks = [block with { BlockId = Guid.CreateVersion7(), ObjectKey = null! }] };
            try
            {
                await lake.Store.Catalog.InsertBlocksAsync(Tenant.Default, i % 2 == 0 ? [good] : [good, bad], Cancellation);
                return true;
            }
            catch (InvalidOperationException)
            {
                return false;
            }
        })));

        Assert.Equal(Enumerable.Range(0, 100).Select(i => i % 2 == 0), results);
        var rows = await lake.Store.Catalog.ReadBlocksAsync(Tenant.Default, null, Cancellation);
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"blocks/{2 * i}").Order(StringComparer.Ordinal), rows.Select(row => row.ObjectKey).Order(StringComparer.Ordinal));
        Assert.Equal(50, rows.Select(row => row.Arrival).Distinct().Count());
    }
}

using System.Collections.Concurrent;

namespace Legion.Store;

/// <summary>Keeps blocks of days that retention has dropped from coming back: their clients are done with them.</summary>
sealed class ExpiredDays(ICatalog catalog, TimeProvider clock)
{
    /// <summary>A rule that was changed holds everywhere after this; what came meanwhile goes with the next run of retention.</summary>
    static readonly TimeSpan RereadAfter = TimeSpan.FromMinutes(1);

    readonly ConcurrentDictionary<Tenant, (long ReadAt, IReadOnlyList<RetentionRule> Rules)> known = new();

    public async Task LeaveOutAsync(Tenant tenant, List<BlockCandidate> blocks, CancellationToken cancellation)
    {
        if (!blocks.Exists(block => block.IsOpen)) return;
        if (!known.TryGetValue(tenant, out var read) || clock.GetElapsedTime(read.ReadAt) > RereadAfter)
            known[tenant] = read = (clock.GetTimestamp(), await catalog.ReadRetentionAsync(tenant, cancellation));
        if (read.Rules.Count == 0) return;
        var nowNs = (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
        foreach (var block in blocks)
            if (block.IsOpen && read.Rules.FirstOrDefault(rule => rule.Class == block.Header.Class) is { } rule && block.Day < rule.FirstDay(nowNs))
                block.Decide(BlockCode.Exists, BlockAnswer.Expired);
    }
}

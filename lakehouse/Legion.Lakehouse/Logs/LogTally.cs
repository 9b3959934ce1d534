using System.Diagnostics;
using Legion.Lakehouse.Timeline;
using Legion.Store;

namespace Legion.Lakehouse.Logs;

/// <summary>
/// Entries of a time counted by level and step, block by block in the order of their begins, as far as somebody waits for it: who goes away stops it, and who comes back goes on.
/// Safe for use from several threads.
/// </summary>
/// <param name="fromNs">Nanoseconds UTC.</param>
/// <param name="toNs">Exclusive.</param>
/// <param name="seen">Told of each block what it has, whatever its time.</param>
sealed class LogTally(LogBlockReader reader, long fromNs, long toNs, Action<BlockRow, LogPoints> seen)
{
    readonly SemaphoreSlim turn = new(1);
    readonly Lock gate = new();

    /// <summary>Of each counted block, how many entries of each level it has in the time.</summary>
    readonly Dictionary<Guid, int[]> counted = [];

    /// <summary>By step, which is the time's upper bits: as these grow fewer, steps merge and stay exact.</summary>
    Dictionary<long, long[]> steps = [];
    int stepBits;

    /// <summary>Counts blocks that are not counted yet, at least one.</summary>
    /// <param name="blocks">In order of begin.</param>
    /// <param name="patience">No longer than so.</param>
    public async Task AdvanceAsync(IReadOnlyList<BlockRow> blocks, TimeSpan patience, CancellationToken cancellation)
    {
        var begun = Stopwatch.GetTimestamp();
        await turn.WaitAsync(cancellation);
        try
        {
            // Before who waits for an answer has its thread back there may be thousands of blocks that are all in memory.
            await Task.Yield();
            foreach (var block in blocks)
            {
                if (IsCounted(block)) continue;
                var points = await reader.ReadPointsAsync(block, cancellation);
                seen(block, points);
                Add(block, points);
                if (Stopwatch.GetElapsedTime(begun) >= patience) return;
            }
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>How many of the blocks, from the first on, are counted.</summary>
    public int CountedOf(IReadOnlyList<BlockRow> blocks)
    {
        lock (gate)
        {
            var count = 0;
            while (count < blocks.Count && counted.ContainsKey(blocks[count].BlockId)) count++;
            return count;
        }
    }

    /// <summary>How many entries of a counted block have a level or a more severe one.</summary>
    public long Count(BlockRow block, int leastLevel)
    {
        lock (gate)
        {
            var sum = 0L;
            foreach (var count in counted[block.BlockId].AsSpan(leastLevel)) sum += count;
            return sum;
        }
    }

    /// <summary>What is counted by now.</summary>
    public LogCounts Counts()
    {
        lock (gate)
            return new LogCounts(0, 1L << stepBits, [.. steps.OrderBy(step => step.Key).SelectMany(step => step.Value.Index().Where(level => level.Item > 0).Select(level => (step.Key, new LevelCount(LogFilter.Levels[level.Index], level.Item))))]);
    }

    /// <summary>Whether a block is counted: late ones come between others that are.</summary>
    public bool IsCounted(BlockRow block)
    {
        lock (gate) return counted.ContainsKey(block.BlockId);
    }

    void Add(BlockRow block, LogPoints points)
    {
        var levels = new int[LogFilter.Levels.Count];
        lock (gate)
        {
            var step = long.MinValue;
            long[] inStep = [];
            var (first, end) = (points.Before(fromNs), points.Before(toNs));
            for (var i = first; i < end; i++)
            {
                var level = points.Levels[i];
                levels[level]++;
                if (points.Times[i] >> stepBits != step || i == first) (step, inStep) = (points.Times[i] >> stepBits, Step(points.Times[i]));
                inStep[level]++;
            }
            counted.Add(block.BlockId, levels);
            Widen();
        }
    }

    long[] Step(long timeNs)
    {
        var step = timeNs >> stepBits;
        if (!steps.TryGetValue(step, out var levels)) steps.Add(step, levels = new long[LogFilter.Levels.Count]);
        return levels;
    }

    /// <summary>Makes steps wide enough that a histogram holds them.</summary>
    void Widen()
    {
        if (steps.Count == 0) return;
        var (first, last) = (steps.Keys.Min(), steps.Keys.Max());
        var wider = 0;
        while ((last >> wider) - (first >> wider) >= LogCounts.MostBars) wider++;
        if (wider == 0) return;
        stepBits += wider;
        steps = steps.GroupBy(step => step.Key >> wider).ToDictionary(group => group.Key, group =>
            Enumerable.Range(0, LogFilter.Levels.Count).Select(level => group.Sum(step => step.Value[level])).ToArray());
    }
}

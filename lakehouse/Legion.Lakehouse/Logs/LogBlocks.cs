using Legion.Store;

namespace Legion.Lakehouse.Logs;

/// <summary>A block with the entries of it that a list has.</summary>
/// <param name="FirstNs">No entry of the list is earlier, nanoseconds UTC.</param>
/// <param name="LastNs">None is later.</param>
/// <param name="Count">How many there are.</param>
readonly record struct LogBlock(BlockRow Row, long FirstNs, long LastNs, long Count);

/// <summary>
/// At which place of a list the entries of blocks lie. Blocks may overlap in time; what is asked for is told by the few that lie around it.
/// </summary>
sealed class LogBlocks
{
    readonly LogBlock[] blocks;

    /// <summary>Of each block in order of its first time, how many entries those before it have; and of all.</summary>
    readonly long[] before;

    /// <summary>Of each block, the last time of all up to it.</summary>
    readonly long[] latest;

    /// <summary>Last times in order, and how many entries the blocks have that end by then.</summary>
    readonly (long LastNs, long Entries)[] ended;

    public LogBlocks(IEnumerable<LogBlock> blocks)
    {
        this.blocks = [.. blocks.Where(block => block.Count > 0).OrderBy(block => block.FirstNs)];
        before = new long[this.blocks.Length + 1];
        latest = new long[this.blocks.Length];
        for (var i = 0; i < this.blocks.Length; i++)
        {
            before[i + 1] = before[i] + this.blocks[i].Count;
            latest[i] = Math.Max(i == 0 ? long.MinValue : latest[i - 1], this.blocks[i].LastNs);
        }
        var sum = 0L;
        ended = [.. this.blocks.OrderBy(block => block.LastNs).Select(block => (block.LastNs, sum += block.Count))];
    }

    public long Total => before[^1];

    public int Count => blocks.Length;

    /// <summary>Blocks that may have entries in a time, in order of their first.</summary>
    /// <param name="toNs">Exclusive.</param>
    public IEnumerable<LogBlock> Touching(long fromNs, long toNs)
    {
        var first = FirstFrom(toNs);
        while (first > 0 && latest[first - 1] >= fromNs) first--;
        for (var i = first; i < blocks.Length && blocks[i].FirstNs < toNs; i++)
            if (blocks[i].LastNs >= fromNs) yield return blocks[i];
    }

    /// <summary>How many entries the blocks have that begin before a time: those before it are no more.</summary>
    public long BeginningBefore(long ns) => before[FirstFrom(ns)];

    /// <summary>A time in which all entries from a place to another lie.</summary>
    /// <param name="last">Below <see cref="Total"/>.</param>
    /// <returns>The end is exclusive.</returns>
    public (long FromNs, long ToNs) TimeOf(long first, long last)
    {
        var found = Array.BinarySearch(before, first);
        var index = Math.Min(found >= 0 ? found : ~found - 1, blocks.Length - 1);
        // Of blocks that begin at one time, the first: entries before it are no more than those of the blocks before it.
        var fromNs = blocks[index].FirstNs;
        var (low, high) = (0, ended.Length - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (ended[middle].Entries > last) high = middle;
            else low = middle + 1;
        }
        return (fromNs, ended[low].LastNs + 1);
    }

    /// <summary>The first block that begins at a time or after it.</summary>
    int FirstFrom(long ns)
    {
        var (low, high) = (0, blocks.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (blocks[middle].FirstNs < ns) low = middle + 1;
            else high = middle;
        }
        return low;
    }
}

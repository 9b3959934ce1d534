using Legion.Format;
using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>
/// Finds where spans end that are open at a time: a span's row lies in the slot of the block that holds its end, however long after its begin.
/// Each block's header names the spans that are open before it, so that a few headers of each thread tell, whatever lies between.
/// </summary>
sealed class SpanEnds(BlockSource source, ProcessSnapshot snapshot)
{
    readonly Dictionary<Guid, int> slotOf = snapshot.Slots.SelectMany(slot => slot.Blocks.Select(block => (block.BlockId, slot.Number))).ToDictionary();

    /// <summary>Slots that may hold the row of a span that began by then and was still open at the stream's next block.</summary>
    /// <param name="atNs">Nanoseconds UTC.</param>
    public async Task<IReadOnlySet<int>> SlotsAsync(long atNs, CancellationToken cancellation)
    {
        var slots = new HashSet<int>();
        foreach (var stream in snapshot.Streams.Where(stream => stream.Class == StreamClass.Trace))
        {
            BlockRow[] blocks = [.. snapshot.BlocksOf(stream.StreamId).Where(block => PartitionBuilder.Holds(Views.Spans, snapshot, block))];
            var next = Array.FindIndex(blocks, block => block.BeginNs > atNs);
            if (next >= 0) await AddAsync(slots, blocks, next, atNs, cancellation);
        }
        return slots;
    }

    async Task AddAsync(HashSet<int> slots, BlockRow[] blocks, int next, long atNs, CancellationToken cancellation)
    {
        var open = new Dictionary<int, int>();
        HashSet<ulong>? wanted = null;
        var first = await OpenAsync(next);
        if (first == 0) return;
        // Twice as far each time, as most end soon; then between what is left.
        var (low, lowOpen) = (next, first);
        for (var step = 1; lowOpen > 0 && low < blocks.Length; step *= 2)
        {
            var high = Math.Min(low + step, blocks.Length);
            var highOpen = await OpenAsync(high);
            await BetweenAsync(low, lowOpen, high, highOpen);
            (low, lowOpen) = (high, highOpen);
        }

        async Task BetweenAsync(int low, int lowOpen, int high, int highOpen)
        {
            if (lowOpen == highOpen) return;
            if (high - low > 1)
            {
                var middle = low + (high - low) / 2;
                var middleOpen = await OpenAsync(middle);
                await BetweenAsync(low, lowOpen, middle, middleOpen);
                await BetweenAsync(middle, middleOpen, high, highOpen);
                return;
            }
            slots.Add(slotOf[blocks[low].BlockId]);
            // Where the end was lost, the block that goes on without it holds the row: the next that can be read.
            for (var index = high; index < blocks.Length; index++)
            {
                slots.Add(slotOf[blocks[index].BlockId]);
                if ((blocks[index].Flags & BlockFlags.StackOmitted) == 0 && await source.ReadHeaderAsync(blocks[index], cancellation) is not null) break;
            }
        }

        // How many of the wanted spans are open before a block. Behind the last none is: what never ended has its row in the last block's slot.
        async Task<int> OpenAsync(int index)
        {
            if (index == blocks.Length) return 0;
            if (open.TryGetValue(index, out var known)) return known;
            var header = await HeaderAsync(blocks, index, cancellation);
            var named = header?.OpenSpans ?? [];
            wanted ??= [.. named.Where(span => span.BeginNs <= atNs).Select(span => span.Ordinal)];
            return open[index] = named.Count(span => wanted.Contains(span.Ordinal));
        }
    }

    /// <returns>Of a block that does not say what is open, or cannot be read, that of the next which does; null for none.</returns>
    async Task<BlockHeader?> HeaderAsync(BlockRow[] blocks, int index, CancellationToken cancellation)
    {
        for (; index < blocks.Length; index++)
        {
            if ((blocks[index].Flags & BlockFlags.StackOmitted) != 0) continue;
            if (await source.ReadHeaderAsync(blocks[index], cancellation) is { } header) return header;
        }
        return null;
    }
}

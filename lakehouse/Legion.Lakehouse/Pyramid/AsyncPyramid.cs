using Legion.Lakehouse.Sql;
using Legion.Lakehouse.Tiles;
using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>Async spans of a process over long times, the short ones summed up by steps of the tiles' grid. Safe for use from several threads.</summary>
public sealed class AsyncPyramid(Lake lake)
{
    readonly PyramidPieces pieces = new(lake, Views.AsyncLevels, Views.AsyncTops, AsyncLevel.MergeAsync);

    /// <summary>Async spans that overlap a time, those shorter than a step by the step they begin in; of spans that have no end, all that began before its end.</summary>
    /// <param name="beginNs">Nanoseconds UTC.</param>
    /// <param name="endNs">Exclusive.</param>
    /// <param name="pixels">What the time is drawn on: a step is two of them at most, and half of one at least.</param>
    /// <returns>Null where the time is so short that asking for the spans themselves reads little.</returns>
    /// <exception cref="NotInLakeException">There is no such process.</exception>
    public async Task<SteppedItems<AsyncItem>?> ReadAsync(Guid processId, long beginNs, long endNs, int pixels, CancellationToken cancellation = default)
    {
        var level = TileGrid.SharpLevel(endNs - beginNs, pixels, TileGrid.MaxLevel);
        return await pieces.ReadAsync(processId, beginNs, endNs, level, async (root, files) =>
        {
            // Where a span ended that is open in a piece may lie beside the time: the piece that holds all knows.
            var open = new HashSet<ulong>();
            using var held = new HeldFiles(lake.Store.Objects);
            if (root is not null)
                foreach (var file in await held.AddAsync([root.Partition], columns: null, RowBounds.None, cancellation))
                    await AsyncLevel.ReadAsync(file, item =>
                    {
                        if (item.IsOpen) open.Add(item.Id);
                    }, cancellation);
            var items = new AsyncLevel(level);
            foreach (var file in files)
                await AsyncLevel.ReadAsync(file, item =>
                {
                    if (item.BeginNs < endNs && (item.IsOpen || item.EndNs >= beginNs)) items.Add(item);
                }, cancellation);
            return new SteppedItems<AsyncItem>(TileGrid.StepNs(level), items.Finish(open.Contains));
        }, cancellation);
    }
}

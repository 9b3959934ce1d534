using Legion.Lakehouse.Tiles;

namespace Legion.Lakehouse;

/// <summary>Items of the steps of a time.</summary>
/// <param name="StepNs">Width of a step of the tiles' grid, nanoseconds.</param>
/// <param name="Items">In no order.</param>
public sealed record SteppedItems<TItem>(long StepNs, IReadOnlyCollection<TItem> Items);

/// <summary>
/// Metrics and logs of a process over long times, summed up by steps of the tiles' grid, without reading what lies within. Safe for use from several threads.
/// </summary>
public sealed class SeriesPyramid(Lake lake)
{
    readonly PyramidPieces measures = Pieces<MeasureItem>(lake), entries = Pieces<LogItem>(lake);

    /// <summary>Samples of metrics by name and step, of the steps that overlap a time.</summary>
    /// <param name="beginNs">Nanoseconds UTC.</param>
    /// <param name="endNs">Exclusive.</param>
    /// <param name="pixels">What the time is drawn on: a step is two of them at most, and half of one at least.</param>
    /// <returns>Null where the time is so short that asking for the samples themselves reads little.</returns>
    /// <exception cref="NotInLakeException">There is no such process.</exception>
    public Task<SteppedItems<MeasureItem>?> ReadMeasuresAsync(Guid processId, long beginNs, long endNs, int pixels, CancellationToken cancellation = default) =>
        ReadAsync<MeasureItem>(measures, processId, beginNs, endNs, pixels, cancellation);

    /// <summary>Log entries by level and step, as <see cref="ReadMeasuresAsync"/>.</summary>
    public Task<SteppedItems<LogItem>?> ReadLogsAsync(Guid processId, long beginNs, long endNs, int pixels, CancellationToken cancellation = default) =>
        ReadAsync<LogItem>(entries, processId, beginNs, endNs, pixels, cancellation);

    static PyramidPieces Pieces<TItem>(Lake lake) where TItem : struct, IStepItem<TItem> => new(lake, TItem.Levels, TItem.Tops, StepLevel<TItem>.MergeAsync);

    static async Task<SteppedItems<TItem>?> ReadAsync<TItem>(PyramidPieces pieces, Guid processId, long beginNs, long endNs, int pixels, CancellationToken cancellation) where TItem : struct, IStepItem<TItem>
    {
        var level = TileGrid.SharpLevel(endNs - beginNs, pixels, TileGrid.MaxLevel);
        var stepNs = TileGrid.StepNs(level);
        var (fromNs, toNs) = (beginNs / stepNs * stepNs, (endNs + stepNs - 1) / stepNs * stepNs);
        return await pieces.ReadAsync(processId, fromNs, toNs, level, async (_, files) =>
        {
            var items = new StepLevel<TItem>(level);
            foreach (var file in files)
                await TItem.ReadAsync(file, item =>
                {
                    if (item.FirstNs >= fromNs && item.FirstNs < toNs) items.Add(item);
                }, cancellation);
            return new SteppedItems<TItem>(stepNs, items.Items);
        }, cancellation);
    }
}

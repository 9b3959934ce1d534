using Legion.Format;
using Legion.Lakehouse.OpenTelemetry;
using Legion.Lakehouse.Tiles;
using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>Takes rows that are complete, and empties the buffer. They come in several pieces where a slot has more than one buffer holds.</summary>
/// <param name="isLast">No rows follow.</param>
delegate void RowsTaker(RowBuffer rows, bool isLast);

/// <summary>What was written of a partition. Of no rows there is no file.</summary>
/// <param name="Extent">Of a piece of a tree over slots.</param>
readonly record struct WrittenPartition(long Rows, long Bytes, IReadOnlyList<PartitionWatch> Watches, LevelExtent? Extent = null);

/// <summary>Writes a view's rows of a slot to a file that is not there yet.</summary>
delegate Task<WrittenPartition> PartitionWriter(View view, ProcessSnapshot snapshot, Slot slot, BlockSource source, string file, CancellationToken cancellation);

/// <summary>
/// Decodes the blocks of one slot into the rows of one view. A damaged block costs its own rows and nothing else;
/// <c>problems</c> names it.
/// </summary>
sealed class PartitionBuilder(BlockSource source, ProcessSnapshot snapshot, Slot slot)
{
    /// <summary>Rows in memory at a time, some 150 MB of spans. A usual slot has fewer, so that its file is sorted as a whole; late blocks can make one much larger.</summary>
    public const int MostRows = 16 * ParquetFile.RowGroupRows;

    readonly string processId = snapshot.Process.ProcessId.ToString();
    readonly List<PartitionWatch> watches = [];
    RowsTaker take = (_, _) => { };
    long rowsTaken;
    LevelExtent? extent;

    /// <summary>Builds the rows and writes them as Parquet, on a thread of the pool: slots that are wanted together are built side by side.</summary>
    public static Task<WrittenPartition> WriteAsync(View view, ProcessSnapshot snapshot, Slot slot, BlockSource source, string file, CancellationToken cancellation) => Task.Run(async () =>
    {
        using var parquet = new ParquetFile(file);
        var builder = new PartitionBuilder(source, snapshot, slot);
        var rows = await builder.BuildAsync(view, (rows, isLast) => parquet.Append(rows, isLast, cancellation), cancellation);
        return new WrittenPartition(rows, parquet.Finish(), builder.watches, builder.extent);
    }, cancellation);

    /// <summary>Decodes the view's rows of the slot.</summary>
    /// <returns>How many there are.</returns>
    public async Task<long> BuildAsync(View view, RowsTaker take, CancellationToken cancellation)
    {
        using var rows = new RowBuffer(view, view.EventType is null ? view.Stored : await EventColumnsAsync(view, cancellation));
        // A span is two events, and a row of most other views one; what sums spans up has far fewer rows.
        var events = BlocksOf(view, snapshot, slot).Sum(block => (long)block.Events);
        if (view == Views.Spans || !view.FollowsSpans) rows.Reserve((int)Math.Min(view == Views.Spans ? events / 2 : events, MostRows));
        this.take = take;
        await (view.Name switch
        {
            "spans" => BuildSpansAsync(rows, _ => TakeMany(rows), cancellation),
            "span_levels" => BuildSpanLevelAsync(rows, cancellation),
            "span_stats" => BuildStatisticsAsync(rows, cancellation),
            "call_tree" => BuildCallTreeAsync(rows, cancellation),
            "async_spans" => BuildAsyncSpansAsync(rows, cancellation),
            "markers" or "flows" => BuildMomentsAsync(rows, cancellation),
            "attachments" => new AttachmentBuilder(source, snapshot, slot, watches.Add).BuildAsync(rows, cancellation),
            "problems" => BuildProblemsAsync(rows, cancellation),
            _ => BuildPointsAsync(rows, view, PointDecoder(rows), cancellation),
        });
        Take(rows, isLast: true);
        return rowsTaken;
    }

    /// <summary>Decodes blocks of a view whose rows are events that stand by themselves, each into rows of the buffer.</summary>
    public static Action<Block, Schema, string, string> PointDecoder(RowBuffer rows) => rows.View.Name switch
    {
        "frames" => new FrameDecoder(rows).Add,
        "log_entries" => OtlpBlock.Either(new LogDecoder(rows).Add, new OtlpLogDecoder(rows).Add),
        "measures" => OtlpBlock.Either(new MeasureDecoder(rows).Add, new OtlpMeasureDecoder(rows).Add),
        _ => new EventDecoder(rows, rows.View.EventType!).Add,
    };

    /// <summary>Hands rows on once there are many. Called between blocks: what a block gave is forgotten where it turns out to be damaged.</summary>
    void TakeMany(RowBuffer rows)
    {
        if (rows.Count >= MostRows) Take(rows, isLast: false);
    }

    void Take(RowBuffer rows, bool isLast)
    {
        rowsTaken += rows.Count;
        take(rows, isLast);
        rows.Clear();
    }

    /// <summary>Blocks of the slot whose rows the view holds.</summary>
    public static IEnumerable<BlockRow> BlocksOf(View view, ProcessSnapshot snapshot, Slot slot) => slot.Blocks.Where(block => Holds(view, snapshot, block));

    /// <summary>Whether the view holds rows of a block.</summary>
    public static bool Holds(View view, ProcessSnapshot snapshot, BlockRow block) =>
        view.Classes.Contains(block.Class) && (view.HoldsOpenTelemetry || !OtlpBlock.IsOpenTelemetry(block)) && (view.StreamName is not { } name || snapshot.Stream(block.StreamId)?.Name == name);

    /// <summary>
    /// Whether rows of the slot may change when blocks arrive that are not in the snapshot, in whichever slot: where a stream has its newest block,
    /// or blocks are missing before its last in the slot. A partition that was built from a later snapshot then has other rows.
    /// </summary>
    public static bool RestsOnLaterBlocks(View view, ProcessSnapshot snapshot, Slot slot) =>
        // An attachment's chunks may lie in any later block.
        view == Views.Attachments || (view.FollowsSpans || view == Views.Problems) && BlocksOf(view, snapshot, slot).GroupBy(block => block.StreamId).Any(stream =>
        {
            var all = snapshot.BlocksOf(stream.Key).ToArray();
            var last = Array.FindLastIndex(all, block => block.BlockId == stream.Last().BlockId);
            return (all[last].Flags & BlockFlags.Unnumbered) == 0 && (last == all.Length - 1 || all[last].Sequence != (ulong)last);
        });

    /// <summary>As they came: what names and types of columns go by where versions of an event type differ.</summary>
    public static IEnumerable<BlockRow> InOrder(IEnumerable<BlockRow> blocks) =>
        blocks.OrderBy(block => block.Arrival).ThenBy(block => block.BeginNs).ThenBy(block => block.BlockId);

    async Task BuildPointsAsync(RowBuffer rows, View view, Action<Block, Schema, string, string> add, CancellationToken cancellation)
    {
        foreach (var row in BlocksOf(view, snapshot, slot))
        {
            var before = rows.Count;
            try
            {
                var block = await source.ReadAsync(row, cancellation);
                add(block, await source.SchemaAsync(row.Schema, cancellation), processId, row.StreamId.ToString());
            }
            catch (InvalidDataException)
            {
                rows.Truncate(before); // the damage is a row of problems
            }
            TakeMany(rows);
        }
    }

    async Task BuildProblemsAsync(RowBuffer rows, CancellationToken cancellation)
    {
        var problems = new ProblemDecoder(rows);
        var attachments = new AttachmentBuilder(source, snapshot, slot, watches.Add);
        foreach (var stream in slot.Blocks.GroupBy(block => block.StreamId))
        {
            var trial = new BlockTrial(processId, stream.First(), snapshot.Stream(stream.Key)?.Name ?? "");
            foreach (var (row, previous) in WithPrevious(stream))
            {
                if (WatchHole(previous, row)) problems.AddLost(previous, row);
                var before = rows.Count;
                try
                {
                    var block = await source.ReadAsync(row, cancellation);
                    var schema = await source.SchemaAsync(row.Schema, cancellation);
                    if (block.Header.IsOpenTelemetry) problems.AddErased(row);
                    else problems.Add(block, row, schema);
                    trial.Add(block, schema);
                }
                catch (InvalidDataException damage)
                {
                    rows.Truncate(before);
                    problems.AddDamaged(row, damage.Message);
                }
            }
            foreach (var (block, bytes, detail) in await attachments.FaultsAsync(stream.Key, cancellation)) problems.AddAttachment(block, bytes, detail);
        }
    }

    /// <summary>Decodes the spans of all threads.</summary>
    /// <param name="decoded">Called after each block, and after the open spans of a stream.</param>
    async Task BuildSpansAsync(RowBuffer rows, Action<SpanDecoder> decoded, CancellationToken cancellation)
    {
        var decoder = new SpanDecoder(rows);
        foreach (var stream in TraceStreams())
        {
            await DecodeAsync(decoder, [rows], stream, () => decoded(decoder), cancellation);
            var last = snapshot.BlocksOf(stream.Key).Last();
            if (stream.Last().BlockId != last.BlockId || decoder.OpenSpans == 0) continue;
            decoder.AddOpenSpans();
            decoded(decoder);
            watches.Add(new PartitionWatch(stream.Key, (long)last.Sequence, long.MaxValue));
        }
    }

    /// <summary>Reduces the spans of all threads, as they are decoded, to the slot's level.</summary>
    async Task BuildSpanLevelAsync(RowBuffer rows, CancellationToken cancellation)
    {
        using var spans = new RowBuffer(Views.Spans, Views.Spans.Stored);
        var level = SpanLevelRows.LevelOf(slot.LastNs - slot.FirstNs);
        var items = new SpanLevelRows(rows, level);
        var reduction = new SpanLevel(TileGrid.StepNs(level), items.Add);
        await BuildSpansAsync(spans, _ =>
        {
            SpanItems.Take(spans, reduction.Add);
            spans.Clear();
            TakeMany(rows);
        }, cancellation);
        reduction.Finish();
        extent = new LevelExtent(level, items.FromNs, items.ToNs);
    }

    async Task BuildStatisticsAsync(RowBuffer rows, CancellationToken cancellation)
    {
        using var spans = new RowBuffer(Views.Spans, Views.Spans.Stored);
        var statistics = new SpanStatistics(rows, slot);
        await BuildSpansAsync(spans, _ =>
        {
            statistics.Add(spans);
            spans.Clear();
            TakeMany(rows);
        }, cancellation);
        statistics.Finish();
        extent = new LevelExtent(0, slot.FirstNs, slot.LastNs);
    }

    async Task BuildCallTreeAsync(RowBuffer rows, CancellationToken cancellation)
    {
        using var spans = new RowBuffer(Views.Spans, Views.Spans.Stored);
        var tree = new CallTree(rows, slot);
        await BuildSpansAsync(spans, decoder =>
        {
            tree.Add(spans, decoder.Opened);
            spans.Clear();
            TakeMany(rows);
        }, cancellation);
        tree.Finish();
    }

    async Task BuildMomentsAsync(RowBuffer rows, CancellationToken cancellation)
    {
        using var spanRows = new RowBuffer(Views.Spans, Views.Spans.Stored);
        var decoder = new SpanDecoder(spanRows, new MomentDecoder(rows));
        foreach (var stream in TraceStreams())
            await DecodeAsync(decoder, [rows, spanRows], stream, () =>
            {
                spanRows.Clear();
                TakeMany(rows);
            }, cancellation);
    }

    async Task BuildAsyncSpansAsync(RowBuffer rows, CancellationToken cancellation)
    {
        var decoder = new AsyncSpanDecoder(rows, stream => snapshot.Stream(stream)?.Name);
        var add = OtlpBlock.Either(decoder.Add, new OtlpSpanDecoder(rows).Add);
        foreach (var row in BlocksOf(Views.AsyncSpans, snapshot, slot))
        {
            var before = rows.Count;
            try
            {
                add(await source.ReadAsync(row, cancellation), await source.SchemaAsync(row.Schema, cancellation), processId, row.StreamId.ToString());
            }
            catch (InvalidDataException)
            {
                rows.Truncate(before); // the decoder is as before the block; the damage is a row of problems
            }
            TakeMany(rows);
        }
        decoder.AddOpenSpans(processId);
        // A stream is registered before its first block arrives: then its name is known.
        foreach (var stream in decoder.UnknownStreams) watches.Add(new PartitionWatch(stream, -1, long.MaxValue));
    }

    IEnumerable<IGrouping<Guid, BlockRow>> TraceStreams() => BlocksOf(Views.Spans, snapshot, slot).GroupBy(block => block.StreamId);

    /// <summary>Decodes the slot's blocks of a thread's stream, with the stack that earlier slots left.</summary>
    /// <param name="written">What the decoder writes rows to.</param>
    /// <param name="decoded">Called after each block.</param>
    async Task DecodeAsync(SpanDecoder decoder, RowBuffer[] written, IGrouping<Guid, BlockRow> stream, Action decoded, CancellationToken cancellation)
    {
        decoder.Begin(processId, stream.Key.ToString(), snapshot.Stream(stream.Key)?.Name ?? "");
        await PrimeAsync(decoder, written, stream.First(), cancellation);
        foreach (var (row, previous) in WithPrevious(stream))
        {
            WatchHole(previous, row);
            try
            {
                decoder.Add(await source.ReadAsync(row, cancellation), await source.SchemaAsync(row.Schema, cancellation));
            }
            catch (InvalidDataException)
            {
                // the decoder is as before the block; the damage is a row of problems
            }
            decoded();
        }
    }

    /// <summary>
    /// Gives the decoder the stack at the end of the stream's earlier slots: where blocks before the slot's first are missing, or it is
    /// damaged, begins with a gap, or has no stack in its header, it cannot tell all. One block gives the stack, if it can be decoded.
    /// </summary>
    async Task PrimeAsync(SpanDecoder decoder, RowBuffer[] written, BlockRow first, CancellationToken cancellation)
    {
        var all = snapshot.BlocksOf(first.StreamId).ToArray();
        var index = Array.FindIndex(all, block => block.BlockId == first.BlockId);
        var before = written.Select(rows => rows.Count).ToArray();
        var start = index - 1;
        while (start >= 0 && ((all[start].Flags & BlockFlags.StackOmitted) != 0 || !await TryAddAsync(all[start]))) start--;
        if (start < 0) WatchHole(null, all[0]);
        for (var i = start + 1; i < index; i++)
        {
            WatchHole(i == 0 ? null : all[i - 1], all[i]);
            await TryAddAsync(all[i]);
        }

        async Task<bool> TryAddAsync(BlockRow block)
        {
            try
            {
                decoder.Add(await source.ReadAsync(block, cancellation), await source.SchemaAsync(block.Schema, cancellation));
                return true;
            }
            catch (InvalidDataException)
            {
                return false; // its own slot's problems name it
            }
            finally
            {
                for (var i = 0; i < written.Length; i++) written[i].Truncate(before[i]);
            }
        }
    }

    async Task<IReadOnlyList<Column>> EventColumnsAsync(View view, CancellationToken cancellation)
    {
        var schemas = new List<Schema>();
        foreach (var hash in InOrder(BlocksOf(view, snapshot, slot)).Select(block => block.Schema).Distinct())
            schemas.Add(await source.SchemaAsync(hash, cancellation));
        return [.. Views.EventColumns, .. EventDecoder.StoredColumns(view.EventType!, schemas)];
    }

    /// <summary>Where blocks are missing between two of a stream, or before its first, waits for them.</summary>
    /// <returns>Whether there are any.</returns>
    bool WatchHole(BlockRow? previous, BlockRow row)
    {
        var after = previous is null ? -1 : (long)previous.Sequence;
        if ((row.Flags & BlockFlags.Unnumbered) != 0) return false;
        // Compared this way round, as two blocks may claim the same place.
        if ((long)row.Sequence - after <= 1) return false;
        watches.Add(new PartitionWatch(row.StreamId, after, (long)row.Sequence));
        return true;
    }

    /// <summary>The blocks with the one before each in its stream, of whichever slot.</summary>
    IEnumerable<(BlockRow Row, BlockRow? Previous)> WithPrevious(IGrouping<Guid, BlockRow> stream)
    {
        var own = stream.Select(block => block.BlockId).ToHashSet();
        BlockRow? previous = null;
        foreach (var row in snapshot.BlocksOf(stream.Key))
        {
            if (own.Contains(row.BlockId)) yield return (row, previous);
            previous = row;
        }
    }
}

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
/// <param name="Unread">How often a block could not be read.</param>
readonly record struct WrittenPartition(long Rows, long Bytes, IReadOnlyList<PartitionWatch> Watches, LevelExtent? Extent = null, int Unread = 0);

/// <summary>Writes a view's rows of a slot to a file that is not there yet.</summary>
delegate Task<WrittenPartition> PartitionWriter(View view, ProcessSnapshot snapshot, Slot slot, BlockSource source, string file, CancellationToken cancellation);

/// <summary>
/// Decodes the blocks of one slot into the rows of one view. A damaged block costs its own rows and nothing else;
/// <c>problems</c> names it.
/// </summary>
sealed class PartitionBuilder(BlockSource source, ProcessSnapshot snapshot, Slot slot)
{
    /// <summary>
    /// Of all that reads blocks here. Raised when something can be read that could not: partitions which lack it are then built again, and no others.
    /// What shows the same bytes as other rows raises the schema version of its view instead.
    /// </summary>
    public const int ParserVersion = 1;

    /// <summary>Rows in memory at a time, some 150 MB of spans. A usual slot has fewer, so that its file is sorted as a whole; late blocks can make one much larger.</summary>
    public const int MostRows = 16 * ParquetFile.RowGroupRows;

    readonly string processId = snapshot.Process.ProcessId.ToString();
    readonly List<PartitionWatch> watches = [];
    RowsTaker take = (_, _) => { };
    long rowsTaken;
    int unread;
    LevelExtent? extent;

    /// <summary>Builds the rows and writes them as Parquet, on a thread of the pool: slots that are wanted together are built side by side.</summary>
    public static Task<WrittenPartition> WriteAsync(View view, ProcessSnapshot snapshot, Slot slot, BlockSource source, string file, CancellationToken cancellation) => Task.Run(async () =>
    {
        using var parquet = new ParquetFile(file);
        var builder = new PartitionBuilder(source, snapshot, slot);
        var rows = await builder.BuildAsync(view, (rows, isLast) => parquet.Append(rows, isLast, cancellation), cancellation);
        return new WrittenPartition(rows, parquet.Finish(), builder.watches, builder.extent, builder.unread);
    }, cancellation);

    /// <summary>Decodes the view's rows of the slot.</summary>
    /// <returns>How many there are.</returns>
    public async Task<long> BuildAsync(View view, RowsTaker take, CancellationToken cancellation)
    {
        using var rows = new RowBuffer(view, view.EventType is null ? view.Stored : await EventColumnsAsync(view, cancellation));
        // A span is two events, and a row of most other views one; what sums spans up has far fewer rows.
        var events = BlocksOf(view, snapshot, slot).Sum(block => (long)block.Events);
        if (view == Views.Spans || !view.FollowsSpans && !view.IsPyramid) rows.Reserve((int)Math.Min(view == Views.Spans ? events / 2 : events, MostRows));
        this.take = take;
        await (view.Name switch
        {
            "spans" => BuildSpansAsync(rows, _ => TakeMany(rows), cancellation),
            "span_levels" => BuildSpanLevelAsync(rows, cancellation),
            "span_stats" => BuildStatisticsAsync(rows, cancellation),
            "call_tree" => BuildCallTreeAsync(rows, cancellation),
            "async_spans" => BuildAsyncSpansAsync(rows, cancellation),
            "async_levels" => BuildAsyncLevelAsync(rows, cancellation),
            "markers" or "flows" => BuildMomentsAsync(rows, cancellation),
            "log_levels" => BuildLevelAsync<LogItem>(rows, cancellation),
            "measure_levels" => BuildLevelAsync<MeasureItem>(rows, cancellation),
            "attachments" => new AttachmentBuilder(source, snapshot, slot, watches.Add, () => unread++).BuildAsync(rows, cancellation),
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

    /// <summary>The slot as the view sees it: what is made of its time rests on no block that does not make the partition stale.</summary>
    Slot SlotOf(View view) => slot.With(BlocksOf(view, snapshot, slot));

    /// <summary>The level of the pyramid for the slot's time.</summary>
    int LevelOf(View view)
    {
        var own = SlotOf(view);
        return SpanLevelRows.LevelOf(own.LastNs - own.FirstNs);
    }

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

    /// <summary>Sums the slot's samples, as they are decoded, up to the slot's level.</summary>
    async Task BuildLevelAsync<TItem>(RowBuffer rows, CancellationToken cancellation) where TItem : struct, IStepItem<TItem>
    {
        using var samples = new RowBuffer(TItem.Samples, TItem.Samples.Stored);
        var items = new StepLevel<TItem>(LevelOf(TItem.Levels));
        await BuildPointsAsync(samples, TItem.Samples, PointDecoder(samples), () =>
        {
            TItem.Take(samples, items);
            samples.Clear();
        }, cancellation);
        extent = items.Write(rows);
    }

    Task BuildPointsAsync(RowBuffer rows, View view, Action<Block, Schema, string, string> add, CancellationToken cancellation) => BuildPointsAsync(rows, view, add, () => TakeMany(rows), cancellation);

    /// <param name="decoded">Called after each block.</param>
    async Task BuildPointsAsync(RowBuffer rows, View view, Action<Block, Schema, string, string> add, Action decoded, CancellationToken cancellation)
    {
        foreach (var row in BlocksOf(view, snapshot, slot))
        {
            var before = rows.Count;
            try
            {
                using var block = await source.ReadAsync(row, cancellation);
                add(block, await source.SchemaAsync(row.Schema, cancellation), processId, row.StreamId.ToString());
            }
            catch (InvalidDataException)
            {
                rows.Truncate(before); // the damage is a row of problems
                unread++;
            }
            decoded();
        }
    }

    async Task BuildProblemsAsync(RowBuffer rows, CancellationToken cancellation)
    {
        var problems = new ProblemDecoder(rows);
        var attachments = new AttachmentBuilder(source, snapshot, slot, watches.Add, () => unread++);
        foreach (var stream in slot.Blocks.GroupBy(block => block.StreamId))
        {
            var trial = new BlockTrial(processId, stream.First(), snapshot.Stream(stream.Key)?.Name ?? "");
            foreach (var (row, previous) in WithPrevious(stream))
            {
                if (WatchHole(previous, row)) problems.AddLost(previous, row);
                var before = rows.Count;
                try
                {
                    using var block = await source.ReadAsync(row, cancellation);
                    var schema = await source.SchemaAsync(row.Schema, cancellation);
                    if (block.Header.IsOpenTelemetry) problems.AddErased(row);
                    else problems.Add(block, row, schema);
                    trial.Add(block, schema);
                }
                catch (InvalidDataException damage)
                {
                    rows.Truncate(before);
                    problems.AddDamaged(row, damage.Message);
                    unread++;
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
        var level = LevelOf(Views.SpanLevels);
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
        var own = SlotOf(Views.SpanStats);
        var statistics = new SpanStatistics(rows, own);
        await BuildSpansAsync(spans, _ =>
        {
            statistics.Add(spans);
            spans.Clear();
            TakeMany(rows);
        }, cancellation);
        statistics.Finish();
        extent = new LevelExtent(0, own.FirstNs, own.LastNs);
    }

    async Task BuildCallTreeAsync(RowBuffer rows, CancellationToken cancellation)
    {
        using var spans = new RowBuffer(Views.Spans, Views.Spans.Stored);
        var tree = new CallTree(rows, SlotOf(Views.CallTree));
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
        var moments = new MomentDecoder(rows);
        var decoder = new SpanDecoder(spanRows, moments);
        foreach (var stream in TraceStreams())
        {
            // Most threads have none, and which spans are open matters only where one is.
            if (!await MayHoldAsync(stream, moments.Kind, cancellation)) continue;
            await DecodeAsync(decoder, [rows, spanRows], stream, () =>
            {
                spanRows.Clear();
                TakeMany(rows);
            }, cancellation);
        }
    }

    /// <summary>Whether one of these blocks has such an event, or cannot tell.</summary>
    async Task<bool> MayHoldAsync(IEnumerable<BlockRow> blocks, TraceEvent kind, CancellationToken cancellation)
    {
        var typesOf = new Dictionary<SchemaHash, bool[]>();
        foreach (var row in blocks)
        {
            try
            {
                var schema = await source.SchemaAsync(row.Schema, cancellation);
                if (!typesOf.TryGetValue(row.Schema, out var types)) typesOf.Add(row.Schema, types = new TraceLayout(schema).TypesOf(kind));
                using var block = await source.ReadAsync(row, cancellation);
                if (block.MayHold(schema, types)) return true;
            }
            catch (InvalidDataException)
            {
                return true; // the decoder counts it
            }
        }
        return false;
    }

    /// <summary>Reduces the slot's async spans to the slot's level: when all are decoded, as only then it is known which began before it.</summary>
    async Task BuildAsyncLevelAsync(RowBuffer rows, CancellationToken cancellation)
    {
        using var spans = new RowBuffer(Views.AsyncSpans, Views.AsyncSpans.Stored);
        var items = new AsyncLevel(LevelOf(Views.AsyncLevels));
        var decoder = await DecodeAsyncSpansAsync(spans, () => { }, cancellation);
        items.Take(spans, decoder.BeganElsewhere);
        extent = items.Write(rows);
    }

    async Task BuildAsyncSpansAsync(RowBuffer rows, CancellationToken cancellation)
    {
        var decoder = await DecodeAsyncSpansAsync(rows, () => TakeMany(rows), cancellation);
        // A stream is registered before its first block arrives: then its name is known.
        foreach (var stream in decoder.UnknownStreams) watches.Add(new PartitionWatch(stream, -1, long.MaxValue));
    }

    /// <param name="decoded">Called after each block.</param>
    async Task<AsyncSpanDecoder> DecodeAsyncSpansAsync(RowBuffer rows, Action decoded, CancellationToken cancellation)
    {
        var decoder = new AsyncSpanDecoder(rows, stream => snapshot.Stream(stream)?.Name);
        var add = OtlpBlock.Either(decoder.Add, new OtlpSpanDecoder(rows).Add);
        foreach (var row in BlocksOf(Views.AsyncSpans, snapshot, slot))
        {
            var before = rows.Count;
            try
            {
                using var block = await source.ReadAsync(row, cancellation);
                add(block, await source.SchemaAsync(row.Schema, cancellation), processId, row.StreamId.ToString());
            }
            catch (InvalidDataException)
            {
                rows.Truncate(before); // the decoder is as before the block; the damage is a row of problems
                unread++;
            }
            decoded();
        }
        decoder.AddOpenSpans(processId);
        return decoder;
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
                using var block = await source.ReadAsync(row, cancellation);
                decoder.Add(block, await source.SchemaAsync(row.Schema, cancellation));
            }
            catch (InvalidDataException)
            {
                unread++; // the decoder is as before the block; the damage is a row of problems
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

        async Task<bool> TryAddAsync(BlockRow row)
        {
            try
            {
                using var block = await source.ReadAsync(row, cancellation);
                decoder.Add(block, await source.SchemaAsync(row.Schema, cancellation));
                return true;
            }
            catch (InvalidDataException)
            {
                unread++;
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

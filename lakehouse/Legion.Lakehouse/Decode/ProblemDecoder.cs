using System.Globalization;
using Legion.Format;
using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>Finds what is wrong with blocks and streams, and writes it as rows of <c>problems</c>.</summary>
sealed class ProblemDecoder(RowBuffer rows)
{
    /// <summary>A change of the clock's rate by more than this share is worth a row: a suspended machine, or one that was moved.</summary>
    const double MostSlopeChange = 100e-6;

    /// <summary>Over shorter intervals the error of reading two clocks is itself some millionths.</summary>
    const long LeastKnotIntervalNs = 500_000_000;

    readonly TextColumn processIds = rows.Text("process_id"), streamIds = rows.Text("stream_id"), blockIds = rows.Text("block_id");
    readonly TextColumn kinds = rows.Text("kind"), severities = rows.Text("severity"), details = rows.Text("detail");
    readonly ColumnBuffer<long> begins = rows.Get<long>("begin_ns"), ends = rows.Get<long>("end_ns"), events = rows.Get<long>("events"), sizes = rows.Get<long>("bytes");
    readonly HashSet<ulong> reportedKnots = [];

    public void AddDamaged(BlockRow block, string detail) =>
        Append(block, block.BlockId, "damaged", "error", block.BeginNs, block.EndNs, block.Events, block.Bytes, detail);

    /// <summary>A chunk of an attachment does not fit the others.</summary>
    public void AddAttachment(BlockRow block, long bytes, string detail) =>
        Append(block, block.BlockId, "attachment", "error", block.BeginNs, block.EndNs, 1, bytes, detail);

    /// <summary>Blocks between two of a stream never came, or those before its first.</summary>
    public void AddLost(BlockRow? before, BlockRow after)
    {
        var (sequence, ordinal) = before is null ? (0ul, 0ul) : (before.Sequence + 1, before.NextOrdinal);
        var lostEvents = after.FirstOrdinal >= ordinal ? after.FirstOrdinal - ordinal : 0;
        Append(after, blockId: null, "lost", "error", before?.EndNs ?? after.BeginNs, after.BeginNs, (long)lostEvents, 0, string.Create(CultureInfo.InvariantCulture,
            $"expected sequence {sequence} {(before is null ? "at the stream's begin" : $"after block {before.BlockId}")}, saw {after.Sequence}: {after.Sequence - sequence} missing"));
    }

    /// <summary>Gaps and clock changes of a readable block.</summary>
    /// <exception cref="InvalidDataException">The block's events are damaged.</exception>
    public void Add(Block block, BlockRow row, Schema schema)
    {
        var reader = block.ReadEvents(schema);
        while (reader.Next())
        {
            if (!reader.Current.Type.IsGap) continue;
            var gap = GapEvent.Read(reader.Current.Type, reader.Current.Body);
            Append(row, row.BlockId, "gap", gap.Reason is GapReason.Sampled or GapReason.Erased ? "info" : "warn", block.Header.Clock.Ns(gap.BeginTick),
                block.Header.Clock.Ns(gap.EndTick), (long)gap.Events, (long)gap.Bytes, gap.Reason.ToString().ToLowerInvariant());
        }
        AddClockChanges(block, row);
    }

    /// <summary>What was erased from a readable block of OpenTelemetry: events that its ordinals count and it no longer has. Where they were and how large, nothing says.</summary>
    public void AddErased(BlockRow row)
    {
        if (row.NextOrdinal - row.FirstOrdinal - row.Events is > 0 and var erased)
            Append(row, row.BlockId, "gap", "info", row.BeginNs, row.EndNs, (long)erased, 0, nameof(GapReason.Erased).ToLowerInvariant());
    }

    void AddClockChanges(Block block, BlockRow row)
    {
        var knots = block.Header.Clock.Knots;
        for (var i = 2; i < knots.Length; i++)
        {
            var (first, middle, last) = (knots[i - 2], knots[i - 1], knots[i]);
            var (beforeNs, afterNs) = (middle.MonotonicNs - first.MonotonicNs, last.MonotonicNs - middle.MonotonicNs);
            if (beforeNs < LeastKnotIntervalNs || afterNs < LeastKnotIntervalNs) continue;
            var (slopeBefore, slopeAfter) = (beforeNs / (double)(middle.Ticks - first.Ticks), afterNs / (double)(last.Ticks - middle.Ticks));
            var change = slopeAfter / slopeBefore - 1;
            if (Math.Abs(change) <= MostSlopeChange || !reportedKnots.Add(middle.Ticks)) continue;
            var clock = block.Header.Clock;
            Append(row, row.BlockId, "clock", "warn", clock.Ns(first.Ticks), clock.Ns(last.Ticks), 0, 0,
                string.Create(CultureInfo.InvariantCulture, $"expected a steady clock, saw its rate change by {change * 1e6:F0} millionths"));
        }
    }

    void Append(BlockRow block, Guid? blockId, string kind, string severity, long beginNs, long endNs, long lost, long bytes, string detail)
    {
        processIds.Add(block.ProcessId.ToString());
        streamIds.Add(block.StreamId.ToString());
        if (blockId is { } id) blockIds.Add(id.ToString());
        else blockIds.AddNull();
        kinds.Add(kind);
        severities.Add(severity);
        begins.Add(beginNs);
        ends.Add(endNs);
        events.Add(lost);
        sizes.Add(bytes);
        details.Add(detail);
    }
}

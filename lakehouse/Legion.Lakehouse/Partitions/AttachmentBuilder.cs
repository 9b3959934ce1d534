using Legion.Format;
using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>
/// Finds the attachments of a slot: those whose first chunk that is there lies in one of its blocks. Their other chunks may lie in later slots.
/// </summary>
/// <param name="watch">Told which blocks were not there: between two sequences, both exclusive.</param>
/// <param name="unread">Told of each block that cannot be read.</param>
sealed class AttachmentBuilder(BlockSource source, ProcessSnapshot snapshot, Slot slot, Action<PartitionWatch> watch, Action unread)
{
    /// <summary>Writes the rows of <c>attachments</c>.</summary>
    public async Task BuildAsync(RowBuffer rows, CancellationToken cancellation)
    {
        var (processIds, streamIds, ids) = (rows.Text("process_id"), rows.Text("stream_id"), rows.Text("attachment_id"));
        var (times, sizes, completes) = (rows.Get<long>("time_ns"), rows.Get<long>("bytes"), rows.Get<bool>("complete"));
        var (mediaTypes, names, hashes) = (rows.Text("media_type"), rows.Text("name"), rows.Text("sha256"));
        foreach (var stream in Streams())
        {
            foreach (var attachment in (await ReadAsync(stream, cancellation)).Attachments)
            {
                processIds.Add(snapshot.Process.ProcessId.ToString());
                streamIds.Add(stream.Key.ToString());
                ids.Add(attachment.Id.ToString());
                times.Add(attachment.TimeNs);
                mediaTypes.Add(attachment.MediaType);
                names.Add(attachment.Name);
                sizes.Add(attachment.Bytes);
                hashes.Add(attachment.Sha256);
                completes.Add(attachment.IsComplete);
            }
        }
    }

    /// <summary>What does not fit together among the slot's attachments of one stream.</summary>
    public async Task<IReadOnlyList<(BlockRow Block, long Bytes, string Detail)>> FaultsAsync(Guid streamId, CancellationToken cancellation) =>
        Streams().FirstOrDefault(stream => stream.Key == streamId) is { } stream ? (await ReadAsync(stream, cancellation)).Faults : [];

    IEnumerable<IGrouping<Guid, BlockRow>> Streams() => slot.Blocks.Where(block => block.Class == StreamClass.Other).GroupBy(block => block.StreamId);

    async Task<AttachmentDecoder> ReadAsync(IGrouping<Guid, BlockRow> stream, CancellationToken cancellation)
    {
        var decoder = new AttachmentDecoder();
        var own = stream.Select(block => block.BlockId).ToHashSet();
        var all = snapshot.BlocksOf(stream.Key).ToArray();
        var first = Array.FindIndex(all, block => own.Contains(block.BlockId));
        var last = Array.FindLastIndex(all, block => own.Contains(block.BlockId));
        for (var i = first; i <= last; i++)
        {
            Watch(i > 0 ? all[i - 1] : null, all[i]);
            await TryReadAsync(all[i], (block, schema) => decoder.Add(block, all[i], schema, startsNew: own.Contains(all[i].BlockId)), cancellation);
        }
        await LeaveToEarlierAsync(decoder, all, first, cancellation);
        var next = last + 1;
        for (; next < all.Length && decoder.Attachments.Any(attachment => attachment.MayComplete); next++)
        {
            Watch(all[next - 1], all[next]);
            await TryReadAsync(all[next], (block, schema) => decoder.Add(block, all[next], schema, startsNew: false), cancellation);
        }
        if (decoder.Attachments.Any(attachment => attachment.MayComplete)) watch(new PartitionWatch(stream.Key, (long)all[^1].Sequence, long.MaxValue));
        return decoder;
    }

    /// <summary>An attachment that an earlier slot has a chunk of is a row there.</summary>
    async Task LeaveToEarlierAsync(AttachmentDecoder decoder, BlockRow[] all, int first, CancellationToken cancellation)
    {
        var headless = decoder.Attachments.Where(attachment => !attachment.HasHead).Select(attachment => attachment.Id).ToHashSet();
        for (var i = first - 1; i >= 0 && headless.Count > 0; i--)
        {
            Watch(i > 0 ? all[i - 1] : null, all[i]);
            await TryReadAsync(all[i], (block, schema) =>
            {
                foreach (var id in AttachmentDecoder.IdsOf(block, schema))
                    if (headless.Remove(id)) decoder.Remove(id);
            }, cancellation);
        }
    }

    async Task TryReadAsync(BlockRow row, Action<Block, Schema> read, CancellationToken cancellation)
    {
        try
        {
            var schema = await source.SchemaAsync(row.Schema, cancellation);
            if (AttachmentDecoder.HasChunks(schema)) read(await source.ReadAsync(row, cancellation), schema);
        }
        catch (InvalidDataException)
        {
            unread(); // its own slot's problems name it
        }
    }

    void Watch(BlockRow? previous, BlockRow row)
    {
        var after = previous is null ? -1 : (long)previous.Sequence;
        if ((long)row.Sequence - after > 1) watch(new PartitionWatch(row.StreamId, after, (long)row.Sequence));
    }
}

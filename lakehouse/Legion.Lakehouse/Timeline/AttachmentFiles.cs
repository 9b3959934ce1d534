using System.Security.Cryptography;
using Legion.Lakehouse.Sql;
using Legion.Store;

namespace Legion.Lakehouse.Timeline;

/// <summary>A file that a process sent along, all of it.</summary>
/// <param name="MediaType">As its program says, which may be anything.</param>
/// <param name="Name">As its program says, which may be anything.</param>
/// <param name="Sha256">Of the content, in hexadecimal.</param>
public sealed record AttachmentFile(string MediaType, string Name, string Sha256, byte[] Content);

/// <summary>The files that processes sent along. Safe for use from several threads.</summary>
public sealed class AttachmentFiles(Lake lake)
{
    /// <summary>A file is put together in memory: larger ones are not given out.</summary>
    public const long MostBytes = 64L << 20;

    /// <summary>Of an id that was sent more than once, the one that is whole.</summary>
    const string FileSql = """
        SELECT stream_id, time_ns, media_type, name, bytes, sha256, complete
        FROM attachments WHERE process_id = $process AND attachment_id = $attachment ORDER BY complete DESC, time_ns, stream_id LIMIT 1
        """;

    /// <summary>Reads a file from the blocks that its chunks lie in.</summary>
    /// <exception cref="NotInLakeException">There is no such process or attachment, or not all of it is there.</exception>
    /// <exception cref="AttachmentTooLargeException">It is larger than <see cref="MostBytes"/>.</exception>
    public async Task<AttachmentFile> ReadAsync(Guid processId, Guid attachmentId, CancellationToken cancellation = default)
    {
        await lake.FindProcessAsync(processId, cancellation);
        using var result = await lake.QueryAsync(FileSql, new QueryOptions
        {
            Parameters = new Dictionary<string, object?> { ["process"] = processId, ["attachment"] = attachmentId.ToString() },
        }, cancellation);
        using var rows = result.ReadRows(cancellation);
        if (!rows.Read()) throw new NotInLakeException($"process {processId} has no attachment {attachmentId}");
        var (stream, timeNs, bytes, sha256) = (Guid.Parse(rows.Text(0)), rows.Int64(1), rows.Int64(4), rows.Text(5));
        if (rows[6] is not true) throw new NotInLakeException($"of attachment {attachmentId}, {bytes} bytes arrived, which are not all of it");
        if (bytes > MostBytes) throw new AttachmentTooLargeException($"expected an attachment of at most {MostBytes} bytes, saw one of {bytes}");
        var content = await ReadAsync(processId, stream, attachmentId, timeNs, (int)bytes, cancellation);
        return Convert.ToHexStringLower(SHA256.HashData(content)) == sha256 ? new AttachmentFile(rows.Text(2), rows.Text(3), sha256, content)
            : throw new NotInLakeException($"attachment {attachmentId} is not all there any more");
    }

    /// <returns>What is there of it, up to its size; the rest is zero.</returns>
    async Task<byte[]> ReadAsync(Guid processId, Guid stream, Guid attachmentId, long timeNs, int bytes, CancellationToken cancellation)
    {
        var version = lake.FrozenVersion(processId) ?? long.MaxValue;
        var blocks = (await lake.Store.Catalog.ReadBlocksAsync(lake.Tenant, [processId], cancellation))
            .Where(block => block.StreamId == stream && block.EndNs >= timeNs && block.Arrival <= version).OrderBy(block => block.Sequence);
        var source = new BlockSource(lake.Store.Objects, lake.Store.Catalog, lake.Tenant);
        var content = new byte[bytes];
        var filled = 0;
        foreach (var row in blocks)
        {
            if (filled == bytes && bytes > 0) break;
            filled += await FillAsync(source, row, attachmentId, content.AsMemory(filled), cancellation);
        }
        return content;
    }

    /// <returns>How many bytes.</returns>
    static async Task<int> FillAsync(BlockSource source, BlockRow row, Guid attachmentId, Memory<byte> room, CancellationToken cancellation)
    {
        try
        {
            var schema = await source.SchemaAsync(row.Schema, cancellation);
            return AttachmentDecoder.HasChunks(schema) ? AttachmentDecoder.CopyData(await source.ReadAsync(row, cancellation), schema, attachmentId, room.Span) : 0;
        }
        catch (InvalidDataException)
        {
            return 0; // the process's problems name it, and the hash tells whether it matters
        }
    }
}

/// <summary>An attachment is larger than those that are given out.</summary>
public sealed class AttachmentTooLargeException(string message) : Exception(message);

using System.Buffers.Binary;
using Legion.Lakehouse.Sql;
using Legion.Store;
using Microsoft.Win32.SafeHandles;

namespace Legion.Lakehouse;

/// <summary>
/// Fetches of a Parquet file what a query reads: its footer, and the chunks of the needed columns in the row groups that may answer.
/// The rest stays a hole. A hole begins no page, so that whoever reads one by mistake fails, and never sees wrong rows.
/// </summary>
static class ParquetParts
{
    /// <summary>Length of the footer and four letters, at the end of every file.</summary>
    const int EndBytes = 8;

    /// <param name="columns">Null: all.</param>
    /// <exception cref="FileNotFoundException">The object is gone.</exception>
    public static async Task FetchAsync(LocalFile file, IReadOnlySet<string>? columns, RowBounds bounds, CancellationToken cancellation)
    {
        if (file.IsWhole) return;
        if (columns is null && bounds.Column is null || file.Bytes <= file.RequestBytes)
        {
            await file.FetchAsync([new ObjectRange(0, file.Bytes)], cancellation);
            return;
        }
        var wanted = ParquetFooter.Read(await ReadFooterAsync(file, cancellation)).Where(group => MayAnswer(group, bounds)).SelectMany(group => group)
            .Where(chunk => columns is null || columns.Contains(chunk.Column));
        await file.FetchAsync([.. wanted.Select(chunk => new ObjectRange(chunk.Begin, Math.Min(file.Bytes, chunk.Begin + chunk.Bytes)))], cancellation);
    }

    static async Task<byte[]> ReadFooterAsync(LocalFile file, CancellationToken cancellation)
    {
        // Some kilobytes a row group: so much is mostly all of it, so that its length costs no request of its own.
        var tail = Math.Clamp(file.RequestBytes / 4, EndBytes, file.Bytes);
        await file.FetchAsync([new ObjectRange(file.Bytes - tail, file.Bytes)], cancellation);
        using var bytes = File.OpenHandle(file.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var length = BinaryPrimitives.ReadInt32LittleEndian(await ReadAsync(bytes, file.Bytes - EndBytes, EndBytes, cancellation));
        if (length < 0 || length > file.Bytes - EndBytes) throw new InvalidDataException($"cannot read '{file.Path}': expected a footer within its {file.Bytes} bytes, saw one of {length}");
        await file.FetchAsync([new ObjectRange(file.Bytes - EndBytes - length, file.Bytes)], cancellation);
        return await ReadAsync(bytes, file.Bytes - EndBytes - length, length, cancellation);
    }

    static async Task<byte[]> ReadAsync(SafeFileHandle file, long offset, int count, CancellationToken cancellation)
    {
        var into = new byte[count];
        for (var read = 0; read < count;)
        {
            var more = await RandomAccess.ReadAsync(file, into.AsMemory(read), offset + read, cancellation);
            if (more == 0) throw new EndOfStreamException($"cannot read a footer: the file ends at {offset + read}");
            read += more;
        }
        return into;
    }

    /// <summary>False where statistics say that no row lies within the bounds: by the same the engine skips it.</summary>
    static bool MayAnswer(IReadOnlyList<ParquetChunk> group, RowBounds bounds)
    {
        if (bounds.Column is null) return true;
        var times = group.FirstOrDefault(chunk => chunk.Column == bounds.Column);
        return times is not { Least: { } least, Greatest: { } greatest } || greatest >= bounds.FromNs && least <= bounds.ToNs;
    }
}

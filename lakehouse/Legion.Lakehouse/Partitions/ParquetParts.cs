using System.Buffers.Binary;
using Legion.Lakehouse.Sql;
using Legion.Store;
using Microsoft.Win32.SafeHandles;
using Parquet;
using Parquet.Meta;

namespace Legion.Lakehouse;

/// <summary>
/// Fetches of a Parquet file what a query reads: its footer, and the chunks of the needed columns in the row groups that may answer.
/// The rest stays a hole. A hole begins no page, so that whoever reads one by mistake fails, and never sees wrong rows.
/// </summary>
/// <remarks>https://parquet.apache.org/docs/file-format/</remarks>
static class ParquetParts
{
    /// <summary>Length of the footer and four letters, at the end of every file.</summary>
    const int EndBytes = 8;

    static ReadOnlySpan<byte> Magic => "PAR1"u8;

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
        var metadata = await ReadFooterAsync(file, cancellation);
        var wanted = metadata.RowGroups.Where(group => MayAnswer(group, bounds)).SelectMany(group => group.Columns)
            .Where(chunk => chunk.MetaData is not { } known || columns is null || columns.Contains(known.PathInSchema[0]));
        await file.FetchAsync([.. wanted.Select(chunk => RangeOf(chunk, file.Bytes))], cancellation);
    }

    static async Task<FileMetaData> ReadFooterAsync(LocalFile file, CancellationToken cancellation)
    {
        // Some kilobytes a row group: so much is mostly all of it, so that its length costs no request of its own.
        var tail = Math.Clamp(file.RequestBytes / 4, EndBytes, file.Bytes);
        await file.FetchAsync([new ObjectRange(file.Bytes - tail, file.Bytes)], cancellation);
        using var bytes = File.OpenHandle(file.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var end = new byte[EndBytes];
        await ReadAsync(bytes, end, file.Bytes - EndBytes, cancellation);
        var length = BinaryPrimitives.ReadInt32LittleEndian(end);
        if (length < 0 || length > file.Bytes - EndBytes) throw new InvalidDataException($"cannot read '{file.Path}': expected a footer within its {file.Bytes} bytes, saw one of {length}");
        await file.FetchAsync([new ObjectRange(file.Bytes - EndBytes - length, file.Bytes)], cancellation);
        // The library wants to see the letters that a file begins and ends with; between them it asks for nothing but the footer.
        var footer = new byte[Magic.Length + length + EndBytes];
        Magic.CopyTo(footer);
        await ReadAsync(bytes, footer.AsMemory(Magic.Length), file.Bytes - EndBytes - length, cancellation);
        await using var reader = await ParquetReader.CreateAsync(new MemoryStream(footer), cancellationToken: cancellation);
        return reader.Metadata ?? throw new InvalidDataException($"cannot read '{file.Path}': it has no metadata");
    }

    static async Task ReadAsync(SafeFileHandle file, Memory<byte> into, long offset, CancellationToken cancellation)
    {
        for (var read = 0; read < into.Length;)
        {
            var count = await RandomAccess.ReadAsync(file, into[read..], offset + read, cancellation);
            if (count == 0) throw new EndOfStreamException($"cannot read a footer: the file ends at {offset + read}");
            read += count;
        }
    }

    /// <summary>False where statistics say that no row lies within the bounds: by the same the engine skips it.</summary>
    static bool MayAnswer(RowGroup group, RowBounds bounds)
    {
        if (bounds.Column is null) return true;
        var statistics = group.Columns.Select(chunk => chunk.MetaData).FirstOrDefault(known => known?.PathInSchema is [var name] && name == bounds.Column)?.Statistics;
        return statistics is not { MinValue.Length: sizeof(long), MaxValue.Length: sizeof(long) }
            || BinaryPrimitives.ReadInt64LittleEndian(statistics.MaxValue) >= bounds.FromNs && BinaryPrimitives.ReadInt64LittleEndian(statistics.MinValue) <= bounds.ToNs;
    }

    static ObjectRange RangeOf(ColumnChunk chunk, long bytes)
    {
        if (chunk.MetaData is not { } known) return new ObjectRange(0, bytes);
        var begin = known.DictionaryPageOffset is > 0 and var dictionary ? Math.Min(dictionary, known.DataPageOffset) : known.DataPageOffset;
        return new ObjectRange(begin, Math.Min(bytes, begin + known.TotalCompressedSize));
    }
}

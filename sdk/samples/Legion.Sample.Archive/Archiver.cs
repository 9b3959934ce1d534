using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.IO.Compression;
using System.Security.Cryptography;
using Legion.Format;
using Legion.Sdk;

namespace Legion.Sample.Archive;

/// <summary>Finds files, and lets workers read, hash and compress them. When all are done it begins again, until it is told to end.</summary>
sealed class Archiver(string folder, ArchiveProgress progress)
{
    const int BlockBytes = 64 << 10;

    /// <summary>What is hashed to find repetitions: small enough for some hundred thousand pieces in a few seconds.</summary>
    const int PieceBytes = 128;

    readonly ConcurrentDictionary<ulong, int> seen = new();
    readonly BlockingCollection<string> jobs = new(boundedCapacity: 256);

    /// <summary>Looks for files and queues them.</summary>
    public void Find(CancellationToken end)
    {
        try
        {
            for (var round = 0; ; round++)
            {
                using var context = Telemetry.Context("round", round);
                Tally.Context();
                Telemetry.Log(Level.Info, $"round {round}: looking for files in {folder}");
                Tally.Log(Level.Info);
                foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
                {
                    using var span = Telemetry.Span("enqueue");
                    Tally.Span();
                    jobs.Add(path, end);
                    Telemetry.Metric("queue.length", jobs.Count, Unit.Count);
                    Tally.Metric();
                }
            }
        }
        catch (OperationCanceledException)
        {
            jobs.CompleteAdding();
        }
    }

    /// <summary>Works on queued files until there are no more or it is told to end.</summary>
    public void Work(CancellationToken end)
    {
        foreach (var path in jobs.GetConsumingEnumerable())
        {
            if (end.IsCancellationRequested) return;
            using var context = Telemetry.Context("file", Path.GetFileName(path));
            Tally.Context();
            try
            {
                Pack(path, end);
            }
            catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
            {
                Telemetry.Log(Level.Error, $"cannot read {path}: {unreadable.Message}");
                Tally.Log(Level.Error);
            }
        }
    }

    void Pack(string path, CancellationToken end)
    {
        using var span = Telemetry.DynamicSpan("pack " + Path.GetExtension(path), [new("path", path)]);
        Tally.Span();
        var (read, packed) = (0L, 0L);
        var buffer = ArrayPool<byte>.Shared.Rent(BlockBytes);
        using (var file = File.OpenRead(path))
        {
            while (!end.IsCancellationRequested)
            {
                int count;
                using (Telemetry.Span("read"))
                {
                    Tally.Span();
                    count = file.Read(buffer, 0, BlockBytes);
                }
                if (count == 0) break;
                read += count;
                packed += PackBlock(buffer.AsSpan(0, count));
            }
            Telemetry.Log(Level.Debug, $"packed {path}: {read} to {packed} bytes, ratio {(double)packed / Math.Max(1, read):F3}");
            Tally.Log(Level.Debug);
        }
        ArrayPool<byte>.Shared.Return(buffer);
        progress.Add(read, packed);
        Telemetry.Metric("file.bytes", read, Unit.Bytes);
        Telemetry.Metric("file.ratio", (double)packed / Math.Max(1, read));
        Tally.Metric();
        Tally.Metric();
    }

    /// <summary>Compresses a block, unless all its pieces have been seen before.</summary>
    long PackBlock(ReadOnlySpan<byte> block)
    {
        var isNew = false;
        for (var at = 0; at < block.Length; at += PieceBytes) isNew |= IsNew(block.Slice(at, Math.Min(PieceBytes, block.Length - at)));
        using var span = Telemetry.Span("compress");
        Tally.Span();
        var packed = ArrayPool<byte>.Shared.Rent(BrotliEncoder.GetMaxCompressedLength(BlockBytes));
        var fits = BrotliEncoder.TryCompress(block, packed, out var bytes, quality: isNew ? 4 : 1, window: 16);
        ArrayPool<byte>.Shared.Return(packed);
        return fits ? bytes : block.Length;
    }

    bool IsNew(ReadOnlySpan<byte> piece)
    {
        using var phase = Telemetry.Span("hash");
        Tally.Span();
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(piece, hash);
        phase.Next("look up");
        Tally.Span();
        return seen.TryAdd(BinaryPrimitives.ReadUInt64LittleEndian(hash), piece.Length);
    }
}

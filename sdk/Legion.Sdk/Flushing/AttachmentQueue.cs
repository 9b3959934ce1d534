using System.Security.Cryptography;
using Legion.Format;

namespace Legion.Sdk;

/// <summary>Binary data on its way from the threads that attach it to the flusher, within a cap of bytes.</summary>
sealed class AttachmentQueue(long capBytes)
{
    readonly Lock queueing = new();
    readonly Queue<(string MediaType, string Name, byte[] Data)> waiting = [];
    long waitingBytes;
    (ulong Events, ulong Bytes) lost;

    /// <summary>Copies the data into the queue.</summary>
    /// <returns>False when it does not fit: it is then counted as lost.</returns>
    public bool TryAdd(string mediaType, string name, ReadOnlySpan<byte> data)
    {
        lock (queueing)
        {
            if (waitingBytes + data.Length > capBytes) return Lost(data.Length);
            waitingBytes += data.Length;
        }
        try
        {
            var copy = data.ToArray();
            lock (queueing) waiting.Enqueue((mediaType, name, copy));
            return true;
        }
        catch (OutOfMemoryException)
        {
            lock (queueing)
            {
                waitingBytes -= data.Length;
                return Lost(data.Length);
            }
        }
    }

    bool Lost(int bytes)
    {
        lost = (lost.Events + (ulong)Chunks(bytes), lost.Bytes + (ulong)bytes);
        return false;
    }

    /// <summary>Writes what waits into the stream, chunk by chunk.</summary>
    /// <param name="before">Called before each event of the stream.</param>
    /// <param name="after">Called after it.</param>
    /// <returns>Events written and lost.</returns>
    public (long Written, long Lost) Write(ulong tick, MergedStream stream, Action<MergedStream> before, Action<MergedStream> after)
    {
        var written = 0L;
        var (lostEvents, lostBytes) = TakeLost();
        if (lostEvents > 0)
        {
            before(stream);
            stream.Writer.Lose(new Gap(tick, tick, lostEvents, lostBytes, GapReason.Memory));
        }
        while (TryTake(out var attachment))
        {
            var id = Guid.CreateVersion7();
            var hash = SHA256.HashData(attachment.Data);
            var chunks = Chunks(attachment.Data.Length);
            for (var index = 0; index < chunks; index++, written++)
            {
                before(stream);
                var from = index * WellKnown.MaxChunkBytes;
                var chunk = attachment.Data.AsSpan(from, Math.Min(WellKnown.MaxChunkBytes, attachment.Data.Length - from));
                AttachmentChunkEvent.Write(stream.Writer.Block, tick, id, (uint)index, (uint)chunks, hash, attachment.MediaType, attachment.Name, chunk);
                stream.Writer.Count(tick);
                after(stream);
            }
        }
        return (written, (long)lostEvents);
    }

    /// <summary>Empty data is one empty chunk.</summary>
    static int Chunks(int bytes) => Math.Max(1, (bytes + WellKnown.MaxChunkBytes - 1) / WellKnown.MaxChunkBytes);

    bool TryTake(out (string MediaType, string Name, byte[] Data) attachment)
    {
        lock (queueing)
        {
            if (!waiting.TryDequeue(out attachment)) return false;
            waitingBytes -= attachment.Data.Length;
            return true;
        }
    }

    (ulong Events, ulong Bytes) TakeLost()
    {
        lock (queueing)
        {
            var taken = lost;
            lost = default;
            return taken;
        }
    }
}

using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace Legion.Ingestion;

/// <summary>How reading a body ended.</summary>
enum BodyOutcome
{
    Read,
    TooLarge,

    /// <summary>Other bodies have all the memory there is for them.</summary>
    NoRoom,
}

/// <summary>
/// A request's body in a pooled buffer, which belongs to it until it is disposed.
/// The buffer grows with what has arrived, so that a client that announces much and sends little holds little.
/// </summary>
sealed class RequestBody(InFlightBytes inFlight, int limit) : IDisposable
{
    /// <summary>First buffer of a body, unless it says that it is smaller: most batches fit.</summary>
    const int FirstBufferBytes = 1 << 20;

    byte[] buffer = [];
    int length;
    long reserved;

    public ReadOnlyMemory<byte> Bytes => buffer.AsMemory(0, length);

    public async Task<BodyOutcome> ReadAsync(HttpRequest request, CancellationToken cancellation)
    {
        if (request.ContentLength > limit) return BodyOutcome.TooLarge;
        if (!Grow((int)Math.Min(request.ContentLength ?? FirstBufferBytes, FirstBufferBytes))) return BodyOutcome.NoRoom;
        while (length != request.ContentLength)
        {
            // One byte more than the limit is room enough to see that a body exceeds it.
            if (length == buffer.Length && !Grow((int)Math.Min(limit + 1L, buffer.Length * 2L))) return BodyOutcome.NoRoom;
            var read = await request.Body.ReadAsync(buffer.AsMemory(length), cancellation);
            if (read == 0) break;
            length += read;
            if (length > limit) return BodyOutcome.TooLarge;
        }
        return BodyOutcome.Read;
    }

    public void Dispose()
    {
        if (buffer.Length > 0) ArrayPool<byte>.Shared.Return(buffer);
        buffer = [];
        inFlight.Release(reserved);
        reserved = 0;
    }

    bool Grow(int bytes)
    {
        if (!inFlight.TryReserve(bytes - reserved)) return false;
        reserved = bytes;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(bytes, 1));
        buffer.AsSpan(0, length).CopyTo(larger);
        if (buffer.Length > 0) ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
        return true;
    }
}

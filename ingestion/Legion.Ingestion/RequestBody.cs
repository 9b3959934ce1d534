using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace Legion.Ingestion;

/// <summary>A request's body in a pooled buffer, which belongs to it until it is disposed.</summary>
sealed class RequestBody : IDisposable
{
    /// <summary>First buffer of a body that does not say its length.</summary>
    const int FirstBufferBytes = 1 << 20;

    byte[] buffer;
    int length;

    RequestBody(int capacity) => buffer = ArrayPool<byte>.Shared.Rent(capacity);

    public ReadOnlyMemory<byte> Bytes => buffer.AsMemory(0, length);

    /// <returns>Null where the body has more than <paramref name="limit"/> bytes.</returns>
    public static async Task<RequestBody?> ReadAsync(HttpRequest request, int limit, CancellationToken cancellation)
    {
        var body = new RequestBody((int)(request.ContentLength ?? FirstBufferBytes));
        try
        {
            while (true)
            {
                if (body.length == body.buffer.Length) body.Grow(limit);
                var read = await request.Body.ReadAsync(body.buffer.AsMemory(body.length), cancellation);
                if (read == 0) break;
                body.length += read;
                if (body.length <= limit) continue;
                body.Dispose();
                return null;
            }
            return body;
        }
        catch (Exception cause) when (cause is IOException or OperationCanceledException)
        {
            body.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        var returned = buffer;
        buffer = [];
        if (returned.Length > 0) ArrayPool<byte>.Shared.Return(returned);
    }

    /// <summary>Doubles, up to one byte more than the limit: enough to see that the body exceeds it.</summary>
    void Grow(int limit)
    {
        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(limit + 1L, Math.Max(buffer.Length * 2L, FirstBufferBytes)));
        buffer.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
    }
}

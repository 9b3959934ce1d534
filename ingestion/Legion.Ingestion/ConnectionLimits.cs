using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Legion.Ingestion;

/// <summary>Slow and idle connections end after a while, so that thousands of them harm nobody else.</summary>
public static class ConnectionLimits
{
    /// <summary>
    /// What lies in memory of a body that nobody reads yet. More than <see cref="Admission"/> waits for before it takes a body in,
    /// and little enough for thousands of connections.
    /// </summary>
    public const int BufferBytes = 128 << 10;

    /// <summary>From the first byte of a request to the last of its headers.</summary>
    static readonly TimeSpan headerTime = TimeSpan.FromSeconds(10);

    /// <summary>Between requests: a recording sends at least every ten seconds, and may miss several turns.</summary>
    static readonly TimeSpan idleTime = TimeSpan.FromSeconds(65);

    public static void ApplyTo(KestrelServerLimits server, IngestionLimits limits)
    {
        server.MaxConcurrentConnections = limits.Connections;
        server.MaxRequestBufferSize = BufferBytes;
        server.RequestHeadersTimeout = headerTime;
        server.KeepAliveTimeout = idleTime;
        server.MinRequestBodyDataRate = new MinDataRate(limits.SlowestBytesPerSecond, limits.SlowGrace);
    }
}

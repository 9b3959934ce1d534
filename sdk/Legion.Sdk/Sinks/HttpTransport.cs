using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Legion.Format;

namespace Legion.Sdk;

/// <summary>
/// The protocol's one endpoint over HTTP/1.1, with blocking sockets: the runtime's own client needs threads of the pool, and a host that has
/// starved its pool is just the one that wants to be looked at. It also raises Activities and events, which the recording would then record.
/// Redirects are not followed: a batch goes where it was meant to go or nowhere.
/// </summary>
sealed class HttpTransport : ITransport
{
    /// <summary>A server's answer to a batch is short; a longer one is not read to its end.</summary>
    const int MostAnswerBytes = 4 << 20;

    const int MostHeadBytes = 64 << 10;

    static readonly TimeSpan connectTimeout = TimeSpan.FromSeconds(5);

    readonly Uri address;
    readonly byte[] headBegin;
    readonly TimeSpan requestTimeout;
    readonly Lock opening = new();
    Stream? stream;
    Socket? socket;
    bool disposed;

    /// <param name="requestTimeout">For a request and its whole answer.</param>
    public HttpTransport(Uri endpoint, string? apiKey, TimeSpan? requestTimeout = null)
    {
        address = new Uri(endpoint, "/v1/append");
        if (apiKey?.AsSpan().ContainsAnyExceptInRange(' ', '~') == true) throw new ArgumentException("expected an ApiKey of visible ASCII characters", nameof(apiKey));
        this.requestTimeout = requestTimeout ?? TimeSpan.FromSeconds(30);
        var authorization = apiKey is null ? "" : $"Authorization: Bearer {apiKey}\r\n";
        headBegin = Encoding.ASCII.GetBytes($"POST {address.PathAndQuery} HTTP/1.1\r\nHost: {address.Authority}\r\n{authorization}Content-Type: {Batch.MediaType}\r\nContent-Length: ");
    }

    /// <summary>Has a socket that is connected to nothing.</summary>
    public static void Rehearse()
    {
        using var unconnected = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        unconnected.SendTimeout = unconnected.ReceiveTimeout = 1000;
        System.Net.Dns.GetHostAddresses("127.0.0.1");
    }

    public Reply Post(ReadOnlyMemory<byte> batch)
    {
        var deadline = Environment.TickCount64 + (long)requestTimeout.TotalMilliseconds;
        try
        {
            var isReused = stream is not null;
            try
            {
                return Exchange(batch.Span, deadline);
            }
            catch (IOException) when (isReused && Environment.TickCount64 < deadline && !disposed)
            {
                // The server had closed a connection that lay idle. A batch that did arrive is known by its blocks.
                Close();
                return Exchange(batch.Span, deadline);
            }
        }
        catch (Exception broken) when (broken is IOException or SocketException or AuthenticationException or ObjectDisposedException or NotSupportedException or InvalidOperationException)
        {
            Close();
            throw broken as IOException ?? new IOException($"cannot post to {address}: {broken.Message}", broken);
        }
    }

    public void Dispose()
    {
        disposed = true;
        Close();
    }

    Reply Exchange(ReadOnlySpan<byte> batch, long deadline)
    {
        var connection = stream ?? Connect(deadline);
        Write(connection, [.. headBegin, .. Encoding.ASCII.GetBytes(batch.Length.ToString(CultureInfo.InvariantCulture)), .. "\r\n\r\n"u8], deadline);
        Write(connection, batch, deadline);
        connection.Flush();
        var answer = new HttpAnswer(connection, MostHeadBytes, MostAnswerBytes, () => Left(deadline));
        var reply = answer.Read();
        if (!answer.KeepsConnection) Close();
        return reply;
    }

    /// <summary>Writes in pieces, as the time-out of a socket begins anew with each byte that the server takes: whoever takes one a second must not hold the sender for hours.</summary>
    void Write(Stream connection, ReadOnlySpan<byte> bytes, long deadline)
    {
        const int pieceBytes = 16 << 10;
        while (bytes.Length > 0)
        {
            var piece = bytes[..Math.Min(pieceBytes, bytes.Length)];
            connection.WriteTimeout = (int)Left(deadline).TotalMilliseconds;
            connection.Write(piece);
            bytes = bytes[piece.Length..];
        }
    }

    Stream Connect(long deadline)
    {
        var opened = Open();
        opened.SendTimeout = opened.ReceiveTimeout = (int)Left(deadline).TotalMilliseconds;
        Stream connection = new NetworkStream(opened, ownsSocket: true);
        if (address.Scheme == Uri.UriSchemeHttps)
        {
            var secure = new SslStream(connection);
            secure.AuthenticateAsClient(address.IdnHost);
            connection = secure;
        }
        return stream = connection;
    }

    /// <summary>A connection to the first of the host's addresses that takes one.</summary>
    Socket Open()
    {
        var refused = new SocketException((int)SocketError.HostNotFound);
        foreach (var host in System.Net.Dns.GetHostAddresses(address.IdnHost))
        {
            var opened = new Socket(host.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            lock (opening)
            {
                if (disposed)
                {
                    opened.Dispose();
                    throw new IOException("the transport is disposed");
                }
                socket = opened;
            }
            try
            {
                ConnectWithin(opened, host);
                return opened;
            }
            catch (SocketException cause)
            {
                opened.Dispose();
                refused = cause;
            }
        }
        throw refused;
    }

    void ConnectWithin(Socket opened, System.Net.IPAddress host)
    {
        // The system's own time-out for a connection is minutes.
        if (OperatingSystem.IsLinux())
        {
            // A socket that has once been asynchronous makes the runtime start threads, and end the program when it gets none.
            opened.SendTimeout = (int)connectTimeout.TotalMilliseconds;
            opened.Connect(host, address.Port);
            return;
        }
        // Elsewhere a blocking socket cannot be told another.
        opened.Blocking = false;
        try
        {
            opened.Connect(host, address.Port);
        }
        catch (SocketException pending) when (pending.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            if (!opened.Poll(connectTimeout, SelectMode.SelectWrite)) throw new SocketException((int)SocketError.TimedOut);
            var outcome = (int)opened.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!;
            if (outcome != 0) throw new SocketException(outcome);
        }
        opened.Blocking = true;
    }

    TimeSpan Left(long deadline) => deadline - Environment.TickCount64 is > 0 and var left
        ? TimeSpan.FromMilliseconds(left)
        : throw new IOException($"no answer from {address} within {requestTimeout.TotalSeconds:F0} s");

    void Close()
    {
        lock (opening)
        {
            stream?.Dispose();
            socket?.Dispose();
            (stream, socket) = (null, null);
        }
    }
}

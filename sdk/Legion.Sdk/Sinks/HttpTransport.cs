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
        connection.Write([.. headBegin, .. Encoding.ASCII.GetBytes(batch.Length.ToString(CultureInfo.InvariantCulture)), .. "\r\n\r\n"u8]);
        connection.Write(batch);
        connection.Flush();
        var answer = new HttpAnswer(connection, MostHeadBytes, MostAnswerBytes, () => Left(deadline));
        var reply = answer.Read();
        if (!answer.KeepsConnection) Close();
        return reply;
    }

    Stream Connect(long deadline)
    {
        var opened = Open();
        opened.SendTimeout = (int)requestTimeout.TotalMilliseconds;
        opened.ReceiveTimeout = (int)Left(deadline).TotalMilliseconds;
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
            var opened = new Socket(host.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, Blocking = false };
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
        // The system's own time-out for a connection is minutes, and a blocking socket cannot be told another.
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

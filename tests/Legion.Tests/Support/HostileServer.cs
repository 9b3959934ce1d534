using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Legion.Tests.Support;

/// <summary>How a server treats its clients badly.</summary>
enum Hostility
{
    Trickle,
    EndlessBody,
    EndlessHeaders,
    EndlessInterim,
    Garbage,
    HugeLength,
    Redirect,
    RedirectToItself,
    CloseAtOnce,
    Nonsense,
    AsksForever,
    NeverAnswers,
    ReadsSlowly,
}

/// <summary>A server on threads of its own, so that it answers while the pool of threads is starved, badly.</summary>
sealed class HostileServer : IDisposable
{
    readonly TcpListener listener = new(IPAddress.Loopback, 0);
    readonly ManualResetEventSlim ending = new();
    readonly Hostility hostility;
    int connections;

    public HostileServer(Hostility hostility)
    {
        this.hostility = hostility;
        // What it does not read, the system shall not take for it.
        if (hostility == Hostility.ReadsSlowly) listener.Server.ReceiveBufferSize = 4096;
        listener.Start();
        new Thread(Accept) { IsBackground = true }.Start();
    }

    public Uri Url => new($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");

    public int Connections => Volatile.Read(ref connections);

    public void Dispose()
    {
        ending.Set();
        listener.Dispose();
    }

    void Accept()
    {
        try
        {
            while (!ending.IsSet)
            {
                var client = listener.AcceptSocket();
                Interlocked.Increment(ref connections);
                new Thread(() => Answer(client)) { IsBackground = true }.Start();
            }
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The test is over.
        }
    }

    void Answer(Socket client)
    {
        using (client)
        {
            try
            {
                if (hostility == Hostility.CloseAtOnce) return;
                var buffer = new byte[hostility == Hostility.ReadsSlowly ? 1 : 64 << 10];
                while (!ending.IsSet && client.Receive(buffer) > 0) Say(client);
            }
            catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
            {
                // The client has had enough.
            }
        }
    }

    void Say(Socket client)
    {
        switch (hostility)
        {
            case Hostility.Trickle:
                foreach (var letter in "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnone"u8)
                {
                    client.Send([letter]);
                    if (ending.Wait(1000)) return;
                }
                break;
            case Hostility.EndlessBody:
                client.Send("HTTP/1.1 200 OK\r\n\r\n"u8);
                Repeat(client, "and so on "u8.ToArray());
                break;
            case Hostility.EndlessHeaders:
                client.Send("HTTP/1.1 200 OK\r\n"u8);
                Repeat(client, "X-More: yes\r\n"u8.ToArray());
                break;
            case Hostility.EndlessInterim:
                Repeat(client, "HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray());
                break;
            case Hostility.Garbage:
                client.Send([.. Enumerable.Range(0, 4096).Select(number => (byte)(number * 7))]);
                break;
            case Hostility.HugeLength:
                client.Send("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\nx"u8);
                break;
            case Hostility.Redirect:
                client.Send("HTTP/1.1 307 Over There\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"u8);
                break;
            case Hostility.Nonsense:
                client.Send("HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n{\"blocks\":[1,{}]}"u8);
                break;
            case Hostility.AsksForever:
                client.Send("HTTP/1.1 503 Later\r\nRetry-After: 2147483647\r\nContent-Length: 0\r\n\r\n"u8);
                break;
            case Hostility.RedirectToItself:
                client.Send(Encoding.ASCII.GetBytes($"HTTP/1.1 308 Here\r\nLocation: {Url}v1/append\r\nContent-Length: 0\r\n\r\n"));
                break;
            case Hostility.ReadsSlowly:
                ending.Wait(1000);
                break;
            case Hostility.NeverAnswers or Hostility.CloseAtOnce:
                break;
            default:
                throw new InvalidOperationException($"expected a known hostility, saw {hostility}");
        }
    }

    void Repeat(Socket client, byte[] words)
    {
        byte[] many = [.. Enumerable.Repeat(words, 1000).SelectMany(word => word)];
        while (!ending.IsSet) client.Send(many);
    }
}

using System.Net;
using System.Net.Sockets;

namespace Legion.Tests.Support;

/// <summary>
/// A bad network between a client and a server, on the loopback: it swallows some replies, after the server has done what was asked and before the client hears of it,
/// and is away when it is told to. It knows nothing of HTTP but that a client waits for one reply before it asks for the next.
/// </summary>
sealed class FaultProxy : IAsyncDisposable
{
    readonly TcpListener listener = new(IPAddress.Loopback, 0);
    readonly Random random;
    readonly double swallowedShare;
    readonly Lock gate = new();
    readonly HashSet<Socket> open = [];
    readonly CancellationTokenSource ending = new();
    readonly Task accepting;
    IPEndPoint server;
    bool isAway;

    /// <param name="swallowedShare">Of all replies, how many never arrive.</param>
    public FaultProxy(Uri server, double swallowedShare = 0, int seed = 1)
    {
        this.server = new IPEndPoint(IPAddress.Loopback, server.Port);
        this.swallowedShare = swallowedShare;
        random = new Random(seed);
        listener.Start();
        accepting = AcceptAsync();
    }

    /// <summary>Whom it speaks for, from the next connection on; those that are open break.</summary>
    public Uri Server
    {
        set
        {
            lock (gate)
            {
                IsAway = true;
                server = new IPEndPoint(IPAddress.Loopback, value.Port);
                IsAway = false;
            }
        }
    }

    public Uri Url => new($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");

    /// <summary>Replies that arrived, and that did not.</summary>
    public int Delivered { get; private set; }
    public int Swallowed { get; private set; }

    /// <summary>Connections refused or broken while away.</summary>
    public int Refused { get; private set; }

    /// <summary>While it is away, connections are closed, those in the middle of a request too.</summary>
    public bool IsAway
    {
        get { lock (gate) return isAway; }
        set
        {
            lock (gate)
            {
                isAway = value;
                if (!value) return;
                Refused += open.Count;
                foreach (var socket in open) socket.Dispose();
                open.Clear();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        listener.Dispose();
        IsAway = true;
        await accepting;
        ending.Dispose();
    }

    async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (!ending.IsCancellationRequested) connections.Add(CarryAsync(await listener.AcceptSocketAsync(ending.Token)));
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
        IsAway = true;
        await Task.WhenAll(connections);
    }

    async Task CarryAsync(Socket client)
    {
        using var upstream = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (!TryOpen(client)) return;
            await upstream.ConnectAsync(server, ending.Token);
            var exchange = new Exchange();
            await Task.WhenAny(PumpAsync(client, upstream, exchange.Asked, () => true), PumpAsync(upstream, client, () => { }, () => exchange.IsDecided || Decide(exchange)));
        }
        catch (Exception broken) when (broken is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // One end has gone; so does the other.
        }
        finally
        {
            lock (gate) open.Remove(client);
            client.Dispose();
        }
    }

    bool TryOpen(Socket client)
    {
        lock (gate)
        {
            if (!isAway) return open.Add(client);
            Refused++;
            return false;
        }
    }

    /// <returns>False when the reply that begins now is to be swallowed.</returns>
    bool Decide(Exchange exchange)
    {
        lock (gate)
        {
            exchange.IsDecided = true;
            var swallows = random.NextDouble() < swallowedShare;
            if (swallows) Swallowed++;
            else Delivered++;
            return !swallows;
        }
    }

    async Task PumpAsync(Socket from, Socket to, Action received, Func<bool> mayPass)
    {
        var buffer = new byte[64 << 10];
        while (await from.ReceiveAsync(buffer, ending.Token) is > 0 and var bytes)
        {
            received();
            if (!mayPass()) return;
            for (var sent = 0; sent < bytes;) sent += await to.SendAsync(buffer.AsMemory(sent, bytes - sent), ending.Token);
        }
    }

    /// <summary>A request and its reply.</summary>
    sealed class Exchange
    {
        volatile bool isDecided;

        /// <summary>True once it is settled whether the reply arrives.</summary>
        public bool IsDecided
        {
            get => isDecided;
            set => isDecided = value;
        }

        public void Asked() => isDecided = false;
    }
}

using System.Net;
using System.Net.Sockets;

namespace Legion.Tests.EndToEnd;

/// <summary>One address for several nodes, as a load balancer is one: connections go to them in turn, past those that do not answer.</summary>
sealed class Balancer : IAsyncDisposable
{
    readonly TcpListener listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource ending = new();
    readonly IPEndPoint[] nodes;
    readonly Task accepting;
    int next;

    public Balancer(params IEnumerable<Uri> nodes)
    {
        this.nodes = [.. nodes.Select(node => new IPEndPoint(IPAddress.Loopback, node.Port))];
        listener.Start();
        accepting = AcceptAsync();
    }

    public Uri Url => new($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        listener.Stop();
        await accepting;
        ending.Dispose();
    }

    async Task AcceptAsync()
    {
        var relays = new List<Task>();
        try
        {
            while (true) relays.Add(RelayAsync(await listener.AcceptSocketAsync(ending.Token)));
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(relays);
        }
    }

    async Task RelayAsync(Socket client)
    {
        using var near = client;
        using var far = await ConnectAsync();
        if (far is null) return;
        // When one side has ended, both are closed.
        await Task.WhenAny(CopyAsync(near, far), CopyAsync(far, near));
    }

    async Task<Socket?> ConnectAsync()
    {
        for (var tried = 0; tried < nodes.Length; tried++)
        {
            var node = nodes[(Interlocked.Increment(ref next) & int.MaxValue) % nodes.Length];
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(node, ending.Token);
                return socket;
            }
            catch (Exception cause) when (cause is SocketException or OperationCanceledException)
            {
                socket.Dispose();
            }
        }
        return null;
    }

    async Task CopyAsync(Socket from, Socket to)
    {
        var buffer = new byte[64 << 10];
        try
        {
            while (await from.ReceiveAsync(buffer, ending.Token) is > 0 and var read) await to.SendAsync(buffer.AsMemory(0, read), ending.Token);
        }
        catch (Exception end) when (end is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // A side is gone.
        }
    }
}

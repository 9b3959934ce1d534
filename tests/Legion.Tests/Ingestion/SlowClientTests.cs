using System.Net;
using System.Net.Sockets;
using System.Text;
using Legion.Format;
using Legion.Ingestion;
using Legion.Tests.Support;

namespace Legion.Tests.Ingestion;

/// <summary>Clients that say much and send little, late or too much, byte by byte over sockets of their own.</summary>
public sealed class SlowClientTests
{
    static readonly byte[] heartbeat = new BatchWriter().ToArray();

    readonly ManualClock clock = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ARefusalComesBeforeTheBodyAndLeavesTheConnectionOfUse()
    {
        const int Announced = 1_000_000;
        await using var server = await StartAsync(new IngestionLimits { TenantRequestsPerSecond = 1, TenantBurst = TimeSpan.FromSeconds(1) });
        using var client = await ConnectAsync(server);
        await client.SendAsync((byte[])[.. Head(heartbeat.Length), .. heartbeat], Cancellation);
        Assert.StartsWith("HTTP/1.1 200 ", await AnswerAsync(client));

        await client.SendAsync(Head(Announced), Cancellation);
        var refused = await AnswerAsync(client);
        Assert.StartsWith("HTTP/1.1 429 ", refused);
        Assert.Contains("Retry-After: 1\r\n", refused, StringComparison.Ordinal);

        clock.Advance(TimeSpan.FromSeconds(2));
        await client.SendAsync((byte[])[.. new byte[Announced], .. Head(heartbeat.Length), .. heartbeat], Cancellation);
        Assert.StartsWith("HTTP/1.1 200 ", await AnswerAsync(client));
    }

    [Fact]
    public async Task WhoAnnouncesMuchAndSendsLittleTakesNobodysPlace()
    {
        await using var server = await StartAsync(new IngestionLimits { Places = 2, BatchBytes = 1 << 20, InFlightBytes = 1 << 20 });
        var slow = new List<Socket>();
        for (var i = 0; i < 50; i++)
        {
            slow.Add(await ConnectAsync(server));
            await slow[i].SendAsync((byte[])[.. Head(1 << 20, "Expect: 100-continue\r\n"), .. new byte[10]], Cancellation);
            // The server has begun to wait for the body.
            Assert.StartsWith("HTTP/1.1 100 ", await ReadAsync(slow[i], text => text.Contains("\r\n\r\n", StringComparison.Ordinal)));
        }
        using var good = await ConnectAsync(server);
        await good.SendAsync((byte[])[.. Head(heartbeat.Length), .. heartbeat], Cancellation);
        Assert.StartsWith("HTTP/1.1 200 ", await AnswerAsync(good));
        foreach (var socket in slow) socket.Dispose();
    }

    [Fact]
    public async Task ABodyThatComesTooSlowlyIsCutOff()
    {
        await using var server = await StartAsync(new IngestionLimits { SlowestBytesPerSecond = 1_000_000, SlowGrace = TimeSpan.FromSeconds(1.5) });
        using var slow = await ConnectAsync(server);
        await slow.SendAsync((byte[])[.. Head(60_000), .. new byte[10]], Cancellation);
        var seen = await ReadAsync(slow, _ => false);
        Assert.True(seen.Length == 0 || seen.StartsWith("HTTP/1.1 408 ", StringComparison.Ordinal), seen);
    }

    [Fact]
    public async Task AConnectionTooManyIsClosed()
    {
        await using var server = await StartAsync(new IngestionLimits { Connections = 1 });
        using var first = await ConnectAsync(server);
        await first.SendAsync((byte[])[.. Head(heartbeat.Length), .. heartbeat], Cancellation);
        Assert.StartsWith("HTTP/1.1 200 ", await AnswerAsync(first));

        using var second = await ConnectAsync(server);
        Assert.Equal("", await ReadAsync(second, _ => false));
        await first.SendAsync((byte[])[.. Head(heartbeat.Length), .. heartbeat], Cancellation);
        Assert.StartsWith("HTTP/1.1 200 ", await AnswerAsync(first));
    }

    async Task<IngestionServer> StartAsync(IngestionLimits limits)
    {
        var server = new IngestionServer(clock, limits);
        await server.InitializeAsync();
        return server;
    }

    static async Task<Socket> ConnectAsync(IngestionServer server)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Parse(server.Url.Host), server.Url.Port, Cancellation);
        return socket;
    }

    static byte[] Head(int bytes, string more = "") => Encoding.ASCII.GetBytes($"POST /v1/append HTTP/1.1\r\nHost: localhost\r\nContent-Type: {Batch.MediaType}\r\nContent-Length: {bytes}\r\n{more}\r\n");

    /// <summary>One answer: they are sent in chunks, the last of which is empty.</summary>
    static Task<string> AnswerAsync(Socket socket) => ReadAsync(socket, text => text.EndsWith("\r\n0\r\n\r\n", StringComparison.Ordinal));

    /// <summary>What comes until there is enough of it, or the server closes.</summary>
    static async Task<string> ReadAsync(Socket socket, Func<string, bool> isEnough)
    {
        var text = "";
        var buffer = new byte[8192];
        try
        {
            while (!isEnough(text) && await socket.ReceiveAsync(buffer, Cancellation) is > 0 and var read) text += Encoding.Latin1.GetString(buffer, 0, read);
        }
        catch (SocketException cause) when (cause.SocketErrorCode == SocketError.ConnectionReset)
        {
            // That is closing, too.
        }
        return text;
    }
}

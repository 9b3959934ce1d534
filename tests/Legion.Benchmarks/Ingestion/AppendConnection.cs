using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Legion.Format;

namespace Legion.Benchmarks.Ingestion;

/// <summary>
/// One connection that is kept, and does no more than a load generator must: the machine's processors are the server's, too.
/// </summary>
sealed class AppendConnection : IDisposable
{
    readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    readonly byte[] answer = new byte[64 << 10];
    readonly byte[] head;

    AppendConnection(string key) => head = Encoding.ASCII.GetBytes($"POST /v1/append HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {Batch.MediaType}\r\n{key}Content-Length: ");

    public static async Task<AppendConnection> OpenAsync(Uri server, string? key = null)
    {
        var connection = new AppendConnection(key is null ? "" : $"Authorization: Bearer {key}\r\n");
        await connection.socket.ConnectAsync(IPAddress.Parse(server.Host), server.Port);
        return connection;
    }

    /// <returns>The status, and how many blocks the answer calls stored.</returns>
    public async Task<(int Status, int Stored)> SendAsync(byte[] batch)
    {
        var length = Encoding.ASCII.GetBytes(batch.Length.ToString(CultureInfo.InvariantCulture) + "\r\n\r\n");
        await socket.SendAsync([head, length, batch], SocketFlags.None);
        for (var got = 0; ;)
        {
            var read = await socket.ReceiveAsync(answer.AsMemory(got));
            if (read == 0) throw new IOException($"expected an answer, saw the connection end after {got} bytes");
            got += read;
            if (!IsWhole(answer.AsSpan(0, got))) continue;
            return (int.Parse(answer.AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture), answer.AsSpan(0, got).Count("\"stored\""u8));
        }
    }

    /// <summary>Sends the beginning of a request, and nothing behind it.</summary>
    public Task SendHeadAsync(int announced) => socket.SendAsync([head, Encoding.ASCII.GetBytes($"{announced}\r\n\r\n")], SocketFlags.None);

    /// <summary>Sends one byte of the body.</summary>
    /// <returns>False where the server has had enough.</returns>
    public async Task<bool> TrickleAsync()
    {
        try
        {
            return await socket.SendAsync(new byte[1]) == 1;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public void Dispose() => socket.Dispose();

    static bool IsWhole(ReadOnlySpan<byte> seen)
    {
        var headers = seen.IndexOf("\r\n\r\n"u8);
        if (headers < 0) return false;
        var at = seen[..headers].IndexOf("Content-Length: "u8);
        if (at < 0) return seen.EndsWith("0\r\n\r\n"u8);
        var value = seen[(at + 16)..];
        return seen.Length >= headers + 4 + int.Parse(value[..value.IndexOf("\r\n"u8)], NumberStyles.None, CultureInfo.InvariantCulture);
    }
}

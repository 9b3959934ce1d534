using System.Net;
using System.Net.Sockets;
using System.Text;
using Legion.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Store;

/// <summary>Answers whose body ends before it should, from a server that knows nothing else.</summary>
public sealed class S3BodyTests : IDisposable
{
    readonly string cache = Directory.CreateTempSubdirectory("legion-cache-").FullName;
    readonly TcpListener listener = new(IPAddress.Loopback, 0);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AnAnswerThatBreaksOffIsAskedForAgain()
    {
        var store = Serve("abc", "abcdef");
        Assert.Equal("abcdef", Encoding.UTF8.GetString(await store.ReadAsync("a/1", 0, 6, Cancellation)));
    }

    [Fact]
    public async Task ACopyThatBreaksOffIsMadeAgain()
    {
        var store = Serve("", "abcd", "abcdef");
        using var file = await store.HoldAsync("a/1", 6, Cancellation);
        await file.FetchAsync([new ObjectRange(0, 6)], Cancellation);
        Assert.Equal("abcdef", await File.ReadAllTextAsync(file.Path, Cancellation));
    }

    [Fact]
    public async Task WhatBreaksOffEachTimeIsUnavailable()
    {
        var store = Serve("abc", "abcd", "a", "abc", "ab", "a");
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.ReadAsync("a/1", 0, 6, Cancellation));
        using var file = await store.HoldAsync("a/1", 6, Cancellation);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => file.FetchAsync([new ObjectRange(0, 6)], Cancellation));
    }

    [Fact]
    public void PartsAreOneStreamFromWhereverItIsRead()
    {
        using var stream = new PartsStream([new byte[] { 0, 1, 2 }, Array.Empty<byte>(), new byte[] { 3 }, new byte[] { 4, 5, 6, 7 }]);
        var buffer = new byte[3];
        foreach (var position in (int[])[0, 7, 3, 8, 1, 5, 0])
        {
            stream.Position = position;
            for (var expected = position; expected < 8;)
            {
                var count = stream.Read(buffer);
                Assert.Equal(Enumerable.Range(expected, count).Select(value => (byte)value), buffer[..count]);
                Assert.NotEqual(0, count);
                expected += count;
            }
            Assert.Equal(0, stream.Read(buffer));
        }
    }

    public void Dispose()
    {
        listener.Dispose();
        Directory.Delete(cache, recursive: true);
    }

    /// <summary>A store over a server that promises the six bytes <c>abcdef</c> each time, and gives what is named, a connection an answer.</summary>
    S3ObjectStore Serve(params string[] bodies)
    {
        listener.Start();
        _ = AnswerAsync(bodies);
        var endpoint = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
        return S3Gateway.Open(new S3Location("bucket", "", new S3Settings { Endpoint = endpoint, Checksum = S3Checksum.WhenRequired, Cache = new CacheSettings { Folder = cache } }));
    }

    async Task AnswerAsync(string[] bodies)
    {
        foreach (var body in bodies)
        {
            using var connection = await listener.AcceptSocketAsync(Cancellation);
            await connection.ReceiveAsync(new byte[1 << 16], Cancellation);
            await connection.SendAsync(Encoding.UTF8.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 6\r\nETag: \"e80b5017098950fc58aad83c8c14978e\"\r\nConnection: close\r\n\r\n" + body), Cancellation);
            connection.Shutdown(SocketShutdown.Both);
        }
    }
}

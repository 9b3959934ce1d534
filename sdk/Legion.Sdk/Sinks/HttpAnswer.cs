using System.Globalization;
using System.Text;

namespace Legion.Sdk;

/// <summary>Reads one HTTP/1.1 response (RFC 9112) from a server that may be slow, talkative or worse.</summary>
/// <param name="left">Time that is left; throws when none is.</param>
sealed class HttpAnswer(Stream connection, int mostHeadBytes, int mostBodyBytes, Func<TimeSpan> left)
{
    readonly byte[] buffer = new byte[8192];
    int filled;
    int taken;
    long received;

    /// <summary>True when the connection can carry another request.</summary>
    public bool KeepsConnection { get; private set; }

    /// <exception cref="IOException">What came is no response, longer than it may be, or too late.</exception>
    public Reply Read()
    {
        int status;
        Dictionary<string, string> headers;
        do
        {
            status = ReadStatus();
            headers = ReadHeaders();
        }
        while (status is >= 100 and < 200);
        KeepsConnection = !headers.GetValueOrDefault("connection", "").Contains("close", StringComparison.OrdinalIgnoreCase);
        byte[] body;
        if (status is 204 or 304) body = [];
        else if (headers.GetValueOrDefault("transfer-encoding", "").Contains("chunked", StringComparison.OrdinalIgnoreCase)) body = ReadChunked();
        else if (headers.TryGetValue("content-length", out var length)) body = ReadBytes(Length(length, NumberStyles.None));
        else body = ReadToEnd();
        // What comes behind the answer would be taken for the next.
        if (taken < filled) KeepsConnection = false;
        TimeSpan? retryAfter = int.TryParse(headers.GetValueOrDefault("retry-after"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds) : null;
        return new Reply(status, body, retryAfter);
    }

    int ReadStatus()
    {
        var line = ReadLine(mostHeadBytes);
        var isStatus = line.StartsWith("HTTP/1.", StringComparison.Ordinal) && line.Length >= 12 && line[8] == ' ';
        return isStatus && int.TryParse(line.AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var status)
            ? status
            : throw new IOException($"expected an HTTP response, saw '{Shown(line)}'");
    }

    Dictionary<string, string> ReadHeaders()
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        for (var room = mostHeadBytes; ReadLine(room) is { Length: > 0 } line; room -= line.Length + 2)
        {
            var colon = line.IndexOf(':');
            if (colon <= 0) throw new IOException($"expected a header, saw '{Shown(line)}'");
            headers[line[..colon]] = line[(colon + 1)..].Trim();
        }
        return headers;
    }

    byte[] ReadChunked()
    {
        var body = new MemoryStream();
        while (true)
        {
            var line = ReadLine(256);
            var length = Length(line.Split(';')[0].Trim(), NumberStyles.AllowHexSpecifier);
            if (length == 0) break;
            if (body.Length + length > mostBodyBytes) throw TooLong();
            body.Write(ReadBytes(length));
            if (ReadLine(256).Length > 0) throw new IOException("expected the end of a chunk");
        }
        while (ReadLine(mostHeadBytes).Length > 0)
        {
            // Trailers say nothing that matters here.
        }
        return body.ToArray();
    }

    byte[] ReadToEnd()
    {
        KeepsConnection = false;
        var body = new MemoryStream();
        while (taken < filled || TryFill())
        {
            if (body.Length + filled - taken > mostBodyBytes) throw TooLong();
            body.Write(buffer, taken, filled - taken);
            taken = filled;
        }
        return body.ToArray();
    }

    byte[] ReadBytes(int count)
    {
        var bytes = new byte[count];
        for (var done = 0; done < count;)
        {
            if (taken == filled && !TryFill()) throw Ended();
            var part = Math.Min(count - done, filled - taken);
            buffer.AsSpan(taken, part).CopyTo(bytes.AsSpan(done));
            done += part;
            taken += part;
        }
        return bytes;
    }

    string ReadLine(int most)
    {
        var line = new StringBuilder();
        while (true)
        {
            if (taken == filled && !TryFill()) throw Ended();
            var next = (char)buffer[taken++];
            if (next == '\n') return line is [.., '\r'] ? line.ToString(0, line.Length - 1) : line.ToString();
            if (line.Length >= most) throw TooLong();
            line.Append(next);
        }
    }

    bool TryFill()
    {
        // The time-out of a socket begins anew with each byte; whoever sends one a second must not hold the sender for hours.
        if (connection.CanTimeout) connection.ReadTimeout = Math.Max(1, (int)left().TotalMilliseconds);
        filled = connection.Read(buffer);
        taken = 0;
        // Interim answers, trailers, chunks of a byte: however it goes on, it ends here.
        received += filled;
        if (received > mostHeadBytes + mostBodyBytes) throw TooLong();
        return filled > 0;
    }

    int Length(string text, NumberStyles style) => int.TryParse(text, style, CultureInfo.InvariantCulture, out var length) && length >= 0 && length <= mostBodyBytes
        ? length
        : throw new IOException($"expected a length of at most {mostBodyBytes} bytes, saw '{Shown(text)}'");

    static string Shown(string line) => line.Length <= 80 ? line : line[..80] + "...";

    static IOException Ended() => new("the server closed the connection before the end of its answer");

    IOException TooLong() => new($"expected an answer of at most {mostBodyBytes} bytes");
}

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using NetMQ;

namespace Legion.Kernel.Jupyter;

/// <summary>A message of Jupyter's protocol.</summary>
/// <remarks>https://jupyter-client.readthedocs.io/en/stable/messaging.html#the-wire-protocol</remarks>
sealed record JupyterMessage
{
    /// <summary>Routing frames of the request; on iopub the topic.</summary>
    public required IReadOnlyList<byte[]> Identities { get; init; }

    public required JsonObject Header { get; init; }

    public required JsonObject Parent { get; init; }

    public required JsonObject Content { get; init; }

    /// <summary>Bytes that travel beside the content. The signature does not cover them.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Buffers { get; init; } = [];

    public string Type => Header["msg_type"]?.GetValue<string>() ?? "";

    public string Id => Header["msg_id"]?.GetValue<string>() ?? "";

    static ReadOnlySpan<byte> Delimiter => "<IDS|MSG>"u8;

    /// <exception cref="InvalidDataException">The signature is wrong, or this is no message.</exception>
    public static JupyterMessage Read(NetMQMessage frames, MessageSignature signature)
    {
        var identities = new List<byte[]>();
        var at = 0;
        while (at < frames.FrameCount && !frames[at].ToByteArray().AsSpan().SequenceEqual(Delimiter))
            identities.Add(frames[at++].ToByteArray());
        // Delimiter, signature, header, parent, metadata, content; then buffers.
        if (frames.FrameCount < at + 6)
            throw new InvalidDataException($"expected at least 6 frames from the delimiter on, saw {frames.FrameCount - at}");
        var parts = Enumerable.Range(at + 2, 4).Select(i => frames[i].ToByteArray()).ToArray();
        if (!signature.Matches(frames[at + 1].ToByteArray(), parts))
            throw new InvalidDataException("the signature of a message does not match its content");
        return new()
        {
            Identities = identities,
            Header = Object(parts[0], "header"),
            Parent = Object(parts[1], "parent header"),
            Content = Object(parts[3], "content"),
            Buffers = frames.Skip(at + 6).Select(frame => (ReadOnlyMemory<byte>)frame.ToByteArray()).ToList(),
        };
    }

    public NetMQMessage Write(MessageSignature signature)
    {
        byte[][] parts = [Bytes(Header), Bytes(Parent), "{}"u8.ToArray(), Bytes(Content)];
        var frames = new NetMQMessage();
        foreach (var identity in Identities)
            frames.Append(identity);
        frames.Append(Delimiter.ToArray());
        frames.Append(signature.Sign(parts));
        foreach (var part in parts)
            frames.Append(part);
        foreach (var buffer in Buffers)
            frames.Append(buffer.ToArray());
        return frames;
    }

    public static JsonObject NewHeader(string type, string session) => new()
    {
        ["msg_id"] = Guid.NewGuid().ToString(),
        ["session"] = session,
        ["username"] = "kernel",
        ["date"] = DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture),
        ["msg_type"] = type,
        ["version"] = "5.3",
    };

    static byte[] Bytes(JsonObject node) => JsonSerializer.SerializeToUtf8Bytes(node);

    static JsonObject Object(byte[] part, string what)
    {
        try
        {
            return JsonNode.Parse(part) as JsonObject ?? throw new InvalidDataException($"expected an object as {what}");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"cannot read the {what} of a message: {e.Message}", e);
        }
    }
}

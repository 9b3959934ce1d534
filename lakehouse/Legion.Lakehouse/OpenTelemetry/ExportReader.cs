using System.IO.Compression;
using Google.Protobuf;
using Legion.Store;

namespace Legion.Lakehouse.OpenTelemetry;

/// <summary>Reads export requests from bytes that nobody has looked into yet.</summary>
static class ExportReader
{
    /// <summary>Raised when it reads what it could not read before: arrivals that failed are then tried again.</summary>
    public const int Version = 1;

    /// <summary>Most bytes of a request, decompressed: what a block may hold.</summary>
    public const int MostBytes = Format.FormatLimits.MaxContentBytes - (64 << 10);

    /// <param name="keepUnknown">Whether fields that these messages do not list stay in them.</param>
    /// <exception cref="InvalidDataException">The bytes are no such request.</exception>
    public static IMessage Read(ExportSignal signal, string mediaType, bool isGzip, byte[] bytes, bool keepUnknown)
    {
        var request = isGzip ? Decompress(bytes) : bytes;
        return mediaType switch
        {
            ArrivalRow.Json => OtlpJson.Read(New(signal), request),
            ArrivalRow.Protobuf => Read(signal, request, keepUnknown),
            _ => throw new InvalidDataException($"expected media type {ArrivalRow.Protobuf} or {ArrivalRow.Json}, saw '{mediaType}'"),
        };
    }

    /// <summary>Reads a request in protobuf.</summary>
    /// <exception cref="InvalidDataException">The bytes are no such request.</exception>
    public static IMessage Read(ExportSignal signal, ReadOnlySpan<byte> bytes, bool keepUnknown)
    {
        var request = New(signal);
        MessageCount.Check(request.Descriptor, bytes);
        try
        {
            return request switch
            {
                TraceRequest => TraceRequest.Parser.WithDiscardUnknownFields(!keepUnknown).ParseFrom(bytes),
                MetricRequest => MetricRequest.Parser.WithDiscardUnknownFields(!keepUnknown).ParseFrom(bytes),
                _ => LogRequest.Parser.WithDiscardUnknownFields(!keepUnknown).ParseFrom(bytes),
            };
        }
        catch (InvalidProtocolBufferException cause)
        {
            throw new InvalidDataException($"expected {signal.ToString().ToLowerInvariant()} of OpenTelemetry: {cause.Message}", cause);
        }
    }

    static IMessage New(ExportSignal signal) => signal switch
    {
        ExportSignal.Traces => new TraceRequest(),
        ExportSignal.Metrics => new MetricRequest(),
        ExportSignal.Logs => new LogRequest(),
        _ => throw new InvalidDataException($"expected signal 1 to 3, saw {(int)signal}"),
    };

    /// <exception cref="InvalidDataException">The bytes are not compressed, or are more than a request may have.</exception>
    public static byte[] Decompress(byte[] bytes)
    {
        using var gzip = new GZipStream(new MemoryStream(bytes, writable: false), CompressionMode.Decompress);
        var request = new MemoryStream();
        var buffer = new byte[64 << 10];
        while (gzip.Read(buffer) is > 0 and var read)
        {
            request.Write(buffer, 0, read);
            if (request.Length > MostBytes) throw new InvalidDataException($"expected at most {MostBytes} bytes in a request, saw more");
        }
        return request.ToArray();
    }
}

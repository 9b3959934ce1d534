using Google.Protobuf;
using Legion.Format;
using Legion.Store;

namespace Legion.Lakehouse.OpenTelemetry;

/// <summary>Blocks of OpenTelemetry beside those of the SDK: where a view is decoded from both.</summary>
static class OtlpBlock
{
    public static bool IsOpenTelemetry(BlockRow row) => row.Encoding == (ushort)BlockEncoding.OpenTelemetry;

    /// <summary>Reads the request that is the block's content.</summary>
    /// <exception cref="InvalidDataException">It is none of the block's class.</exception>
    public static T Request<T>(Block block, ExportSignal signal) where T : class, IMessage => (T)ExportReader.Read(signal, block.Events, keepUnknown: false);

    /// <exception cref="InvalidDataException">Blocks of this class hold no requests.</exception>
    public static ExportSignal SignalOf(Block block)
    {
        foreach (var signal in Enum.GetValues<ExportSignal>())
            if (signal.ClassOf() == block.Header.Class) return signal;
        throw new InvalidDataException($"block {block.Header.BlockId}: expected traces, metrics or logs of OpenTelemetry, saw class {(int)block.Header.Class}");
    }

    /// <summary>Decodes each block as what it is.</summary>
    public static Action<Block, Schema, string, string> Either(Action<Block, Schema, string, string> events, Action<Block, string, string> request) => (block, schema, processId, streamId) =>
    {
        if (block.Header.IsOpenTelemetry) request(block, processId, streamId);
        else events(block, schema, processId, streamId);
    };

    /// <summary>The number that stands for an id of a span, most significant byte first; null where it is none.</summary>
    public static ulong? SpanNumber(ByteString id) => id.Length == 8 && System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(id.Span) is > 0 and var number ? number : null;

    /// <summary>32 hexadecimal digits; null where it is no id of a trace.</summary>
    public static string? TraceText(ByteString id) => id.Length == 16 && id.Span.ContainsAnyExcept((byte)0) ? Convert.ToHexStringLower(id.Span) : null;
}

using System.Text;
using System.Text.Json;

namespace Legion.Ingestion;

/// <summary>
/// The message <c>google.rpc.Status</c> that OTLP answers refusals with: 1 code, 2 message, 3 details, of which there is one at most,
/// <c>google.rpc.RetryInfo</c> with the time to wait. Written by hand, so that ingestion needs no message classes.
/// </summary>
static class RpcStatus
{
    const byte Varint = 0, Sized = 2;

    static ReadOnlySpan<byte> RetryInfoType => "type.googleapis.com/google.rpc.RetryInfo"u8;

    public static byte[] ToProtobuf(ExportRefusal refusal)
    {
        using var bytes = new MemoryStream();
        bytes.WriteByte(1 << 3 | Varint);
        bytes.WriteByte((byte)refusal.Code);
        WriteField(bytes, 2, Encoding.UTF8.GetBytes(refusal.Message));
        if (refusal.RetryAfterSeconds is { } seconds)
        {
            // RetryInfo: 1 delay, a Duration: 1 seconds.
            var (duration, retryInfo, any) = (new MemoryStream(), new MemoryStream(), new MemoryStream());
            duration.WriteByte(1 << 3 | Varint);
            WriteVarint(duration, (uint)seconds);
            WriteField(retryInfo, 1, duration.ToArray());
            WriteField(any, 1, RetryInfoType);
            WriteField(any, 2, retryInfo.ToArray());
            WriteField(bytes, 3, any.ToArray());
        }
        return bytes.ToArray();
    }

    public static byte[] ToJson(ExportRefusal refusal)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteNumber("code", (int)refusal.Code);
            json.WriteString("message", refusal.Message);
            json.WriteEndObject();
        }
        return bytes.ToArray();
    }

    static void WriteField(MemoryStream bytes, int number, ReadOnlySpan<byte> value)
    {
        bytes.WriteByte((byte)(number << 3 | Sized));
        WriteVarint(bytes, (uint)value.Length);
        bytes.Write(value);
    }

    static void WriteVarint(MemoryStream bytes, uint value)
    {
        for (; value >= 0x80; value >>= 7) bytes.WriteByte((byte)(value | 0x80));
        bytes.WriteByte((byte)value);
    }
}

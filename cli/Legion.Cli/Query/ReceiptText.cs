using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Legion.Lakehouse.Sql;

namespace Legion.Cli.Query;

/// <summary>What an answer cost and rests on, as <c>legion query --receipt</c> prints it: one line of JSON.</summary>
static class ReceiptText
{
    public static string Json(Receipt receipt)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteNumber("rows", receipt.Rows);
            json.WriteNumber("partition_bytes", receipt.PartitionBytes);
            json.WriteNumber("built", receipt.Build.Built);
            json.WriteNumber("reused", receipt.Build.Reused);
            json.WriteNumber("block_bytes", receipt.Build.BlockBytes);
            json.WriteNumber("plan_ms", receipt.Plan.TotalMilliseconds);
            json.WriteNumber("build_ms", receipt.Building.TotalMilliseconds);
            json.WriteNumber("scan_ms", receipt.Scan.TotalMilliseconds);
            json.WriteNumber("lost_events", receipt.LostEvents);
            json.WriteString("snapshot", receipt.Snapshot);
            json.WriteStartArray("gone");
            foreach (var gone in receipt.Gone) json.WriteStringValue(gone.ToString());
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}

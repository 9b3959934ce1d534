using System.Text.Json;

namespace Legion.Lakehouse.Timeline;

/// <summary>The first attachment of a bucket.</summary>
/// <param name="LastNs">When the last one of its bucket was sent.</param>
/// <param name="Bytes">Size of what arrived of it.</param>
/// <param name="IsComplete">All of it arrived, and has the hash that its program says.</param>
/// <param name="Count">How many there are in its bucket.</param>
public sealed record TimelineAttachment(string AttachmentId, long TimeNs, long LastNs, string MediaType, string Name, long Bytes, bool IsComplete, long Count);

/// <summary>Attachments in a window, in order of time.</summary>
public sealed record AttachmentWindow(IReadOnlyList<TimelineAttachment> Attachments)
{
    /// <summary>Writes the JSON object that browsers read.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartArray("attachments");
        foreach (var file in Attachments)
        {
            json.WriteStartObject();
            json.WriteString("attachment_id", file.AttachmentId);
            json.WriteInt64("time_ns", file.TimeNs);
            json.WriteInt64("last_ns", file.LastNs);
            json.WriteString("media_type", file.MediaType);
            json.WriteString("name", file.Name);
            json.WriteInt64("bytes", file.Bytes);
            json.WriteBoolean("complete", file.IsComplete);
            json.WriteNumber("count", file.Count);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}

using Legion.Format;
using Legion.Lakehouse.OpenTelemetry;

namespace Legion.Lakehouse;

/// <summary>An event of a block as <c>parse_block</c> shows it.</summary>
/// <param name="Ordinal">Its number in the stream.</param>
/// <param name="Type">Name of its type in the block's schema; of OpenTelemetry that of the message.</param>
/// <param name="Fields">A JSON object with sorted keys.</param>
/// <param name="Bytes">Of the decoded event.</param>
readonly record struct ParsedEvent(ulong Ordinal, long TimeNs, string Type, string Fields, int Bytes)
{
    /// <summary>The events of a block in their order, gap records too.</summary>
    /// <exception cref="InvalidDataException">The block is damaged.</exception>
    public static IReadOnlyList<ParsedEvent> Of(Block block, Schema schema)
    {
        if (block.Header.IsOpenTelemetry) return MessageJson.Events(block);
        var events = new List<ParsedEvent>();
        var layouts = schema.Types.Select(type => new PointLayout(type)).ToArray();
        var json = new EventJson();
        var reader = block.ReadEvents(schema);
        while (reader.Next())
        {
            var record = reader.Current;
            events.Add(new ParsedEvent(record.Ordinal, layouts[record.TypeIndex].TimeNs(block, record.Body), record.Type.Name, json.Of(block, record), record.Body.Length));
        }
        return events;
    }
}

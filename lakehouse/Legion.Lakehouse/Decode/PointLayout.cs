using Legion.Format;
using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>The fields that every event of a merged stream may have, by role, and how to read them.</summary>
sealed class PointLayout(EventType type)
{
    readonly Field? time = type.FindRole(FieldRole.Time) ?? (type.Find("tick") is { Type: FieldType.Tick } tick ? tick : null);
    readonly Field? thread = type.FindRole(FieldRole.Thread) ?? type.Find("thread");
    readonly Field? properties = type.FindRole(FieldRole.Properties) ?? (type.Find("properties") is { Type: FieldType.PropertySetReference or FieldType.Properties } field ? field : null);

    // Property sets repeat from event to event; their text is made once per block.
    readonly Dictionary<uint, string> texts = [];
    Block? block;

    public EventType Type { get; } = type;

    public long TimeNs(Block block, ReadOnlySpan<byte> body) => block.Header.Clock.Ns(time?.ReadU64(body) ?? block.Header.FirstTick);

    public string Thread(Block block, ReadOnlySpan<byte> body) => thread?.Type switch
    {
        FieldType.StringReference => block.Dependencies.String(thread.ReadReference(body)) ?? "",
        FieldType.String => thread.ReadString(body),
        _ => "",
    };

    public string Properties(Block block, ReadOnlySpan<byte> body)
    {
        if (properties is null) return PropertyJson.Empty;
        if (properties.Type == FieldType.Properties) return PropertyJson.Of(properties.ReadProperties(body));
        if (!ReferenceEquals(block, this.block))
        {
            texts.Clear();
            this.block = block;
        }
        var reference = properties.ReadReference(body);
        if (!texts.TryGetValue(reference, out var text))
            texts.Add(reference, text = block.Dependencies.PropertySet(reference) is { } set ? PropertyJson.Of(set) : PropertyJson.Empty);
        return text;
    }
}

namespace Legion.Format;

/// <summary>A piece of an attachment, of at most <see cref="WellKnown.MaxChunkBytes"/>. Variable.</summary>
public static class AttachmentChunkEvent
{
    public static EventType Type { get; } = new(WellKnown.AttachmentChunk, 1, 0,
    [
        WellKnown.Field("tick", FieldType.Tick, 0, role: FieldRole.Time),
        WellKnown.Field("id", FieldType.FixedBytes, 8, 16),
        WellKnown.Field("index", FieldType.U32, 24),
        WellKnown.Field("count", FieldType.U32, 28),
        WellKnown.Field("sha256", FieldType.FixedBytes, 32, 32),
        WellKnown.Field("media_type", FieldType.String, 64),
        WellKnown.Field("name", FieldType.String, 72),
        WellKnown.Field("data", FieldType.Bytes, 80),
    ]);

    /// <summary>Index of the type in <see cref="WellKnown.Schema"/>.</summary>
    public const ushort Index = 10;

    /// <param name="sha256">32 bytes: the hash of the whole attachment.</param>
    public static void Write(BlockWriter block, ulong tick, Guid id, uint index, uint count, ReadOnlySpan<byte> sha256, string mediaType, string name, ReadOnlySpan<byte> data)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(data.Length, WellKnown.MaxChunkBytes);
        var events = block.Events;
        var position = block.Begin(Index);
        events.U64(tick);
        events.Id(id);
        events.U32(index);
        events.U32(count);
        events.Bytes(sha256);
        events.Reserve(24).Clear();
        var start = events.Length;
        events.Utf8(mediaType);
        block.Point(position, 64, start);
        start = events.Length;
        events.Utf8(name);
        block.Point(position, 72, start);
        start = events.Length;
        events.Bytes(data);
        block.Point(position, 80, start);
        block.End(Index, position);
    }
}

namespace Legion.Store;

/// <summary>Holds what is stored of a block against its row.</summary>
public static class StoredBlock
{
    static readonly (string Name, Func<BlockRow, object> Value)[] Fields =
    [
        ("id", row => row.BlockId),
        ("stream", row => row.StreamId),
        ("process", row => row.ProcessId),
        ("class", row => StoreNames.Class(row.Class)),
        ("sequence", row => row.Sequence),
        ("first ordinal", row => row.FirstOrdinal),
        ("next ordinal", row => row.NextOrdinal),
        ("events", row => row.Events),
        ("first tick", row => row.FirstTick),
        ("last tick", row => row.LastTick),
        ("begin", row => row.BeginNs),
        ("end", row => row.EndNs),
        ("bytes", row => row.Bytes),
        ("bytes of the header", row => row.HeaderBytes),
        ("bytes of content", row => row.RawBytes),
        ("encoding", row => row.Encoding),
        ("flags", row => row.Flags),
        ("schema", row => row.Schema),
        ("checksum of the content", row => row.Checksum),
    ];

    /// <returns>What the row says otherwise than the header, or that there is no header; null where they agree.</returns>
    public static string? Difference(BlockRow row, ReadOnlyMemory<byte> bytes)
    {
        var stored = BlockCandidate.Read(bytes);
        if (!stored.IsOpen) return stored.Answer!.Reason;
        var said = stored.Row(row.ObjectKey, row.ObjectOffset);
        var differing = Fields.Where(field => !field.Value(row).Equals(field.Value(said))).Select(field => $"{field.Name} {field.Value(row)} in the row, {field.Value(said)} in the header").ToArray();
        return differing.Length == 0 ? null : string.Join("; ", differing);
    }
}

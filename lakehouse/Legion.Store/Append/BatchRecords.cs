using Legion.Format;

namespace Legion.Store;

/// <summary>The items of a batch, read and checked, but for the blocks.</summary>
sealed class BatchRecords
{
    public List<ProcessRow> Processes { get; } = [];
    public List<StreamRow> Streams { get; } = [];
    public List<Schema> Schemas { get; } = [];
    public List<ReadOnlyMemory<byte>> Blocks { get; } = [];

    /// <summary>Reads all items; kinds that this version does not know are skipped.</summary>
    /// <exception cref="InvalidDataException">A record or a schema is malformed.</exception>
    public static BatchRecords Read(IReadOnlyList<BatchItem> items, long nowNs)
    {
        var records = new BatchRecords();
        foreach (var item in items)
        {
            switch (item.Kind)
            {
                case BatchItemKind.Process: records.Processes.Add(Row(ProcessRecord.Read(item.Bytes.Span), nowNs)); break;
                case BatchItemKind.Stream: records.Streams.Add(Row(StreamRecord.Read(item.Bytes.Span))); break;
                case BatchItemKind.Schema: records.Schemas.Add(Schema.Read(item.Bytes.Span)); break;
                case BatchItemKind.Block: records.Blocks.Add(item.Bytes); break;
            }
        }
        return records;
    }

    static ProcessRow Row(ProcessRecord record, long nowNs) => new()
    {
        ProcessId = Given(record.ProcessId, "process record"),
        ParentProcessId = record.ParentProcessId,
        Exe = record.Exe,
        User = record.User,
        Computer = record.Computer,
        Os = record.Os,
        Cpu = record.Cpu,
        Runtime = record.Runtime,
        StartNs = record.StartNs,
        EndNs = record.EndNs,
        EndReason = record.EndReason,
        LastSeenNs = record.LastSeenNs,
        Properties = PropertyJson.Of(record.Properties),
        Version = 0,
        RecordVersion = Signed(record.Version, "process record"),
        RemovedVersion = 0,
        RegisteredNs = nowNs,
    };

    static StreamRow Row(StreamRecord record) => new()
    {
        StreamId = Given(record.StreamId, "stream record"),
        ProcessId = Given(record.ProcessId, "stream record"),
        Class = record.Class,
        Name = record.Name,
        ThreadId = record.ThreadId,
        Tags = PropertyJson.Of(record.Tags),
        Properties = PropertyJson.Of(record.Properties),
        Registration = 0, // assigned by the catalog
        RecordVersion = Signed(record.Version, "stream record"),
    };

    static Guid Given(Guid id, string what) => id != Guid.Empty ? id : throw new InvalidDataException($"{what}: expected an id, saw the nil UUID");

    static long Signed(ulong version, string what) => version <= long.MaxValue
        ? (long)version
        : throw new InvalidDataException($"{what}: expected a version below 2^63, saw {version}");
}

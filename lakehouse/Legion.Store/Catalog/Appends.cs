using Legion.Format;

namespace Legion.Store;

/// <summary>What a block is compared by: same id, and same or other content.</summary>
public readonly record struct BlockIdentity(Guid BlockId, int RawBytes, uint Checksum);

/// <summary>A block by what it is found by.</summary>
/// <param name="Day">Days since the Unix epoch.</param>
public readonly record struct FiledBlock(Guid BlockId, int Day, StreamClass Class);

/// <summary>An object that was put, with the blocks in it: all of one day, class and process.</summary>
/// <param name="Day">Days since the Unix epoch; with <paramref name="Class"/> it is the bucket of the blocks.</param>
/// <param name="Blocks">Their <see cref="BlockRow.Arrival"/> is assigned when they are inserted.</param>
public sealed record NewObject(string Key, long Bytes, int Day, StreamClass Class, Guid ProcessId, IReadOnlyList<BlockRow> Blocks);

/// <summary>Records and schemas of a batch, to be registered before its blocks are filed.</summary>
/// <param name="AtNs">When the batch came.</param>
public sealed record Registration(
    long AtNs,
    IReadOnlyList<ProcessRow> Processes,
    IReadOnlyList<StreamRow> Streams,
    IReadOnlyList<Schema> Schemas);

/// <summary>How much a lake holds.</summary>
public sealed record LakeTotals(long Processes, long Streams, long Blocks, long BlockBytes, long RawBytes, long Events, long Objects, long Partitions, long PartitionBytes);

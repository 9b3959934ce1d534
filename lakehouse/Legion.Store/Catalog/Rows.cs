using Legion.Format;

namespace Legion.Store;

/// <summary>A process, as its record of the highest version says.</summary>
public sealed record ProcessRow
{
    public required Guid ProcessId { get; init; }
    public Guid? ParentProcessId { get; init; }
    public required string Exe { get; init; }
    public required string User { get; init; }
    public required string Computer { get; init; }
    public required string Os { get; init; }
    public required string Cpu { get; init; }
    public required string Runtime { get; init; }
    public required long StartNs { get; init; }
    public long? EndNs { get; init; }
    public string? EndReason { get; init; }
    public required long LastSeenNs { get; init; }

    /// <summary>JSON text with sorted keys.</summary>
    public required string Properties { get; init; }

    /// <summary>Arrival of the newest block or removal: a partition built at this version is fresh.</summary>
    public required long Version { get; init; }

    /// <summary>The producer's version of the record.</summary>
    public required long RecordVersion { get; init; }

    /// <summary>Version at which blocks of the process were last removed; 0 for never.</summary>
    public required long RemovedVersion { get; init; }

    /// <summary>When this lake first heard of the process.</summary>
    public required long RegisteredNs { get; init; }
}

/// <summary>A stream, as its record of the highest version says.</summary>
public sealed record StreamRow
{
    public required Guid StreamId { get; init; }
    public required Guid ProcessId { get; init; }
    public required StreamClass Class { get; init; }
    public required string Name { get; init; }
    public ulong? ThreadId { get; init; }

    /// <summary>JSON array of strings.</summary>
    public required string Tags { get; init; }

    /// <summary>JSON text with sorted keys.</summary>
    public required string Properties { get; init; }

    /// <summary>0 for the process's first stream that this lake heard of, then one more each; never changes.</summary>
    public required int Registration { get; init; }

    public required long RecordVersion { get; init; }
}

/// <summary>A stored block: what its header says, and where its bytes lie.</summary>
public sealed record BlockRow
{
    public required Guid BlockId { get; init; }
    public required Guid StreamId { get; init; }
    public required Guid ProcessId { get; init; }
    public required StreamClass Class { get; init; }
    public required ulong Sequence { get; init; }
    public required ulong FirstOrdinal { get; init; }
    public required ulong NextOrdinal { get; init; }
    public required uint Events { get; init; }
    public required ulong FirstTick { get; init; }
    public required ulong LastTick { get; init; }
    public required long BeginNs { get; init; }
    public required long EndNs { get; init; }

    /// <summary>Bytes in the object, header included.</summary>
    public required int Bytes { get; init; }

    /// <summary>Of these, bytes of the header, with which the block begins.</summary>
    public required int HeaderBytes { get; init; }

    /// <summary>Bytes of the uncompressed content.</summary>
    public required int RawBytes { get; init; }

    public required ushort Encoding { get; init; }
    public required BlockFlags Flags { get; init; }
    public required SchemaHash Schema { get; init; }

    /// <summary>CRC-32C of the uncompressed content.</summary>
    public required uint Checksum { get; init; }

    /// <summary>The process's version that the block arrived with.</summary>
    public required long Arrival { get; init; }

    public required string ObjectKey { get; init; }
    public required long ObjectOffset { get; init; }

    /// <summary>CRC-32C of the bytes in the object. Compressed bytes can change and still give the same content: this sees it.</summary>
    public required uint StoredChecksum { get; init; }
}

/// <summary>Where a slot of a process begins; written once and never moved.</summary>
/// <param name="RemovedVersion">The process's version at which blocks of the slot were last removed; 0 for never.</param>
public readonly record struct SlotCut(int Slot, long BeginNs, long RemovedVersion);

/// <summary>What a partition is of. Global views have the empty process id.</summary>
public readonly record struct PartitionKey(string View, Guid ProcessId, int Slot);

/// <summary>The current generation of a partition.</summary>
public sealed record PartitionRow
{
    public required string View { get; init; }
    public required Guid ProcessId { get; init; }
    public required int Slot { get; init; }
    public required int SchemaVersion { get; init; }

    /// <summary>1 for the first that was published, then one more each.</summary>
    public required long Generation { get; init; }

    public required long Rows { get; init; }
    public required long Bytes { get; init; }

    /// <summary>The process's version that the rows were built from.</summary>
    public required long BuiltVersion { get; init; }

    public required long BuiltAtNs { get; init; }

    /// <summary>Object key of the file; empty where the partition has no rows and so no file.</summary>
    public required string Path { get; init; }

    /// <summary>JSON text, the lakehouse's own.</summary>
    public string Details { get; init; } = "{}";

    public PartitionKey Key => new(View, ProcessId, Slot);
}

/// <summary>What is registered of the ids and hashes that somebody asked for.</summary>
/// <param name="Erased">Of the processes that are not registered, those that were erased.</param>
public sealed record RegisteredRows(IReadOnlyList<ProcessRow> Processes, IReadOnlyList<StreamRow> Streams, IReadOnlySet<SchemaHash> Schemas, IReadOnlySet<Guid> Erased);

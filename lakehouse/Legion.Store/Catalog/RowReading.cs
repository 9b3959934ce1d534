using System.Data.Common;
using Legion.Format;

namespace Legion.Store;

/// <summary>Rows of the catalog as their records: one column list and one reader each, in the same order.</summary>
static class RowReading
{
    public const string ProcessColumns =
        "process_id, parent_process_id, exe, user, computer, os, cpu, runtime, start_ns, end_ns, end_reason, last_seen_ns, properties, version, record_version, removed_version, registered_ns";

    public static ProcessRow Process(DbDataReader row) => new()
    {
        ProcessId = Id(row, 0),
        ParentProcessId = row.IsDBNull(1) ? null : Id(row, 1),
        Exe = row.GetString(2),
        User = row.GetString(3),
        Computer = row.GetString(4),
        Os = row.GetString(5),
        Cpu = row.GetString(6),
        Runtime = row.GetString(7),
        StartNs = row.GetInt64(8),
        EndNs = row.IsDBNull(9) ? null : row.GetInt64(9),
        EndReason = row.IsDBNull(10) ? null : row.GetString(10),
        LastSeenNs = row.GetInt64(11),
        Properties = row.GetString(12),
        Version = row.GetInt64(13),
        RecordVersion = row.GetInt64(14),
        RemovedVersion = row.GetInt64(15),
        RegisteredNs = row.GetInt64(16),
    };

    public const string StreamColumns = "stream_id, process_id, class, name, thread_id, tags, properties, registration, record_version";

    public static StreamRow Stream(DbDataReader row) => new()
    {
        StreamId = Id(row, 0),
        ProcessId = Id(row, 1),
        Class = (StreamClass)row.GetInt32(2),
        Name = row.GetString(3),
        ThreadId = row.IsDBNull(4) ? null : (ulong)row.GetInt64(4),
        Tags = row.GetString(5),
        Properties = row.GetString(6),
        Registration = row.GetInt32(7),
        RecordVersion = row.GetInt64(8),
    };

    public const string BlockColumns =
        "block_id, stream_id, process_id, class, sequence, first_ordinal, next_ordinal, events, first_tick, last_tick, begin_ns, end_ns, "
        + "bytes, header_bytes, raw_bytes, encoding, flags, schema_hash, checksum, arrival, object_key, object_offset, stored_checksum";

    public static BlockRow Block(DbDataReader row) => new()
    {
        BlockId = Id(row, 0),
        StreamId = Id(row, 1),
        ProcessId = Id(row, 2),
        Class = (StreamClass)row.GetInt32(3),
        Sequence = (ulong)row.GetInt64(4),
        FirstOrdinal = (ulong)row.GetInt64(5),
        NextOrdinal = (ulong)row.GetInt64(6),
        Events = (uint)row.GetInt64(7),
        FirstTick = (ulong)row.GetInt64(8),
        LastTick = (ulong)row.GetInt64(9),
        BeginNs = row.GetInt64(10),
        EndNs = row.GetInt64(11),
        Bytes = row.GetInt32(12),
        HeaderBytes = row.GetInt32(13),
        RawBytes = row.GetInt32(14),
        Encoding = (ushort)row.GetInt32(15),
        Flags = (BlockFlags)row.GetInt64(16),
        Schema = new SchemaHash(row.GetFieldValue<byte[]>(17)),
        Checksum = (uint)row.GetInt64(18),
        Arrival = row.GetInt64(19),
        ObjectKey = row.GetString(20),
        ObjectOffset = row.GetInt64(21),
        StoredChecksum = (uint)row.GetInt64(22),
    };

    public const string PartitionColumns =
        "view, process_id, slot, schema_version, generation, row_count, bytes, built_version, built_at_ns, path, details";

    public static PartitionRow Partition(DbDataReader row) => new()
    {
        View = row.GetString(0),
        ProcessId = Id(row, 1),
        Slot = row.GetInt32(2),
        SchemaVersion = row.GetInt32(3),
        Generation = row.GetInt64(4),
        Rows = row.GetInt64(5),
        Bytes = row.GetInt64(6),
        BuiltVersion = row.GetInt64(7),
        BuiltAtNs = row.GetInt64(8),
        Path = row.GetString(9),
        Details = row.GetString(10),
    };

    public static Guid Id(DbDataReader row, int column) => new(row.GetFieldValue<byte[]>(column), bigEndian: true);

    public static byte[] Bytes(Guid id) => id.ToByteArray(bigEndian: true);
}

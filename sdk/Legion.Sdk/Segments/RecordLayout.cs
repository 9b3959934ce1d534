namespace Legion.Sdk;

/// <summary>What a record of a live segment says.</summary>
enum RecordKind : byte
{
    SpanBegin = 1,
    SpanBeginDynamic = 2,
    SpanEnd = 3,

    /// <summary>The innermost span ends and another begins at the same tick: two events.</summary>
    SpanNext = 4,
    ContextPush = 5,
    ContextPop = 6,
    Log = 7,
    Metric = 8,
    UserEvent = 9,

    /// <summary>What was lost before this record, and how many open spans and contexts ended meanwhile. No event.</summary>
    Resync = 10,
}

/// <summary>
/// How records lie in a live segment. Private to a version of the SDK and named in each segment's header.
/// A record is a multiple of 8 bytes: u8 kind, u8 detail (a log's level), u16 length in 8-byte words, u32 id of a declaration
/// or event shape, u64 tick, then what the kind adds.
/// </summary>
static class RecordLayout
{
    public const uint Version = 1;

    public const int PrefixBytes = 16;

    /// <summary>Most bytes after the prefix. Half a segment, so that a long text never wastes more than that.</summary>
    public const int MaxBodyBytes = 32 << 10;

    public static ulong Prefix(RecordKind kind, int bytes, uint id, byte detail = 0) =>
        (ulong)kind | (ulong)detail << 8 | (ulong)(uint)(bytes >> 3) << 16 | (ulong)id << 32;

    public static int Padded(int bytes) => bytes + 7 & ~7;
}

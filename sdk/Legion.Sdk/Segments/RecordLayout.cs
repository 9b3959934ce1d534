using System.Runtime.CompilerServices;

namespace Legion.Sdk;

/// <summary>What a record of a live segment says. No number is a multiple of 8: a first word that is one is the end of a span.</summary>
enum RecordKind : byte
{
    SpanBegin = 1,

    /// <summary>A name, arguments or both of its own.</summary>
    SpanBeginDynamic = 2,

    /// <summary>A span ends and another begins in its place at the same tick: two events. Adds the address of the begin.</summary>
    SpanNext = 3,
    SpanNextDynamic = 4,
    ContextPush = 5,

    /// <summary>Adds the address of the push.</summary>
    ContextPop = 6,
    /// <summary>Adds the arguments, each behind its tag.</summary>
    Log = 7,

    /// <summary>Adds the value.</summary>
    Metric = 9,

    /// <summary>A metric at the tick of the record before it. The value stands in the tick's place.</summary>
    MetricAtLast = 10,
    Count = 11,

    /// <summary>A metric or, with detail 1, a count, with properties of its own: adds the value, then the properties.</summary>
    MetricDynamic = 12,
    UserEvent = 13,

    /// <summary>Adds the number of the flow.</summary>
    Flow = 14,
    Marker = 15,
    Frame = 17,
    AsyncBegin = 18,
    AsyncEnd = 19,

    /// <summary>What was lost before this record, and which open spans and contexts ended meanwhile. No event.</summary>
    Resync = 20,

    /// <summary>A log of at most 16 arguments: adds a word with a tag of 4 bits for each, then the arguments, each at a multiple of 8 bytes.</summary>
    LogInPlace = 21,
}

/// <summary>
/// How records lie in a live segment. Private to a version of the SDK and named in the header of their file.
/// A record is a multiple of 8 bytes: u8 kind, u8 detail (a log's level), u16 length in 8-byte words, u32 id of a declaration
/// or event shape, u64 tick, then what the kind adds.
/// The end of a span, the most frequent record beside its begin, is the address of the begin's record instead, and the tick.
/// </summary>
static class RecordLayout
{
    public const uint Version = 3;

    public const int PrefixBytes = 16;

    /// <summary>Stands before each property that a log has behind its arguments, in the place of a value's tag.</summary>
    public const byte LogProperty = 0xFF;

    /// <summary>In the place of a tag of 4 bits: the key of a property, whose value is the next.</summary>
    public const byte LogPropertyBits = 0xF;

    /// <summary>Most bytes after the prefix. Half a segment, so that a long text never wastes more than that.</summary>
    public const int MaxBodyBytes = 32 << 10;

    /// <param name="bytes">A multiple of 8: a shift of 13 makes words of them and puts them behind the first 16 bits.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Prefix(RecordKind kind, int bytes, uint id, byte detail = 0) =>
        (ulong)kind | (ulong)detail << 8 | (ulong)(uint)bytes << 13 | (ulong)id << 32;

    public static bool IsSpanEnd(ulong firstWord) => (firstWord & 7) == 0;

    public static int Padded(int bytes) => bytes + 7 & ~7;
}

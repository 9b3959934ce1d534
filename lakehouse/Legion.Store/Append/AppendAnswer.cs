using Legion.Format;

namespace Legion.Store;

/// <summary>What became of a block of a batch. The names in lower case are those of the wire.</summary>
public enum BlockCode
{
    /// <summary>It is durable now.</summary>
    Stored,

    /// <summary>It was durable before.</summary>
    Exists,

    /// <summary>Its id is stored with other content; the first bytes stay, and the client is done with it.</summary>
    Conflict,

    /// <summary>It is damaged or contradicts what is registered, and never will be stored.</summary>
    Refused,

    /// <summary>Its process, stream or schema is unknown; send that, then the block again.</summary>
    Missing,
}

/// <param name="BlockId">The nil UUID where the block's header cannot be read.</param>
/// <param name="Reason">Why it was refused, is a conflict, or is taken for stored although it is not kept; otherwise null.</param>
public sealed record BlockAnswer(Guid BlockId, BlockCode Code, string? Reason)
{
    /// <summary>Reasons of blocks that nobody wants any more: the client is to forget them, as if they were stored.</summary>
    public const string Erased = "erased", Expired = "expired";
}

/// <summary>What became of a batch.</summary>
/// <param name="Blocks">In the order of the batch's blocks.</param>
/// <param name="Processes">Processes that the batch has records or blocks of and that are registered now, in order of first mention.</param>
public sealed record AppendAnswer(
    IReadOnlyList<BlockAnswer> Blocks,
    IReadOnlyList<SchemaHash> MissingSchemas,
    IReadOnlyList<Guid> MissingProcesses,
    IReadOnlyList<Guid> MissingStreams,
    IReadOnlyList<Guid> Processes)
{
    public bool IsMissingSomething => MissingSchemas.Count + MissingProcesses.Count + MissingStreams.Count > 0;
}

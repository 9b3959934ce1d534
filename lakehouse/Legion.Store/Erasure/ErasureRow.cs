using Legion.Format;

namespace Legion.Store;

/// <summary>What an erasure is of. The numbers are stored.</summary>
public enum ErasureKind
{
    Process = 1,

    /// <summary>All that belongs to a value of a property.</summary>
    Property = 2,
}

/// <summary>An erasure, as far as it has come.</summary>
public sealed record ErasureRow
{
    public required Guid ErasureId { get; init; }
    public required ErasureKind Kind { get; init; }

    /// <summary>Name of the property; empty for a process.</summary>
    public required string Property { get; init; }

    /// <summary>
    /// Text of the property's value, as <see cref="Redaction.TextOf"/> makes it; of a process that stands for a resource of OpenTelemetry the resource's digest in hexadecimal digits.
    /// Null for other processes, once all is rewritten, and where the ledger of another time asks for a value, which has its keyed hash alone.
    /// </summary>
    public string? Value { get; init; }

    /// <summary>Keyed hash of process or of property and value.</summary>
    public required ReadOnlyMemory<byte> Digest { get; init; }

    /// <summary>Blocks that begin later are not concerned when they come.</summary>
    public required long RequestedNs { get; init; }

    /// <summary>The last process that is done with, in order of ids; null where none is.</summary>
    public Guid? Position { get; init; }

    /// <summary>When no block that can be read had it any more.</summary>
    public long? RewrittenNs { get; init; }

    public long? FinishedNs { get; init; }

    public required ErasureCounts Counts { get; init; }

    /// <summary>JSON text, once the erasure is finished.</summary>
    public string? Receipt { get; init; }

    /// <summary>Whether nobody sees any more what was erased: a process is gone with the first commit, and a value's rows are left out by the value, until no block has them.</summary>
    public bool IsHidden => Kind == ErasureKind.Process || Value is not null || RewrittenNs is not null;
}

/// <summary>What an erasure took.</summary>
/// <param name="Processes">That went whole.</param>
/// <param name="Blocks">That went with them or were rewritten; so did requests that were not blocks yet.</param>
/// <param name="Events">That went, with processes or out of blocks and requests; those of requests that nobody can read are not counted.</param>
public readonly record struct ErasureCounts(long Processes, long Blocks, long Events)
{
    public static ErasureCounts operator +(ErasureCounts a, ErasureCounts b) => new(a.Processes + b.Processes, a.Blocks + b.Blocks, a.Events + b.Events);
}

/// <summary>What a keyed hash is of that remains of something erased. The numbers are stored.</summary>
public enum TombstoneKind
{
    Process = 1,

    /// <summary>A block that was rewritten: the same block as it was sent is taken for stored.</summary>
    Block = 2,
}

/// <summary>An object that takes the place of another, without what was erased.</summary>
/// <param name="OldKey">Where its blocks lie now. All that lie there are among the new ones.</param>
/// <param name="New">Null where no block of the old object counts.</param>
/// <param name="Rewritten">Those of its blocks that have other content than before.</param>
public sealed record ObjectReplacement(string OldKey, Guid ProcessId, NewObject? New, IReadOnlyCollection<Guid> Rewritten);

using Legion.Format;

namespace Legion.Store;

/// <summary>A view whose rows of many processes lie in files of their own.</summary>
/// <param name="View">The name of its partitions, which is none that SQL shows.</param>
/// <param name="RollupView">The name of the partitions that sum those up, one for each, under its number.</param>
/// <param name="Class">Of the streams whose blocks hold its rows.</param>
public sealed record GlobalName(string View, string RollupView, StreamClass Class);

/// <summary>
/// How partitions of many processes are numbered: their process id is empty, and their slot is a place on a day, so that no day has more files than places.
/// The day is the one under which the blocks are filed, by which retention drops them.
/// </summary>
public static class GlobalSlot
{
    public const int FilesPerDay = 64;

    /// <param name="day">Days since the Unix epoch.</param>
    /// <param name="place">From 0 to <see cref="FilesPerDay"/> - 1.</param>
    public static int Of(int day, int place) => day * FilesPerDay + place;

    public static int DayOf(int slot) => slot / FilesPerDay;
}

/// <summary>A process beside what the files of a global view have of it.</summary>
/// <param name="Version">Of the process; 0 where it has no block, or is gone.</param>
/// <param name="RemovedVersion">Of the process.</param>
/// <param name="Covered">What the files have; null: nothing.</param>
public sealed record GlobalProcess(Guid ProcessId, long Version, long RemovedVersion, GlobalCover? Covered)
{
    /// <summary>The process is not in the catalog any more.</summary>
    public bool IsGone { get; init; }

    /// <summary>Whether the files may hold rows of it that were removed: then none of its rows in them counts.</summary>
    public bool IsRemoved => Covered is { } covered && (IsGone || RemovedVersion > covered.RemovedVersion);

    /// <summary>Whether it may have blocks that the files have not.</summary>
    public bool IsBehind => !IsGone && Version > (IsRemoved ? 0 : Covered?.Version ?? 0);
}

/// <summary>What the files of a global view have of a process: the rows of all its blocks that arrived up to a version.</summary>
/// <param name="RemovedVersion">The last removal of blocks of the process that the files have heard of.</param>
/// <param name="FirstDay">The days under which its blocks are filed; where it has none, the last is before the first.</param>
public sealed record GlobalCover(Guid ProcessId, long Version, long RemovedVersion, int FirstDay, int LastDay)
{
    /// <summary>Names the conditions under which its rows were made, at most 64 characters; empty where the view has none, or none asks for the process, so that it has no rows.</summary>
    public string MadeUnder { get; init; } = "";
}

/// <summary>A global view at one moment.</summary>
/// <param name="Generation">How often its files changed; 0: nobody ever changed them.</param>
/// <param name="FirstDay">The files have nothing of blocks that are filed under earlier days.</param>
/// <param name="Processes">Those that were asked for, in order of id, then all others of which the files may hold rows that were removed.</param>
/// <param name="Blocks">Of the processes that were asked for and are behind, the blocks of the view's class that the files have not, in order of process and arrival.</param>
/// <param name="EarlierBlocks">The blocks of the view's class that are filed under days before the first, whosever they are: mostly there is none, as retention takes them just then.</param>
public sealed record GlobalState(long Generation, int FirstDay, IReadOnlyList<PartitionRow> Partitions, IReadOnlyList<GlobalProcess> Processes, IReadOnlyList<BlockRow> Blocks, IReadOnlyList<BlockRow> EarlierBlocks);

/// <summary>A change of the files of a global view, which happens as a whole.</summary>
public sealed record GlobalPublication
{
    /// <summary>By which it is known that this very change took effect.</summary>
    public required Guid Id { get; init; }

    public required GlobalName Name { get; init; }

    /// <summary>The generation of what it was made from.</summary>
    public required long ExpectedGeneration { get; init; }

    /// <summary>Of the view and its rollups, the partitions that become current.</summary>
    public IReadOnlyList<PartitionRow> Partitions { get; init; } = [];

    /// <summary>The partitions that there are no more.</summary>
    public IReadOnlyList<PartitionKey> Removed { get; init; } = [];

    /// <summary>What the files then have of some processes; of others it stays.</summary>
    public IReadOnlyList<GlobalCover> Covers { get; init; } = [];

    /// <summary>The processes of which the files then have nothing.</summary>
    public IReadOnlyList<Guid> Forgotten { get; init; } = [];

    /// <summary>The files that no partition names any more have what was erased.</summary>
    public bool DoomsReplaced { get; init; }
}

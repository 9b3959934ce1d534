using Legion.Store;

namespace Legion.Lakehouse.Sql;

/// <summary>What a query will build and read, without building or reading it.</summary>
/// <param name="Blocks">Those that it looks into by <c>parse_block</c>.</param>
/// <param name="SavedQueries">Those that it uses, itself or through others.</param>
public sealed record QueryPlan(IReadOnlyList<PlannedView> Views, IReadOnlyList<BlockRow> Blocks, IReadOnlyCollection<SavedQueryRow> SavedQueries);

/// <summary>What a query needs of a view; of one that comes from the catalog there is nothing but its name.</summary>
/// <param name="Slots">Slots that it reads.</param>
public sealed record PlannedView(string View, IReadOnlyList<Guid> Processes, int Slots)
{
    /// <summary>Files of many processes that it reads; null where it reads slots alone. They count among its slots.</summary>
    public int? Files { get; init; }

    /// <summary>Of the slots, those whose partition is current.</summary>
    public int Current { get; init; }

    /// <summary>Of the slots, those whose partition has to be built.</summary>
    public int Missing => Slots - Current;

    /// <summary>Size of the partitions that are current. The query reads of them what its conditions leave, and those columns that it names.</summary>
    public long PartitionBytes { get; init; }

    /// <summary>Stored bytes of the blocks to be decoded for those that are not.</summary>
    public long BlockBytes { get; init; }

    /// <summary>Rows of the partitions that are current, and for the others as many as their blocks may give: an event each, of spans half of that.</summary>
    public long EstimatedRows { get; init; }
}

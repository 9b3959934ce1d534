namespace Legion.Lakehouse.Sql;

/// <summary>How to run a query.</summary>
public sealed record QueryOptions
{
    /// <summary>Values of <c>$name</c> parameters: null, bool, integers, floats, strings, DateTime, Guid.</summary>
    public IReadOnlyDictionary<string, object?> Parameters { get; init; } = new Dictionary<string, object?>();

    /// <summary>Rows outside are left out of every view that is built from blocks.</summary>
    public QueryRange Range { get; init; }

    /// <summary>Asks for the columns of the result and not for its rows, so that nothing is built or read of views that are built from blocks.</summary>
    public bool ColumnsOnly { get; init; }

    /// <summary>Told while partitions are built.</summary>
    public IProgress<BuildProgress>? Progress { get; init; }
}

/// <summary>What a query will read, without reading it.</summary>
/// <param name="Slots">Slots that it reads, and of these how many have to be built.</param>
public sealed record PlannedView(string View, IReadOnlyList<Guid> Processes, int Slots);

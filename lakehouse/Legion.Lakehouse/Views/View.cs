using Legion.Format;

namespace Legion.Lakehouse;

/// <summary>Where the rows of a view come from.</summary>
public enum ViewSource
{
    /// <summary>The catalog, as it stands when the query begins.</summary>
    Catalog,

    /// <summary>Partitions, built from blocks when somebody looks.</summary>
    Blocks,

    /// <summary>SQL over another view.</summary>
    Derived,

    /// <summary>Sums over the rows of another view, in files beside its partitions of many processes; what these lack is summed up for the query.</summary>
    Rollups,
}

/// <summary>A named, typed table of the lakehouse.</summary>
/// <param name="SchemaVersion">Raised when a column changes its meaning; it stands in the path of every partition.</param>
/// <param name="NeedsProcess">A query must say which processes it reads; otherwise it may read up to <see cref="Views.MostProcesses"/> unnamed ones.</param>
public sealed record View(string Name, int SchemaVersion, ViewSource Source, bool NeedsProcess, string Meaning, IReadOnlyList<Column> Columns)
{
    /// <summary>Of a derived view the one that it is made from, and the SELECT that makes it; what narrows it by process narrows that one.</summary>
    public (View View, string Sql)? From { get; init; }

    /// <summary>Columns of partitions from which others are computed, see <see cref="Column.Computed"/>; SQL does not show them.</summary>
    public IReadOnlyList<Column> Packed { get; init; } = [];

    /// <summary>The columns that partitions store.</summary>
    public IReadOnlyList<Column> Stored => field ??= [.. Columns.Where(column => column.Computed is null), .. Packed];

    /// <summary>Whether rows of one stream lie together within each row group of a partition's file.</summary>
    public bool GroupsStreams { get; init; }

    /// <summary>A column that changes with time, of which each row group of a partition's file has one value, so that readers of some values pass over the others; null for none.</summary>
    public string? SplitBy { get; init; }

    /// <summary>Whether it is a level of a pyramid, which has far fewer rows than there are events.</summary>
    public bool IsPyramid { get; init; }

    /// <summary>Whether its rows come from following which spans of a thread are open: they rest on blocks before theirs, too.</summary>
    public bool FollowsSpans { get; init; }

    /// <summary>The classes of streams whose blocks hold its rows.</summary>
    public IReadOnlyList<StreamClass> Classes { get; init; } = [];

    /// <summary>The name of the streams whose blocks hold its rows, where they are not all of these classes.</summary>
    public string? StreamName { get; init; }

    /// <summary>Whether blocks of OpenTelemetry hold rows of it, too.</summary>
    public bool HoldsOpenTelemetry { get; init; }

    /// <summary>For <c>events.T</c> the name T of the event type, otherwise null.</summary>
    public string? EventType { get; init; }

    /// <summary>The column of the row's own time, by which rows are sorted in their partition; null for catalog views.</summary>
    public string? TimeColumn { get; init; }

    /// <summary>
    /// The column that names a thing of the process whose row with an end takes the place of the one without, wherever the two are stored;
    /// null where each row stands by itself.
    /// </summary>
    public string? EndedBy { get; init; }

    /// <summary>True where rows last from <c>begin_ns</c> to <c>end_ns</c>, and lie in the slot of the block that holds their end.</summary>
    public bool Lasts => TimeColumn == "begin_ns" && Name != "problems";

    public Column? Find(string column) => Columns.FirstOrDefault(candidate => candidate.Name.Equals(column, StringComparison.OrdinalIgnoreCase));
}

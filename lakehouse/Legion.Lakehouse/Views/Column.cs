namespace Legion.Lakehouse;

/// <summary>Types of columns, named after what SQL shows: VARCHAR, INTEGER, BIGINT, UBIGINT, DOUBLE, BOOLEAN, BLOB.</summary>
public enum ColumnType
{
    Text,
    Int32,
    Int64,
    UInt64,
    Float64,
    Boolean,
    Blob,
}

/// <summary>A column of a view.</summary>
/// <param name="Unit">The unit of its numbers, empty where there is none.</param>
/// <param name="Meaning">One sentence for SCHEMA.md, completion and hover.</param>
public sealed record Column(string Name, ColumnType Type, string Unit, string Meaning)
{
    /// <summary>SQL that computes it from the columns that partitions store in its place; null where they store it under its name.</summary>
    public string? Computed { get; init; }

    /// <summary>Whether its integers are few that come again and again, so that files keep a dictionary of them instead of their differences.</summary>
    public bool Repeats { get; init; }

    /// <summary>The name of the TIMESTAMP_NS twin that SQL shows beside a point in time (<c>x_ns</c>: <c>x_time</c>, <c>time_ns</c>: <c>time</c>), or null.</summary>
    public string? TimeTwin => Unit != UtcNs ? null : Name == "time_ns" ? "time" : Name[..^"_ns".Length] + "_time";

    /// <summary>The unit of points in time.</summary>
    public const string UtcNs = "ns UTC";

    public string SqlType => Type switch
    {
        ColumnType.Text => "VARCHAR",
        ColumnType.Int32 => "INTEGER",
        ColumnType.Int64 => "BIGINT",
        ColumnType.UInt64 => "UBIGINT",
        ColumnType.Float64 => "DOUBLE",
        ColumnType.Boolean => "BOOLEAN",
        _ => "BLOB",
    };
}

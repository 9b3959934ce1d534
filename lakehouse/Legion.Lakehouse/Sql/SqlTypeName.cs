namespace Legion.Lakehouse.Sql;

/// <summary>Types as SQL writes them; the engine's reader has names of its own for them.</summary>
static class SqlTypeName
{
    /// <param name="name">As the reader says it: Varchar, TimestampNs, UnsignedBigInt.</param>
    public static string Of(string name) => name switch
    {
        "TimestampNs" => "TIMESTAMP_NS",
        "TimestampMs" => "TIMESTAMP_MS",
        "TimestampS" => "TIMESTAMP_S",
        "TimestampTz" => "TIMESTAMP WITH TIME ZONE",
        "TimeTz" => "TIME WITH TIME ZONE",
        _ when name.StartsWith("Unsigned", StringComparison.Ordinal) => "U" + name["Unsigned".Length..].ToUpperInvariant(),
        _ => name.ToUpperInvariant(),
    };
}

namespace Legion.Lakehouse.Sql;

/// <summary>A query whose engine has all that it reads.</summary>
/// <param name="Receipt">What is known before it runs.</param>
/// <param name="Release">Lets go what was held for it, and ends its audit.</param>
sealed record BoundQuery(ParsedSql Parsed, IReadOnlyList<EngineParameter> Parameters, Receipt Receipt, Action Release);

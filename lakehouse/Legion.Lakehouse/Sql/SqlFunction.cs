namespace Legion.Lakehouse.Sql;

/// <summary>A way to call a function, as SCHEMA.md lists it.</summary>
/// <param name="Call">The name with its arguments.</param>
/// <param name="Returns">The SQL type of its result.</param>
/// <param name="Meaning">One or two sentences.</param>
public sealed record FunctionForm(string Call, string Returns, string Meaning);

/// <summary>A function that SQL has beside the engine's own; each query's engine gets those that the query names.</summary>
/// <param name="Forms">Ways to call it.</param>
/// <param name="Macro">What follows <c>CREATE MACRO name</c>: one overload or more. Null where the function is made for each query.</param>
public sealed record SqlFunction(string Name, IReadOnlyList<FunctionForm> Forms, string? Macro);

namespace Legion.Lakehouse.Sql;

/// <summary>The value of a parameter: null, bool, an integer, a float, text, DateTime.</summary>
readonly record struct EngineParameter(string Name, object? Value);

/// <summary>
/// The engine that one query has for itself, in this process (<see cref="InProcessEngine"/>) or in one of its own (<see cref="Workers.WorkerEngine"/>): it parses the SQL,
/// holds what is bound for it, and runs it.
/// </summary>
interface IQueryEngine : IDisposable
{
    /// <summary>Runs statements whose results are of no interest.</summary>
    /// <exception cref="EngineException">The engine refuses one.</exception>
    void Execute(string sql);

    /// <summary>The first column of a result as text.</summary>
    /// <exception cref="EngineException">The engine refuses it.</exception>
    IReadOnlyList<string?> ReadTexts(string sql, IReadOnlyList<EngineParameter> parameters, CancellationToken cancellation);

    /// <summary>Puts rows into a table of the engine's memory.</summary>
    /// <param name="rows">Of each its values in the order of columns: null, text, int, long or ulong.</param>
    /// <exception cref="EngineException">A value does not fit its column.</exception>
    void Append(string table, IEnumerable<object?[]> rows);
}

/// <summary>What an engine says that it cannot do, in its own words.</summary>
sealed class EngineException(string message, Exception? cause = null) : Exception(message, cause);

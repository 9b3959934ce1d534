namespace Legion.Lakehouse;

/// <summary>A query that cannot be answered as it stands: the message is one sentence that says what was seen and what to do.</summary>
/// <param name="position">Characters of the SQL before the place, where one is known.</param>
public sealed class QueryException(string message, int? position = null, Exception? cause = null) : Exception(message, cause)
{
    public int? Position { get; } = position;
}

/// <summary>Something that was named is not in the lake: a process, a view, a stream.</summary>
/// <param name="parameter">The part of the question that named it, where there are several.</param>
public sealed class NotInLakeException(string message, string? parameter = null) : Exception(message)
{
    public string? Parameter => parameter;
}

/// <summary>What a query was about to read was erased or expired while it read. Asked again it sees what is left.</summary>
public sealed class RemovedMeanwhileException(Guid processId)
    : IOException($"cannot read process {processId}: some of it was erased or expired meanwhile; ask again");

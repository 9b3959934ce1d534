namespace Legion.Store;

/// <summary>How a query ended.</summary>
public enum QueryOutcome
{
    Ok = 0,
    Failed = 1,
    Cancelled = 2,
}

/// <summary>A query that somebody asked.</summary>
/// <param name="AtNs">When it began, nanoseconds UTC.</param>
/// <param name="Actor">Who asked: an account of the machine, or the holder of a key or a token.</param>
/// <param name="DurationNs">From the question until its result was let go.</param>
/// <param name="Rows">Rows that were read of the result.</param>
/// <param name="PartitionBytes">Size of the partitions bound to it.</param>
/// <param name="Built">Partitions that were built for it.</param>
/// <param name="Detail">Why it failed; otherwise empty.</param>
/// <param name="PeakMemory">Most bytes its engine took at once; 0 where it did not come to an end.</param>
public sealed record QueryAuditRow(
    long AtNs, string Actor, string Sql, long DurationNs, long Rows, long PartitionBytes, int Built, QueryOutcome Outcome, string Detail, long PeakMemory);

using System.Diagnostics;
using Legion.Store;

namespace Legion.Lakehouse.Sql;

/// <summary>A query on its way, of which a row is kept once, when its result is let go or it has failed.</summary>
/// <param name="audit">Null: no row is kept.</param>
sealed class AuditedQuestion(QueryAudit? audit, string sql, string? actor)
{
    readonly string actor = actor ?? audit?.Actor ?? "";
    readonly long begun = Stopwatch.GetTimestamp();
    readonly DateTimeOffset at = audit?.Time.GetUtcNow() ?? default;
    int ended;

    /// <param name="receipt">Null where there was no answer.</param>
    /// <param name="failure">Why it broke off; null where it did not.</param>
    public void End(Receipt? receipt, Exception? failure)
    {
        if (audit is null || Interlocked.Exchange(ref ended, 1) != 0) return;
        audit.Add(new QueryAuditRow(
            (at - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick, actor, sql, Stopwatch.GetElapsedTime(begun).Ticks * TimeSpan.NanosecondsPerTick,
            receipt?.Rows ?? 0, receipt?.PartitionBytes ?? 0, receipt?.Build.Built ?? 0,
            failure switch { null => QueryOutcome.Ok, OperationCanceledException => QueryOutcome.Cancelled, _ => QueryOutcome.Failed },
            failure is null or OperationCanceledException ? "" : failure.Message, receipt?.PeakMemory ?? 0));
    }
}

namespace Legion.Viewer;

/// <summary>A range of time that a page shows, nanoseconds UTC, its end exclusive: whatever is asked of it is answered in buckets, so that the answer is never larger than a screen.</summary>
readonly record struct TimeWindow(long FromNs, long ToNs)
{
    public static TimeWindow Of(Question question)
    {
        if (question.Ns("from_ns") is not { } fromNs || question.Ns("to_ns") is not { } toNs) throw new MalformedQuestionException("expected from_ns and to_ns, saw none");
        // Within these bounds no difference overflows.
        return fromNs >= 0 && fromNs < toNs && toNs <= long.MaxValue / 2 ? new TimeWindow(fromNs, toNs)
            : throw new MalformedQuestionException($"expected from_ns from 0 and to_ns after it, saw {fromNs} and {toNs}");
    }

    /// <summary>Width of a bucket where so many cover the window.</summary>
    public long StepNs(int buckets) => (ToNs - FromNs + buckets - 1) / buckets;
}

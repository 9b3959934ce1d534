using Legion.Format;

namespace Legion.Store;

/// <summary>For how many days blocks of a class are kept. A class without a rule is kept for good.</summary>
public sealed record RetentionRule(Tenant Tenant, StreamClass Class, int Days)
{
    public const int MostDays = 36_500;

    const long NsPerDay = 86_400_000_000_000;

    /// <summary>The first day that is kept: today is the first of the rule's days.</summary>
    public int FirstDay(long nowNs) => (int)(nowNs / NsPerDay) - Days + 1;

    /// <summary>When a day begins, nanoseconds UTC.</summary>
    public static long BeginNs(int day) => day * NsPerDay;
}

/// <summary>What retention took.</summary>
public readonly record struct RetentionTotals(long Processes, long Blocks, long Bytes, long Objects, long Buckets)
{
    public static RetentionTotals operator +(RetentionTotals a, RetentionTotals b) =>
        new(a.Processes + b.Processes, a.Blocks + b.Blocks, a.Bytes + b.Bytes, a.Objects + b.Objects, a.Buckets + b.Buckets);
}

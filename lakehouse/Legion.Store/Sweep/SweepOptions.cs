namespace Legion.Store;

/// <summary>What a sweep takes.</summary>
public sealed record SweepOptions
{
    /// <summary>Until then nothing is swept: an upload or a query takes seconds. Less costs uploads and queries under way another try, more costs space.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromHours(6);

    /// <summary>Counts, and deletes nothing.</summary>
    public bool DryRun { get; init; }
}

/// <summary>What a sweep took, or would take.</summary>
public readonly record struct SweepTotals
{
    /// <summary>Objects and files that were looked at.</summary>
    public long Seen { get; init; }

    /// <summary>Objects without a block that counts, requests that no arrival names, and pages that no report names.</summary>
    public long Objects { get; init; }

    public long ObjectBytes { get; init; }

    /// <summary>Files that no partition names.</summary>
    public long ViewFiles { get; init; }

    public long ViewBytes { get; init; }

    /// <summary>Files of killed programs; a dry run does not count them.</summary>
    public long TemporaryFiles { get; init; }

    /// <summary>Objects whose key this program did not make; they stay.</summary>
    public long Unknown { get; init; }

    public static SweepTotals operator +(SweepTotals a, SweepTotals b) => new()
    {
        Seen = a.Seen + b.Seen,
        Objects = a.Objects + b.Objects,
        ObjectBytes = a.ObjectBytes + b.ObjectBytes,
        ViewFiles = a.ViewFiles + b.ViewFiles,
        ViewBytes = a.ViewBytes + b.ViewBytes,
        TemporaryFiles = a.TemporaryFiles + b.TemporaryFiles,
        Unknown = a.Unknown + b.Unknown,
    };
}

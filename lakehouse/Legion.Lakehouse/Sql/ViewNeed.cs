namespace Legion.Lakehouse.Sql;

/// <summary>What a query needs of a view: which processes, and which times at most. All its references together.</summary>
sealed class ViewNeed(View view)
{
    public View View { get; } = view;

    /// <summary>Null: whatever processes there are.</summary>
    public HashSet<Guid>? Processes { get; private set; }

    /// <summary>Rows that end before are not needed; nanoseconds UTC.</summary>
    public long FromNs { get; private set; } = long.MaxValue;

    /// <summary>Rows that lie after are not needed; nanoseconds UTC.</summary>
    public long ToNs { get; private set; } = long.MinValue;

    /// <summary>Rows that begin after are not needed; nanoseconds UTC, of a view whose rows last.</summary>
    public long BeginToNs { get; private set; } = long.MinValue;

    /// <summary>Adds what another reference to the view needs.</summary>
    public void Add(HashSet<Guid>? processes, long fromNs, long toNs, long beginToNs, bool first)
    {
        if (first) Processes = processes is null ? null : [.. processes];
        else if (processes is null) Processes = null;
        else Processes?.UnionWith(processes);
        FromNs = Math.Min(FromNs, fromNs);
        ToNs = Math.Max(ToNs, toNs);
        BeginToNs = Math.Max(BeginToNs, beginToNs);
    }
}

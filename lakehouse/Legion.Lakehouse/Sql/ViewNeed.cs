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

    /// <summary>Of sums, what is needed of the rows that they sum up: those of a time lie up to a day after its begin.</summary>
    public ViewNeed OfRows(View rows)
    {
        var need = new ViewNeed(rows);
        var toNs = Later(ToNs);
        need.Add(Processes, FromNs, rows.Lasts ? long.MaxValue : toNs, rows.Lasts ? toNs : long.MaxValue, first: true);
        return need;
    }

    /// <summary>A day later; what is as late as can be stays so.</summary>
    public static long Later(long ns) => ns > long.MaxValue - SlotCuts.DayNs ? long.MaxValue : ns + SlotCuts.DayNs;

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

namespace Legion.Lakehouse.Timeline;

/// <summary>Spans of one name under the same ancestors, merged.</summary>
public sealed class CallFrame
{
    readonly Dictionary<string, CallFrame> byName = new(0, StringComparer.Ordinal);
    CallFrame[] children = [];

    internal CallFrame(string name, CallFrame? parent) => (Name, Parent, Depth) = (name, parent, parent is null ? 0 : parent.Depth + 1);

    public string Name { get; }

    /// <summary>Null for a root.</summary>
    public CallFrame? Parent { get; }

    public int Depth { get; }

    /// <summary>Spans; 0 where only others below it lie in the time.</summary>
    public long Count { get; internal set; }

    /// <summary>Time of the spans, nanoseconds: its own and that of its children, so that they never have more than it.</summary>
    public long TotalNs { get; internal set; }

    /// <summary>Of it, what no child took.</summary>
    public long SelfNs { get; internal set; }

    /// <summary>The heaviest first; of those of one weight, by name.</summary>
    public IReadOnlyList<CallFrame> Children => children;

    internal CallFrame Child(string name)
    {
        if (!byName.TryGetValue(name, out var child)) byName.Add(name, child = new CallFrame(name, this));
        return child;
    }

    internal bool TryGetChild(string name, out CallFrame child) => byName.TryGetValue(name, out child!);

    /// <summary>The same with the spans of another frame, and all below it.</summary>
    internal void Add(CallFrame other)
    {
        Count += other.Count;
        SelfNs += other.SelfNs;
        foreach (var child in other.children) Child(child.Name).Add(child);
    }

    /// <summary>Sums up totals from below, and orders children. Call it once all spans are in.</summary>
    internal void Finish()
    {
        foreach (var child in byName.Values) child.Finish();
        TotalNs = SelfNs + byName.Values.Sum(child => child.TotalNs);
        Order();
    }

    /// <summary>Orders children where totals are there already.</summary>
    internal void Order() => children =
    [
        .. byName.Values.Where(child => child.Count > 0 || child.children.Length > 0)
            .OrderByDescending(child => child.TotalNs).ThenBy(child => child.Name, StringComparer.Ordinal),
    ];
}

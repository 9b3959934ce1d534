namespace Legion.Lakehouse.Timeline;

/// <summary>Merges the spans of one thread.</summary>
sealed class CallLaneBuilder
{
    /// <summary>As of the rows of <c>call_tree</c>, so that a part of a process looks as the whole does.</summary>
    const int MostFrames = 50_000;

    const int MostDepth = 256;

    readonly record struct Around(long Id, CallFrame Frame, bool IsLost);

    readonly List<Around> stack = [];
    readonly List<CallFrame> open = [];
    readonly HashSet<CallFrame> opened = [];
    int frames;

    /// <summary>Its children are the roots.</summary>
    public CallFrame Root { get; } = new("", null);

    /// <summary>Takes spans in the order in which they began, parents before their children.</summary>
    /// <param name="durationNs">What of it lies in the time.</param>
    /// <param name="isTruncated">Nobody knows when it ended: it does not count, and what it called has no parent.</param>
    public void Add(long id, long? parentId, int depth, string name, long durationNs, bool isTruncated)
    {
        if (stack.Count > depth) stack.RemoveRange(depth, stack.Count - depth);
        if (isTruncated) return;
        var around = depth > 0 && stack.Count == depth && stack[^1].Id == parentId ? stack[^1] : (Around?)null;
        var isLost = depth > 0 && around is not { IsLost: false };
        var frame = ChildOf(isLost ? ChildOf(Root, CallTree.Lost) : around?.Frame ?? Root, name);
        frame.Count++;
        frame.SelfNs += durationNs;
        if (around is { } parent) parent.Frame.SelfNs -= durationNs;
        // One whose parent is not there stands in its place, so that those below it are found.
        while (stack.Count < depth) stack.Add(new Around(long.MinValue, Root, IsLost: true));
        stack.Add(new Around(id, frame, isLost));
    }

    /// <summary>Takes a span that is open, the outermost first, where sums of those that ended are there already, with the time of their children as total.</summary>
    /// <param name="durationNs">For how long it has been.</param>
    public void AddOpen(int depth, string name, long durationNs)
    {
        if (depth > open.Count) return; // its parent was lost, and with it when it ends
        open.RemoveRange(depth, open.Count - depth);
        var frame = ChildOf(depth == 0 ? Root : open[^1], name);
        frame.Count++;
        frame.SelfNs += durationNs;
        open.Add(frame);
        opened.Add(frame);
    }

    public CallFrame Finished()
    {
        // What an open span called is not its own: what its frame's children have, less that of the children of spans that ended.
        foreach (var frame in opened.OrderByDescending(frame => frame.Depth))
        {
            var ofEnded = frame.TotalNs;
            frame.Finish();
            frame.SelfNs = Math.Max(0, frame.SelfNs - (frame.TotalNs - frame.SelfNs - ofEnded));
        }
        Root.Finish();
        return Root;
    }

    CallFrame ChildOf(CallFrame parent, string name)
    {
        if (parent.TryGetChild(name, out var known)) return known;
        if (frames >= MostFrames || parent.Depth >= MostDepth)
        {
            if (parent.Name == CallTree.Other) return parent;
            if (parent.TryGetChild(CallTree.Other, out known)) return known;
            name = CallTree.Other;
        }
        frames++;
        return parent.Child(name);
    }
}
